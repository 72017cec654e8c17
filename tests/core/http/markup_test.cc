#include "core/http/markup.h"

#include <gtest/gtest.h>

namespace fingerpost::http {
namespace {

TEST(Markup, IsWrittenAsReferences) {
  EXPECT_EQ(Escaped("<a href=\"x\">'&amp;é"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;é");
}

TEST(Markup, LeavesPlainTextWhereItIs) {
  std::string escaped;
  const std::string_view plain = "/orders/7829?a=b";
  EXPECT_EQ(Escaped(plain, escaped).data(), plain.data());
  EXPECT_EQ(Escaped("/?a=b&c", escaped), "/?a=b&amp;c");
}

}  // namespace
}  // namespace fingerpost::http
