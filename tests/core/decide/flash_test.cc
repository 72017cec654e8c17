#include <gmock/gmock.h>

#include <string>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

using testing::ElementsAre;

// It would be shown forever, or to others. If no page follows, it is merely without effect.
TEST(Flash, IsRefusedOnAPermanentRedirect) {
  const auto answer = [](const std::string& rest) {
    return Ask(
        "request { method: 'POST' url: 'https://a.test/x' } intent { target: '/y' flash { text: "
        "'x' } " +
        rest + " }");
  };
  for (const char* purpose : {"PURPOSE_PERMANENT_MOVE", "PURPOSE_CANONICAL_URL"}) {
    const auto refused = answer(std::string("purpose: ") + purpose);
    EXPECT_EQ(refused.outcome(), v1::OUTCOME_REFUSE) << purpose;
    EXPECT_EQ(refused.reason().code(), v1::REASON_CODE_FLASH_ON_PERMANENT) << purpose;
  }
  const auto ignored = answer("purpose: PURPOSE_TEMPORARY_MOVE");
  EXPECT_EQ(FieldOf(ignored, "Set-Cookie"), "<none>");
  EXPECT_THAT(WarningsOf(ignored), ElementsAre(v1::WARNING_CODE_MODIFIER_IGNORED));
}

}  // namespace
}  // namespace fingerpost::decide
