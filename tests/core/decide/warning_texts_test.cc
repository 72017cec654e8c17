#include "core/decide/warning_texts.h"

#include <gmock/gmock.h>

namespace fingerpost::decide {
namespace {

TEST(WarningTexts, AreThereForEveryCode) {
  for (int i = 1; i <= v1::WARNING_CODE_MODIFIER_IGNORED; ++i) {
    const auto code = static_cast<v1::WarningCode>(i);
    EXPECT_EQ(FindWarningText(code).code, code) << v1::WarningCode_Name(code);
  }
}

}  // namespace
}  // namespace fingerpost::decide
