// The jar: storage and retrieval by RFC 6265bis, rule by rule.
#include "core/follow/cookie_jar.h"

#include <gtest/gtest.h>

#include "core/follow/set_cookie.h"

namespace fingerpost::follow {
namespace {

constexpr int64_t kNow = 1700000000;  // 2023-11-14T22:13:20Z

class JarTest : public ::testing::Test {
 protected:
  // Stores one response's Set-Cookie lines; returns the reasons of those that were refused.
  std::string Set(std::string_view from, std::initializer_list<std::string> lines) {
    http::Headers headers;
    for (const std::string& line : lines) {
      v1::Header& header = *headers.Add();
      header.set_name("set-cookie");
      http::SetValue(header, line);
    }
    touched_.clear();
    google::protobuf::RepeatedPtrField<v1::Warning> warnings;
    StoreCookies(headers, *http::ParseUrl(from), Context(), jar_, touched_, warnings);
    std::string refused;
    for (const v1::Warning& warning : warnings) refused += warning.message() + "\n";
    return refused;
  }
  std::string Get(std::string_view url, std::string_view method = "GET") {
    std::string field;
    for (const v1::Cookie* cookie : CookiesFor(jar_, *http::ParseUrl(url), method, Context())) {
      field += (field.empty() ? "" : "; ") +
               (cookie->name().empty() ? std::string() : cookie->name() + "=") + cookie->value();
    }
    return field;
  }
  [[nodiscard]] CookieContext Context() const { return {first_, now_, rule_}; }

  CookieJar jar_;
  std::vector<std::string> touched_;
  int64_t now_ = kNow;
  http::Url first_ = *http::ParseUrl("https://www.shop.test/");
  SameSiteRule rule_ = SameSiteRule::kTopLevel;
};

TEST_F(JarTest, NamesAndValues) {
  EXPECT_EQ(
      Set("https://www.shop.test/", {"a=1", " b = 2 ; x", "=c", "d", "e=f=g", "h=\"i j\"", "k="}),
      "");
  EXPECT_EQ(Get("https://www.shop.test/"), "a=1; b=2; d; e=f=g; h=\"i j\"; k=");
  EXPECT_NE(
      Set("https://www.shop.test/", {"", "=", " ; Path=/", "a=1\x01", std::string("n\0=1", 4)}),
      "");
  EXPECT_EQ(Get("https://www.shop.test/"), "a=1; b=2; d; e=f=g; h=\"i j\"; k=")
      << "nothing of it was stored";
}

TEST_F(JarTest, SizeOfNameAndValue) {
  EXPECT_EQ(Set("https://www.shop.test/", {"a=" + std::string(4095, 'x')}), "");
  EXPECT_NE(Set("https://www.shop.test/", {"b=" + std::string(4096, 'x')}).find("4096"),
            std::string::npos);
  // An attribute of more than 1024 octets is ignored.
  EXPECT_EQ(Set("https://www.shop.test/a/b", {"c=1; Path=/" + std::string(1024, 'p')}), "");
  EXPECT_EQ(jar_[1].path(), "/a");
}

TEST_F(JarTest, Domain) {
  EXPECT_EQ(Set("https://www.shop.test/",
                {"host=1", "dom=1; Domain=shop.test", "dot=1; Domain=.SHOP.test",
                 "self=1; domain=www.shop.test", "empty=1; Domain="}),
            "");
  EXPECT_EQ(Get("https://www.shop.test/"), "host=1; dom=1; dot=1; self=1; empty=1");
  EXPECT_EQ(Get("https://shop.test/"), "dom=1; dot=1");
  EXPECT_EQ(Get("https://x.www.shop.test/"), "dom=1; dot=1; self=1");
  EXPECT_EQ(Get("https://myshop.test/"), "");
  EXPECT_NE(Set("https://www.shop.test/", {"x=1; Domain=other.test"}), "");
  EXPECT_NE(Set("https://www.shop.test/", {"x=1; Domain=a.www.shop.test"}), "");
  EXPECT_NE(Set("https://www.shop.test/", {"x=1; Domain=op.test"}), "");
  EXPECT_NE(Set("https://www.shop.test/", {"x=1; Domain=sh\xC3\xB6p.test"}), "");
}

TEST_F(JarTest, PublicSuffixes) {
  first_ = *http::ParseUrl("https://me.co.uk/");
  EXPECT_NE(Set("https://me.co.uk/", {"a=1; Domain=co.uk"}), "");
  EXPECT_NE(Set("https://me.co.uk/", {"a=1; Domain=co.UK"}), "") << "CVE-2023-46218";
  EXPECT_NE(Set("https://me.co.uk./", {"a=1; Domain=co.uk."}), "") << "CVE-2022-27779";
  EXPECT_NE(Set("https://me.github.io/", {"a=1; Domain=github.io"}), "");
  // A site on a public suffix may set cookies only for itself.
  first_ = *http::ParseUrl("https://github.io/");
  EXPECT_EQ(Set("https://github.io/", {"b=1; Domain=github.io"}), "");
  EXPECT_EQ(Get("https://github.io/"), "b=1");
  EXPECT_EQ(Get("https://me.github.io/"), "");
}

TEST_F(JarTest, Addresses) {
  first_ = *http::ParseUrl("https://127.0.0.1/");
  EXPECT_EQ(Set("https://127.0.0.1/", {"a=1", "b=1; Domain=127.0.0.1"}), "");
  EXPECT_NE(Set("https://127.0.0.1/", {"c=1; Domain=0.0.1"}), "");
  EXPECT_EQ(Get("https://127.0.0.1:8443/"), "a=1; b=1") << "ports do not matter";
  EXPECT_EQ(Get("https://127.0.0.2/"), "");
}

TEST_F(JarTest, Path) {
  EXPECT_EQ(Set("https://www.shop.test/a/b/c", {"def=1", "root=1; Path=/", "ab=1; Path=/a/b",
                                                "slash=1; Path=/a/b/", "rel=1; Path=x"}),
            "");
  EXPECT_EQ(Get("https://www.shop.test/a/b/c?q"), "slash=1; def=1; ab=1; rel=1; root=1")
      << "longer paths first, then by age";
  EXPECT_EQ(Get("https://www.shop.test/a/b"), "def=1; ab=1; rel=1; root=1");
  EXPECT_EQ(Get("https://www.shop.test/a/bc"), "root=1");
  EXPECT_EQ(Get("https://www.shop.test/"), "root=1");
}

TEST_F(JarTest, ReplacingKeepsTheAge) {
  Set("https://www.shop.test/", {"a=1", "b=1"});
  Set("https://www.shop.test/", {"a=2"});
  EXPECT_EQ(Get("https://www.shop.test/"), "a=2; b=1");
  EXPECT_EQ(touched_, std::vector<std::string>{"a"});
  Set("https://www.shop.test/", {"a=3; Domain=shop.test"});
  EXPECT_EQ(Get("https://www.shop.test/"), "a=2; b=1; a=3")
      << "a domain cookie is another one than a host's";
}

TEST_F(JarTest, Expiry) {
  EXPECT_EQ(Set("https://www.shop.test/",
                {"s=1", "m=1; Max-Age=60", "e=1; Expires=Tue, 14 Nov 2023 22:14:20 GMT",
                 "both=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                 "far=1; Max-Age=99999999999999999999", "bad=1; Max-Age=+5; Expires=soon"}),
            "");
  EXPECT_EQ(Get("https://www.shop.test/"), "s=1; m=1; e=1; both=1; far=1; bad=1");
  EXPECT_EQ(jar_[4].expires().seconds(), kNow + 400 * 86400) << "400 days at most";
  EXPECT_FALSE(jar_[5].has_expires());
  now_ = kNow + 59;
  EXPECT_EQ(Get("https://www.shop.test/"), "s=1; m=1; e=1; both=1; far=1; bad=1");
  now_ = kNow + 60;
  EXPECT_EQ(Get("https://www.shop.test/"), "s=1; far=1; bad=1");
  EXPECT_EQ(Set("https://www.shop.test/", {"s=; Max-Age=0", "far=; Max-Age=-1",
                                           "bad=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}),
            "");
  EXPECT_EQ(Get("https://www.shop.test/"), "");
  EXPECT_EQ(touched_.size(), 3U);
}

TEST_F(JarTest, WithoutATimeOnlyTheEpochHasPassed) {
  now_ = 0;
  Set("https://www.shop.test/",
      {"a=1; Max-Age=60", "b=1; Expires=Tue, 14 Nov 2023 22:14:20 GMT", "c=1", "d=1"});
  Set("https://www.shop.test/", {"c=; Max-Age=0", "d=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"});
  EXPECT_EQ(Get("https://www.shop.test/"), "a=1; b=1");
}

TEST_F(JarTest, Secure) {
  EXPECT_EQ(Set("https://www.shop.test/", {"s=1; Secure"}), "");
  first_ = *http::ParseUrl("http://www.shop.test/");
  EXPECT_EQ(Get("http://www.shop.test/"), "");
  EXPECT_NE(Set("http://www.shop.test/", {"t=1; Secure"}), "");
  EXPECT_NE(Set("http://www.shop.test/", {"s=2"}), "") << "no shadow over http";
  EXPECT_NE(Set("http://www.shop.test/", {"s=2; Domain=shop.test"}), "");
  EXPECT_EQ(Set("http://www.shop.test/", {"u=2"}), "");
  EXPECT_EQ(Get("http://www.shop.test/"), "u=2");
}

TEST_F(JarTest, Prefixes) {
  EXPECT_EQ(Set("https://www.shop.test/a/", {"__Secure-a=1; Secure", "__Host-a=1; Secure; Path=/"}),
            "");
  for (const char* line :
       {"__Secure-b=1", "__SECURE-b=1", "__Host-b=1; Path=/", "__Host-b=1; Secure",
        "__Host-b=1; Secure; Path=/a", "__host-b=1; Secure; Path=/; Domain=shop.test",
        "=__Host-b=1", "__Secure-"}) {
    EXPECT_NE(Set("https://www.shop.test/a/", {line}), "") << line;
  }
}

TEST_F(JarTest, SameSite) {
  EXPECT_EQ(Set("https://www.shop.test/", {"n=1; SameSite=None; Secure", "l=1; SameSite=lax",
                                           "s=1; SameSite=STRICT", "d=1", "u=1; SameSite=odd"}),
            "");
  EXPECT_NE(Set("https://www.shop.test/", {"x=1; SameSite=None"}), "");
  EXPECT_EQ(Get("https://www.shop.test/"), "n=1; l=1; s=1; d=1; u=1");
  first_ = *http::ParseUrl("https://api.shop.test/");
  EXPECT_EQ(Get("https://www.shop.test/", "POST"), "n=1; l=1; s=1; d=1; u=1")
      << "same site, another origin";
  first_ = *http::ParseUrl("https://evil.test/");
  EXPECT_EQ(Get("https://www.shop.test/"), "n=1; l=1; d=1; u=1");
  EXPECT_EQ(Get("https://www.shop.test/", "POST"), "n=1");
  first_ = *http::ParseUrl("http://www.shop.test/");
  EXPECT_EQ(Get("https://www.shop.test/", "POST"), "n=1") << "another scheme is another site";
  rule_ = SameSiteRule::kSubresource;
  EXPECT_EQ(Get("https://www.shop.test/"), "n=1");
  EXPECT_NE(Set("https://www.shop.test/", {"y=1"}), "");
  rule_ = SameSiteRule::kIgnored;
  EXPECT_EQ(Get("https://www.shop.test/", "POST"), "n=1; l=1; s=1; d=1; u=1");
}

TEST_F(JarTest, LimitOfADomain) {
  Set("https://www.shop.test/", {"first=1; Secure"});
  for (int i = 0; i < 185; ++i) Set("https://www.shop.test/", {"c" + std::to_string(i) + "=1"});
  EXPECT_EQ(jar_.size(), 180);
  EXPECT_EQ(jar_[0].name(), "first") << "those without Secure go first";
  EXPECT_EQ(jar_[1].name(), "c6") << "the oldest of them";
  EXPECT_EQ(jar_[179].name(), "c184");
}

TEST_F(JarTest, LimitOfAllDomains) {
  for (int host = 0; host < 11; ++host) {
    for (int i = 0; i < 100; ++i)
      Set("https://h" + std::to_string(host) + ".test/", {"c" + std::to_string(i) + "=1"});
  }
  EXPECT_EQ(jar_.size(), 1000);
  EXPECT_EQ(jar_[0].domain(), "h1.test");
}

TEST_F(JarTest, AWithheldSetCookieIsSaid) {
  http::Headers headers;
  headers.Add()->set_name("Set-Cookie");
  google::protobuf::RepeatedPtrField<v1::Warning> warnings;
  StoreCookies(headers, first_, Context(), jar_, touched_, warnings);
  EXPECT_EQ(warnings.size(), 1);
  EXPECT_TRUE(jar_.empty());
}

TEST(JarCheck, NamesEveryFault) {
  CookieJar jar;
  v1::Cookie& good = *jar.Add();
  good.set_name("a");
  good.set_domain("a.test");
  good.set_path("/");
  v1::Cookie& bad = *jar.Add();
  bad.set_name("a;b");
  bad.set_value("x\r\ny");
  bad.set_domain("A.test");
  bad.set_path("x");
  bad.mutable_expires()->set_seconds(-62135596801);  // the year 0
  v1::Cookie& empty = *jar.Add();
  empty.set_domain("a.test");
  empty.set_path("/");
  message::Faults faults;
  CheckJar(jar, kBrowserJar, faults);
  std::string fields;
  for (const auto& fault : faults.list()) fields += ToString(fault.path) + " ";
  EXPECT_EQ(fields,
            "chain.cookies[1].name chain.cookies[1].value chain.cookies[1].domain "
            "chain.cookies[1].path chain.cookies[1].expires chain.cookies[2] ");
}

}  // namespace
}  // namespace fingerpost::follow
