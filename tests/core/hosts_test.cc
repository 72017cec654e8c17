#include "core/hosts.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "core/fields.h"

namespace fingerpost {
namespace {

using testing::ElementsAre;

bool Matches(const std::string& url, const std::string& pattern) {
  return HostMatches(*ParseUrl(url), pattern);
}

std::vector<std::string> Faulty(const std::vector<std::string>& patterns, int limit = 256) {
  HostPatterns list;
  for (const std::string& pattern : patterns) *list.Add() = pattern;
  v1::Error error;
  Violations violations(error);
  CheckHostPatterns(list, limit, "hosts", violations);
  std::vector<std::string> fields;
  for (const auto& violation : error.violations()) fields.push_back(violation.field());
  return fields;
}

TEST(Hosts, MatchExactly) {
  EXPECT_TRUE(Matches("https://shop.example.com/", "shop.example.com"));
  EXPECT_TRUE(Matches("http://SHOP.example.com:80/", "shop.Example.com"));
  EXPECT_TRUE(
      Matches("https://b\xC3\xBC"
              "cher.example/",
              "xn--bcher-kva.example"));
  EXPECT_TRUE(Matches("http://0x7f.1/", "127.0.0.1"));
  EXPECT_TRUE(Matches("http://[0:0::1]/", "[::1]"));
  for (const char* url :
       {"https://example.com/", "https://a.shop.example.com/", "https://evilshop.example.com/",
        "https://shop.example.com.evil.test/", "https://shop.example.com./",
        "https://shop.example.com:8443/", "https://shop.example.com@evil.test/"}) {
    EXPECT_FALSE(Matches(url, "shop.example.com")) << url;
  }
}

TEST(Hosts, MatchSubdomainsAtADot) {
  for (const char* url :
       {"https://example.com/", "https://a.example.com/", "https://a.b.example.com/"}) {
    EXPECT_TRUE(Matches(url, ".example.com")) << url;
  }
  for (const char* url : {"https://evil-example.com/", "https://evilexample.com/", "https://com/",
                          "https://example.com.evil.test/", "https://a.example.com:8443/"}) {
    EXPECT_FALSE(Matches(url, ".example.com")) << url;
  }
  EXPECT_FALSE(Matches("http://1.2.3.4/", ".3.4"));
}

TEST(Hosts, MatchPorts) {
  EXPECT_TRUE(Matches("https://example.com:8443/", "example.com:8443"));
  EXPECT_TRUE(Matches("https://a.example.com:8443/", ".example.com:8443"));
  EXPECT_TRUE(Matches("https://example.com/", "example.com:443"));
  EXPECT_TRUE(Matches("http://[::1]:8080/", "[::1]:8080"));
  EXPECT_FALSE(Matches("http://example.com/", "example.com:443"));
  EXPECT_FALSE(Matches("https://example.com/", "example.com:8443"));
  EXPECT_FALSE(Matches("http://[::1]:8080/", "[::1]"));
}

TEST(Hosts, PatternsThatCannotMatchAreNamed) {
  EXPECT_THAT(Faulty({"example.com", ".example.com", "Example.COM", "example.com:8443", "[::1]",
                      "127.0.0.1", "xn--bcher-kva.example", "a_b.example", "localhost"}),
              testing::IsEmpty());
  EXPECT_THAT(Faulty({"", ".", "*.example.com", "https://example.com", "example.com/", "a b", "a\n",
                      "example.com:", "example.com:99999", "example.com:x", "u@example.com",
                      "b\303\274cher.example", "0x7f.1", "a..b:x", "%61.example"}),
              testing::SizeIs(15));
  EXPECT_THAT(Faulty({"a.test", "b.test"}, 1), ElementsAre("hosts"));
}

// What is accepted without asking the URL parser is what it would have accepted as it stands.
TEST(Hosts, AcceptedNamesAreTheParsersOwn) {
  std::mt19937_64 random(7);
  constexpr std::string_view kPieces[] = {"a",  "x", "n",    "0",  "9",  "-",
                                          "--", ".", "xn--", "0x", "com"};
  int accepted = 0;
  for (int i = 0; i < 50000; ++i) {
    std::string name;
    for (auto pieces = random() % 6; pieces < 6; ++pieces)
      name += kPieces[random() % std::size(kPieces)];
    if (name.empty() || name[0] == '.' || !Faulty({name}).empty()) continue;
    ++accepted;
    const auto url = ParseUrl("https://" + name + "/");
    ASSERT_TRUE(url) << name;
    ASSERT_EQ(url->get_hostname(), name);
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Hosts, NotPublic) {
  for (const char* host : {"localhost",        "a.localhost",     "db",
                           "svc.internal",     "printer.local",   "a.corp",
                           "127.0.0.1",        "10.1.2.3",        "172.16.0.1",
                           "192.168.1.1",      "169.254.169.254", "100.64.0.1",
                           "0.0.0.0",          "224.0.0.1",       "2130706433",
                           "0x7f.1",           "[::1]",           "[::]",
                           "[fe80::1]",        "[fd00::1]",       "[::ffff:10.0.0.1]",
                           "[64:ff9b::a00:1]", "[2002:a00:1::]",  "[2001:db8::1]",
                           "[ff02::1]"}) {
    EXPECT_TRUE(IsNotPublic(*ParseUrl(std::string("http://") + host + "/"))) << host;
  }
  for (const char* host :
       {"example.com", "local.example.com", "1.1.1.1", "172.32.0.1", "100.128.0.1",
        "[2606:4700::1]", "[::ffff:1.1.1.1]", "internal.example"}) {
    EXPECT_FALSE(IsNotPublic(*ParseUrl(std::string("http://") + host + "/"))) << host;
  }
}

}  // namespace
}  // namespace fingerpost
