// Secrets that stay in the client when it asks where to follow, and come back (client/README.md,
// 6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "told.h"

namespace fingerpost {
namespace {

using ::testing::ElementsAre;

// A hop to the same origin that keeps every field but the second, and rewrites the third.
TEST_F(ClientTest, KeepsSecretsHere) {
  v1::FollowRequest question = FollowOrder();
  auto& headers = *question.mutable_request()->mutable_headers();
  Add(headers, "Authorization", "s3cret-1");
  Add(headers, "proxy-authorization", "s3cret-2");
  Add(headers, "Referer", "https://a.test/?q");
  Add(headers, "X-Api-Key", "s3cret-3");
  Add(headers, "X-Plain", "plain");
  question.mutable_options()->add_secret_fields("x-api-key");
  question.mutable_request()->set_url("https://me:s3cret-0@a.test/");

  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.set_url("https://a.test/b");
  next.add_headers()->set_name("Authorization");
  Add(*next.mutable_headers(), "Referer", "https://a.test/");
  next.add_headers()->set_name("X-Api-Key");
  Add(*next.mutable_headers(), "X-Plain", "plain");
  Add(*next.mutable_headers(), "Cookie", "a=b");
  auto& dropped = *told->hop.add_changes();
  dropped.set_kind(v1::CHANGE_KIND_FIELD_DROPPED);
  dropped.set_index(1);
  auto& rewritten = *told->hop.add_changes();
  rewritten.set_kind(v1::CHANGE_KIND_FIELD_REWRITTEN);
  rewritten.set_index(2);
  *rewritten.mutable_field() = next.headers(1);
  auto& added = *told->hop.add_changes();
  added.set_kind(v1::CHANGE_KIND_FIELD_ADDED);
  *added.mutable_field() = next.headers(4);

  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.source, Source::kService) << hop.error.ShortDebugString();
  EXPECT_THAT(told->asked.SerializeAsString(), ::testing::Not(::testing::HasSubstr("s3cret")));
  EXPECT_EQ(told->asked.request().headers_size(), 5);
  EXPECT_EQ(told->asked.request().url(), "https://-@a.test/");
  std::vector<std::string> lines;
  for (const auto& header : hop.response.next().headers()) {
    lines.push_back(header.name() + ": " + header.value());
  }
  EXPECT_THAT(lines, ElementsAre("Authorization: s3cret-1", "Referer: https://a.test/",
                                 "X-Api-Key: s3cret-3", "X-Plain: plain", "Cookie: a=b"));

  dropped.set_index(99);
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.error.code(), "MALFORMED");
  dropped.set_index(0);  // A field that was dropped has no value to come back.
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_FALSE(hop.response.next().headers(0).has_value());
  added.mutable_field()->set_value("a\r\nb");
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(hop.error.code(), "MALFORMED");
}

TEST_F(ClientTest, MakesBasicOfUserinfoForItsOwnOrigin) {
  v1::FollowRequest question = FollowOrder();
  question.mutable_request()->set_url("https://m%C3%A9:s%3A:3@a.test/");
  question.mutable_options()->set_profile(v1::PROFILE_CURL);
  for (const char* trusted : {"https://a.test", "https://b.test"}) {
    question.mutable_options()->add_trusted_origins(trusted);
  }
  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.add_headers()->set_name("Authorization");
  auto& added = *told->hop.add_changes();
  added.set_kind(v1::CHANGE_KIND_FIELD_ADDED);
  *added.mutable_field() = next.headers(0);
  for (const auto& [url, value] :
       {std::pair{"https://a.test:443/b", "Basic bcOpOnM6OjM="}, {"https://b.test/", ""}}) {
    next.set_url(url);
    ASSERT_TRUE(client.Follow(question, hop, error)) << error.ShortDebugString();
    EXPECT_EQ(hop.response.next().headers(0).value(), value) << url;
    EXPECT_EQ(hop.response.changes(0).field().value(), value) << url;
  }
}

TEST_F(ClientTest, ComparesOriginsItself) {
  v1::FollowRequest question = FollowOrder();
  for (const char* name : {"Authorization", "proxy-authorization", "Cookie", "X-Api-Key"}) {
    Add(*question.mutable_request()->mutable_headers(), name, "s3cret");
  }
  question.mutable_options()->add_secret_fields("x-api-key");
  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.add_headers()->set_name("Authorization");
  const auto put_back = [&](const std::string& url, const std::string& other) {
    question.mutable_request()->set_url(url);
    next.set_url(other);
    EXPECT_TRUE(client.Follow(question, hop, error));
    return hop.source == Source::kService && hop.response.next().headers(0).value() == "s3cret";
  };
  EXPECT_TRUE(put_back("HTTPS://A.Test:443", "https://a.test/x"));
  EXPECT_TRUE(put_back("http://b\u00fccher.example/", "http://xn--bcher-kva.example/"));
  EXPECT_TRUE(put_back("http://127.1/", "http://127.0.0.1/"));
  for (const char* other : {"http://a.test/", "https://a.test:8443/", "https://b.a.test/",
                            "https://b.test\\@a.test/", "https://a.test@b.test/"}) {
    EXPECT_FALSE(put_back("https://a.test/", other)) << other;
    EXPECT_EQ(hop.error.code(), "MALFORMED");
  }
  for (uint32_t i = 0; i < 4; ++i) {  // Each alone is enough.
    told->hop.clear_changes();
    for (uint32_t j = 0; j < 4; ++j) {
      auto& change = *told->hop.add_changes();
      change.set_kind(i == j ? v1::CHANGE_KIND_FIELD_REWRITTEN : v1::CHANGE_KIND_FIELD_DROPPED);
      change.set_index(j);
      change.mutable_field()->set_name(question.request().headers(static_cast<int>(j)).name());
    }
    EXPECT_FALSE(put_back("https://a.test/", "https://b.test/"));
    EXPECT_EQ(hop.error.code(), "MALFORMED") << i;
  }
  told->hop.clear_changes();
  question.mutable_options()->add_trusted_origins("https://a.test");
  EXPECT_FALSE(put_back("https://a.test/", "https://b.test/"));
  question.mutable_options()->add_trusted_origins("https://b.test:443");
  EXPECT_TRUE(put_back("https://a.test/", "https://b.test/"));
}

TEST_F(ClientTest, FindsUserinfoWhereAParserFindsIt) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"http:\\\\me:p@ss@a.test\\@", "http:\\\\-@a.test\\@"},
      {"https:me@a.test", "https:-@a.test"},
      {"https://a.test/@x?a@b#c@d", "https://a.test/@x?a@b#c@d"},
      {"https://@a.test", "https://@a.test"},
      {"/x:y@z", "/x:y@z"},
      {"@", "@"},
      {"", ""}};
  v1::FollowRequest question = FollowOrder();
  for (const auto& [url, sent] : rows) {
    question.mutable_request()->set_url(url);
    ASSERT_TRUE(client.Follow(question, hop, error));
    EXPECT_EQ(told->asked.request().url(), sent);
  }
}

TEST_F(ClientTest, ACookieTravelsOnlyToAServiceThatKeepsCookies) {
  v1::FollowRequest question = FollowOrder();
  Add(*question.mutable_request()->mutable_headers(), "cookie", "s3cret");
  auto& next = *told->hop.mutable_next();
  next.set_method("GET");
  next.set_url("https://a.test/b");
  next.add_headers()->set_name("cookie");
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_FALSE(told->asked.request().headers(0).has_value());
  EXPECT_EQ(hop.response.next().headers(0).value(), "s3cret");

  v1::FollowRequest setting = question;
  Add(*setting.mutable_response()->mutable_headers(), "set-cookie", "a=b");
  ASSERT_TRUE(client.Follow(setting, hop, error));
  EXPECT_EQ(told->asked.request().headers(0).value(), "s3cret");
  question.mutable_chain()->add_cookies()->set_name("a");
  ASSERT_TRUE(client.Follow(question, hop, error));
  EXPECT_EQ(told->asked.request().headers(0).value(), "s3cret");
}

}  // namespace
}  // namespace fingerpost
