#include "core/http/hosts.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "core/http/fields.h"

namespace fingerpost::http {
namespace {

using testing::ElementsAre;

bool Matches(const std::string& url, const std::string& pattern) {
  return HostMatches(*ParseUrl(url), pattern);
}

std::vector<std::string> Faulty(const std::vector<std::string>& patterns, int limit = 256) {
  HostPatterns list;
  for (const std::string& pattern : patterns) *list.Add() = pattern;
  message::Faults faults;
  CheckHostPatterns(list, limit, "hosts", faults);
  std::vector<std::string> fields;
  for (const auto& fault : faults.list()) fields.push_back(ToString(fault.path));
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

// Patterns that are accepted without the URL parser are those that it would accept unchanged.
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
  for (const char* host : {"localhost",
                           "a.localhost",
                           "db",
                           "x.alt",
                           "y.home.arpa",
                           "x.intranet",
                           "x.lan",
                           "db.",
                           "svc.internal",
                           "printer.local",
                           "a.corp",
                           "127.0.0.1",
                           "10.1.2.3",
                           "172.16.0.1",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "224.0.0.1",
                           "2130706433",
                           "0x7f.1",
                           "[::1]",
                           "[::]",
                           "[fe80::1]",
                           "[fd00::1]",
                           "[::ffff:10.0.0.1]",
                           "[64:ff9b::a00:1]",
                           "[2002:a00:1::]",
                           "[2001:db8::1]",
                           "[ff02::1]"}) {
    EXPECT_TRUE(IsNotPublic(*ParseUrl(std::string("http://") + host + "/"))) << host;
  }
  for (const char* host :
       {"example.com", "local.example.com", "1.1.1.1", "172.32.0.1", "100.128.0.1",
        "[2606:4700::1]", "[::ffff:1.1.1.1]", "internal.example"}) {
    EXPECT_FALSE(IsNotPublic(*ParseUrl(std::string("http://") + host + "/"))) << host;
  }
}

TEST(Hosts, Loopback) {
  for (const char* host :
       {"localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1.2.3", "127.1.", "[::1]"}) {
    EXPECT_TRUE(IsLoopback(*ParseUrl(std::string("http://") + host + "/"))) << host;
  }
  for (const char* host :
       {"localhost.test", "alocalhost", "128.0.0.1", "0.0.0.0", "[::]", "[::ffff:7f00:1]"}) {
    EXPECT_FALSE(IsLoopback(*ParseUrl(std::string("http://") + host + "/"))) << host;
  }
}

// A relative reference leads to the same result as an absolute one.
TEST(Hosts, ABaseTellsWhatItsUrlTells) {
  for (const char* host : {"127.0.0.1", "0x7f.1", "8.8.8.8", "[::1]", "[2606:4700::1]",
                           "[::ffff:10.0.0.1]", "localhost", "a.test"}) {
    const Url whole = *ParseUrl(std::string("http://") + host + "/x");
    const Url base = *ParseUrl(std::string("http://") + host + "/dir/");
    const Url relative = *ParseUrl("/x", &base);
    ASSERT_EQ(whole.get_href(), relative.get_href());
    EXPECT_EQ(IsIpAddress(whole), IsIpAddress(relative)) << host;
    EXPECT_EQ(IsNotPublic(whole), IsNotPublic(relative)) << host;
    EXPECT_EQ(IsLoopback(whole), IsLoopback(relative)) << host;
    EXPECT_EQ(IsTrustworthy(whole), IsTrustworthy(relative)) << host;
    EXPECT_EQ(HostDenied(whole, "10.0.0.1"), HostDenied(relative, "10.0.0.1")) << host;
    EXPECT_EQ(HostMatches(whole, ".0.0.1"), HostMatches(relative, ".0.0.1")) << host;
  }
  EXPECT_FALSE(IsIpAddress(*ParseUrl("http://a1.test/")));
  EXPECT_FALSE(IsIpAddress(*ParseUrl("http://1.test/")));
  EXPECT_TRUE(IsNotPublic(*ParseUrl("http://8.8.8..../"))) << "numbers that are no address";
}

TEST(Hosts, ReservedNames) {
  for (const char* host : {"test", "a.test", "A.TEST.", "x.invalid", "y.onion"})
    EXPECT_TRUE(IsReservedName(*ParseUrl(std::string("http://") + host + "/"))) << host;
  for (const char* host : {"atest", "test.example", "x.onions", "127.0.0.1"})
    EXPECT_FALSE(IsReservedName(*ParseUrl(std::string("http://") + host + "/"))) << host;
}

// The IANA special-purpose registries, each block from its first address to its last.
TEST(Hosts, NotPublicFromTheFirstAddressToTheLast) {
  struct Block {
    const char *before, *first, *last,
        *after;  // before, after: nullptr if they are not public either.
  };
  constexpr Block kBlocks[] = {
      {nullptr, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "255.255.255.255", nullptr},
      {nullptr, "[::]", "[::808:808]", nullptr},
      {nullptr, "[::1:0:0]", "[::fffe:ffff:ffff]", nullptr},
      {nullptr, "[::ffff:a00:0]", "[::ffff:aff:ffff]", "[::ffff:b00:0]"},
      {nullptr, "[::1:0:808:808]", "[64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff]", nullptr},
      {nullptr, "[64:ff9b::a00:0]", "[64:ff9b::aff:ffff]", "[64:ff9b::b00:0]"},
      {"[64:ff9b::808:808]", "[64:ff9b::1:808:808]", "[1fff:ffff::808:808]", "[2000::]"},
      {"[2000:ffff::]", "[2001::]", "[2001:1ff:ffff::]", "[2001:200::]"},
      {"[2001:db7:ffff::]", "[2001:db8::]", "[2001:db8:ffff::]", "[2001:db9::]"},
      {"[2002:9ff:ffff::]", "[2002:a00::]", "[2002:aff:ffff::]", "[2002:b00::]"},
      {"[2003::]", "[3fff::]", "[3fff:fff:ffff::]", "[3fff:1000::]"},
      {"[3fff:ffff::]", "[4000::]", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]", nullptr},
  };
  const auto not_public = [](const char* host) {
    return IsNotPublic(*ParseUrl(std::string("http://") + host + "/"));
  };
  for (const Block& block : kBlocks) {
    EXPECT_TRUE(not_public(block.first)) << block.first;
    EXPECT_TRUE(not_public(block.last)) << block.last;
    if (block.before != nullptr) {
      EXPECT_FALSE(not_public(block.before)) << block.before;
    }
    if (block.after != nullptr) {
      EXPECT_FALSE(not_public(block.after)) << block.after;
    }
  }
}

}  // namespace
}  // namespace fingerpost::http
