#include "core/http/fields.h"

#include <gmock/gmock.h>

#include <string>

#include "core/http/lines.h"

namespace fingerpost::http {
namespace {

TEST(Fields, Tokens) {
  for (const char* token : {"GET", "x-y_z.0", "!#$%&'*+-.^_`|~"})
    EXPECT_TRUE(IsToken(token)) << token;
  for (const char* other : {"", "a b", "a:b", "a/b", "\"a\"", "a\n", "\xC3\xBC", "a\x7F"}) {
    EXPECT_FALSE(IsToken(other)) << other;
  }
}

// Every octet, at every place of texts of every length, gives the same result as one octet at a
// time.
TEST(Fields, ControlsAreFoundAnywhere) {
  for (size_t length = 1; length < 20; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (int octet = 0; octet < 256; ++octet) {
        std::string text(length, 'a');
        text[at] = static_cast<char>(octet);
        ASSERT_EQ(HasControl(text), octet < 0x20 || octet == 0x7F) << octet << " at " << at;
        ASSERT_EQ(HasLineEnd(text), octet == '\r' || octet == '\n' || octet == 0)
            << octet << " at " << at;
      }
    }
  }
  EXPECT_FALSE(HasControl(""));
  EXPECT_FALSE(HasLineEnd(""));
  EXPECT_FALSE(HasControl("\x80\xFF\xC3\xBC~ "));
}

TEST(Fields, AreFoundWithoutRegardToCase) {
  const Headers headers = Lines({{"accept", "a"}, {"ACCEPT", "b"}, {"X", "\xFF"}});
  EXPECT_EQ(FieldValue(headers, "Accept"), "a");
  EXPECT_EQ(FieldValue(headers, "x"), "\xFF");
  EXPECT_EQ(headers[2].content_case(), v1::Header::kRawValue);
  EXPECT_EQ(FieldValue(headers, "Accep"), std::nullopt);
}

TEST(Fields, ListsAreSearchedInEveryLine) {
  const Headers headers =
      Lines({{"Connection", "keep-alive , Upgrade"}, {"connection", ",,close"}});
  for (const char* member : {"upgrade", "KEEP-ALIVE", "close"}) {
    EXPECT_TRUE(ListFieldHas(headers, "Connection", member)) << member;
  }
  EXPECT_FALSE(ListFieldHas(headers, "Connection", "keep"));
}

TEST(Fields, CookiesAreFoundByTheirNames) {
  const Headers headers = Lines({{"Cookie", "a=1; bb=2;c = 3"}, {"cookie", "d=4=5; e"}});
  EXPECT_EQ(CookieValue(headers, "a"), "1");
  EXPECT_EQ(CookieValue(headers, "bb"), "2");
  EXPECT_EQ(CookieValue(headers, "b"), std::nullopt);
  EXPECT_EQ(CookieValue(headers, "A"), std::nullopt);
  EXPECT_EQ(CookieValue(headers, "d"), "4=5");
  EXPECT_EQ(CookieValue(headers, "e"), std::nullopt);
}

TEST(Fields, SafeMethods) {
  for (const char* method :
       {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "REPORT", "SEARCH"})
    EXPECT_TRUE(IsSafeMethod(method));
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "get", "CONNECT", ""}) {
    EXPECT_FALSE(IsSafeMethod(method)) << method;
  }
}

}  // namespace
}  // namespace fingerpost::http
