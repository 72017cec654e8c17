#include "core/http/url.h"

#include <gmock/gmock.h>

namespace fingerpost::http {
namespace {

TEST(Url, OriginsAndPorts) {
  const auto url = [](const char* text) { return *ParseUrl(text); };
  EXPECT_TRUE(SameOrigin(url("https://A.test:443/x"), url("https://a.test/y?z#w")));
  EXPECT_FALSE(SameOrigin(url("https://a.test/"), url("http://a.test/")));
  EXPECT_FALSE(SameOrigin(url("https://a.test/"), url("https://a.test:8443/")));
  EXPECT_FALSE(SameOrigin(url("https://a.test/"), url("https://a.test./")));
  EXPECT_EQ(EffectivePort(url("https://a.test/")), 443);
  EXPECT_EQ(EffectivePort(url("http://a.test:8080/")), 8080);
  EXPECT_EQ(EffectivePort(url("mailto:a@b.test")), 0);
  EXPECT_EQ(OriginOf(url("https://u:p@a.test:8443/x?y#z")), "https://a.test:8443");
}

TEST(Url, WhatIsSaidAndWhatIsNot) {
  const auto url = *ParseUrl("https://user:secret@a.test/p?token=x#y");
  EXPECT_EQ(Redacted(url), "https://a.test/p");
  EXPECT_TRUE(HasUserinfo(url));
  Url stripped = url;
  StripUserinfo(stripped);
  EXPECT_EQ(stripped.get_href(), "https://a.test/p?token=x#y");
  EXPECT_EQ(WithoutFragment(stripped), "https://a.test/p?token=x");
  EXPECT_EQ(WithoutFragment(*ParseUrl("https://a.test/#")), "https://a.test/");
  EXPECT_EQ(WithoutFragment(*ParseUrl("https://a.test/")), "https://a.test/");
}

}  // namespace
}  // namespace fingerpost::http
