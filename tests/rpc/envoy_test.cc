// Envoy's messages (checked against its ext_authz filter's documentation), and the answers.
#include "rpc/envoy.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "core/http/url.h"
#include "policy/load/loader.h"

namespace fingerpost {
namespace {

using envoy::config::core::v3::HeaderValueOption;
using envoy::service::auth::v3::CheckRequest;
using envoy::service::auth::v3::CheckResponse;
using ::testing::StrCaseEq;

constexpr char kPolicy[] = R"(
rules:
  - id: moved
    match: {hosts: [shop.example.com], path_prefix: /old}
    intent: {purpose: permanent_move, target: /new}
  - id: gone
    match: {path: /gone}
    intent: {purpose: gone}
  - id: beta
    match: {path: /, fields: [{name: X-Beta}]}
    intent: {purpose: temporary_move, target: /beta}
)";

class Envoy : public testing::Test {
 protected:
  // A request as described by Envoy 1.24 and later.
  static CheckRequest Request(const std::string& path, const std::string& method = "GET") {
    CheckRequest check;
    auto& http = *check.mutable_attributes()->mutable_request()->mutable_http();
    http.set_method(method);
    http.set_scheme("https");
    http.set_host("shop.example.com");
    http.set_path(path);
    http.set_protocol("HTTP/2");
    (*http.mutable_headers())[":authority"] = "shop.example.com";
    (*http.mutable_headers())[":method"] = method;
    (*http.mutable_headers())[":path"] = path;
    (*http.mutable_headers())["user-agent"] = "curl/8.0";
    (*http.mutable_headers())["x-forwarded-host"] = "evil.example";
    return check;
  }
  CheckResponse Check(const CheckRequest& check) {
    CheckResponse response;
    v1::DecideResponse answer;
    const grpc::Status status = CheckForEnvoy(service_, check, response, answer, kNoDeadline);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  static std::string Field(const CheckResponse& response, const std::string& name) {
    for (const auto& option : response.denied_response().headers()) {
      if (option.header().key() == name) return option.header().value();
    }
    return "(absent)";
  }

  const policy::load::Loaded loaded_ = policy::load::FromText(kPolicy, "policy.yaml");
  policy::load::Store policy_{loaded_.snapshot};
  RedirectService service_{policy_, Limits{}};
};

// "https://evil.example/?" before "://shop…" would be a URL of another host.
TEST_F(Envoy, ASchemeThatIsNoneMakesNoUrl) {
  CheckRequest check = Request("/old");
  for (const char* scheme : {"https://evil.example/?", "javascript", "ftp"}) {
    check.mutable_attributes()->mutable_request()->mutable_http()->set_scheme(scheme);
    EXPECT_EQ(FromEnvoy(check).request().url(), "") << scheme;
    EXPECT_TRUE(Check(check).has_ok_response()) << scheme;
  }
}

// The URL parser would drop, skip or decode parts of these, and read the path as the host.
TEST_F(Envoy, AHostThatIsNoneMakesNoUrl) {
  for (const char* path : {"/shop.example.com/old", "//shop.example.com/old", "/old",
                           "/\\shop.example.com/old", "/@shop.example.com/old"}) {
    for (const char* host : {"",
                             " ",
                             "  ",
                             "\t",
                             "\n",
                             "\r\n",
                             "\x01",
                             ":",
                             ":443",
                             "@",
                             "u@shop.example.com",
                             "u:p@shop.example.com",
                             "shop.example.com/",
                             "shop.example.com/x",
                             "shop.example.com?",
                             "shop.example.com#",
                             "shop.example.com\\",
                             "a.example,shop.example.com",
                             "a.example, shop.example.com",
                             "shop.example.com ",
                             "shop.exa\tmple.com",
                             "shop.example.com:99999",
                             "shop.example.com:x",
                             "[::1",
                             "%2f",
                             "\xff",
                             "a b",
                             "https://shop.example.com"}) {
      CheckRequest check = Request(path);
      check.mutable_attributes()->mutable_request()->mutable_http()->set_host(host);
      EXPECT_EQ(FromEnvoy(check).request().url(), "") << host;
      EXPECT_TRUE(Check(check).has_ok_response()) << host << path;
    }
  }
}

TEST_F(Envoy, APathThatIsNoneMakesNoUrl) {
  for (const char* path :
       {"", "*", "old", "shop.example.com:443", "https://shop.example.com/old", "?q", "#f", " /old",
        "\t/old", "\\old", ".shop.example.com/old", ":443/old", "@shop.example.com/old"}) {
    CheckRequest check = Request(path);
    EXPECT_EQ(FromEnvoy(check).request().url(), "") << path;
    EXPECT_TRUE(Check(check).has_ok_response()) << path;
  }
}

// A path that looks like a host stays a path of the request's own host.
TEST_F(Envoy, WhateverIsAUrlHasTheHostOfTheRequest) {
  for (const char* path : {"/", "//evil.example/old", "///evil.example", "/\\evil.example/old",
                           "/@evil.example", "/https://evil.example/", "/%2f%2fevil.example"}) {
    for (const char* host : {"shop.example.com", "SHOP.example.com:443", "[::1]:8443", "h_x"}) {
      CheckRequest check = Request(path);
      check.mutable_attributes()->mutable_request()->mutable_http()->set_host(host);
      const auto url = http::ParseUrl(FromEnvoy(check).request().url());
      ASSERT_TRUE(url) << host << path;
      EXPECT_EQ(url->get_host(), http::ParseUrl("https://" + std::string(host))->get_host());
      EXPECT_TRUE(Check(check).has_ok_response()) << host << path;
    }
  }
}

TEST_F(Envoy, ARuleThatMatchesIsADeniedResponseWithTheRedirect) {
  const CheckResponse response = Check(Request("/old?q=1"));
  EXPECT_EQ(response.status().code(), grpc::PERMISSION_DENIED);
  ASSERT_TRUE(response.has_denied_response());
  EXPECT_EQ(response.denied_response().status().code(), 308);
  EXPECT_EQ(Field(response, "location"), "/new");
  EXPECT_EQ(Field(response, "cache-control"), "max-age=86400");
  EXPECT_EQ(Field(response, "content-length"), "(absent)");
  for (const auto& option : response.denied_response().headers()) {
    EXPECT_EQ(option.append_action(), HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD)
        << option.header().key();
  }
}

TEST_F(Envoy, AnAnswerThatIsNoRedirectIsSentAsItStands) {
  const CheckResponse response = Check(Request("/gone"));
  EXPECT_EQ(response.denied_response().status().code(), 410);
  EXPECT_EQ(Field(response, "location"), "(absent)");
  EXPECT_FALSE(response.denied_response().body().empty());
}

TEST_F(Envoy, EverythingElsePasses) {
  CheckRequest moved_border = Request("/elsewhere");
  moved_border.mutable_attributes()->mutable_request()->mutable_http()->set_host(
      "shop.example.com/old?");
  for (const CheckRequest& check :
       {Request("/other"), Request("/old", "CONNECT"), Request("/old", "G T"), CheckRequest(),
        Request("@shop.example.com/old"), Request("*", "OPTIONS"), moved_border}) {
    const CheckResponse response = Check(check);
    EXPECT_EQ(response.status().code(), grpc::OK);
    EXPECT_TRUE(response.has_ok_response());
  }
}

TEST_F(Envoy, WhatNobodyWaitsForIsNotWorkedOn) {
  CheckResponse response;
  v1::DecideResponse answer;
  const Deadline past = std::chrono::system_clock::now() - std::chrono::seconds(1);
  const grpc::Status status = CheckForEnvoy(service_, Request("/old"), response, answer, past);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_FALSE(response.has_denied_response());
}

TEST_F(Envoy, APassThatDependedOnAFieldSaysSoToCaches) {
  const CheckResponse response = Check(Request("/"));
  ASSERT_EQ(response.ok_response().response_headers_to_add_size(), 1);
  const auto& option = response.ok_response().response_headers_to_add(0);
  EXPECT_THAT(option.header().key(), StrCaseEq("vary"));
  EXPECT_THAT(option.header().value(), StrCaseEq("x-beta"));
  EXPECT_EQ(option.append_action(), HeaderValueOption::APPEND_IF_EXISTS_OR_ADD);
}

// A drawn key goes to the client with the backend's own response.
TEST_F(Envoy, APassThatDrewAKeyCarriesItsCookie) {
  const policy::load::Loaded loaded = policy::load::FromText(R"(
rules:
  - id: beta
    match:
      path: /
      share: {percent: 0.0001, sticky_key: {cookie: bucket, assign: {max_age: 60s}}}
    intent: {purpose: gone}
)",
                                                             "policy.yaml");
  const policy::load::Store store(loaded.snapshot);
  CheckResponse response;
  v1::DecideResponse answer;
  ASSERT_TRUE(
      CheckForEnvoy(RedirectService(store, Limits{}), Request("/"), response, answer, kNoDeadline)
          .ok());
  std::vector<std::string> names;
  for (const auto& option : response.ok_response().response_headers_to_add()) {
    names.push_back(option.header().key());
    EXPECT_EQ(option.append_action(), HeaderValueOption::APPEND_IF_EXISTS_OR_ADD);
  }
  EXPECT_THAT(names, testing::ElementsAre("cache-control", "vary", "set-cookie"));
}

TEST_F(Envoy, TheQuestionIsWhatEnvoyReceived) {
  CheckRequest check = Request("/a%2fb?q=1#f");
  auto& http = *check.mutable_attributes()->mutable_request()->mutable_http();
  auto& raw = *http.mutable_header_map()->add_headers();
  raw.set_key("x-latin");
  raw.set_raw_value("\xe9");
  const v1::DecideRequest question = FromEnvoy(check);
  EXPECT_EQ(question.request().url(), "https://shop.example.com/a%2fb?q=1#f");
  EXPECT_EQ(question.request().method(), "GET");
  EXPECT_EQ(question.request().protocol(), v1::PROTOCOL_HTTP_2);
  EXPECT_EQ(question.wish_case(), v1::DecideRequest::WISH_NOT_SET);
  ASSERT_EQ(question.request().headers_size(), 3) << "pseudo-header fields are no fields";
  EXPECT_EQ(question.request().headers(2).name(), "x-latin");
  EXPECT_EQ(question.request().headers(2).raw_value(), "\xe9");
}

// The numbers are the wire contract: these are octets as a real Envoy would send and read them.
TEST(EnvoyWire, NumbersAreTheOfficialOnes) {
  CheckRequest check;
  // attributes = 1 { request = 4 { http = 2 { method = 2: "GET", path = 4: "/p", host = 5: "h",
  // scheme = 6: "https", protocol = 10: "HTTP/1.1" } } }
  const std::string http = std::string("\x12\x03GET") + "\x22\x02/p" + "\x2a\x01h" +
                           "\x32\x05https" + "\x52\x08HTTP/1.1";
  const std::string request = std::string("\x12") + static_cast<char>(http.size()) + http;
  const std::string attributes = std::string("\x22") + static_cast<char>(request.size()) + request;
  ASSERT_TRUE(check.ParseFromString(std::string("\x0a") + static_cast<char>(attributes.size()) +
                                    attributes));
  const auto& parsed = check.attributes().request().http();
  EXPECT_EQ(parsed.method(), "GET");
  EXPECT_EQ(parsed.path(), "/p");
  EXPECT_EQ(parsed.host(), "h");
  EXPECT_EQ(parsed.scheme(), "https");
  EXPECT_EQ(parsed.protocol(), "HTTP/1.1");

  CheckResponse response;
  v1::DecideResponse answer;
  response.mutable_status()->set_code(7);
  auto& denied = *response.mutable_denied_response();
  denied.mutable_status()->set_code(static_cast<envoy::type::v3::StatusCode>(303));
  auto& option = *denied.add_headers();
  option.mutable_header()->set_key("k");
  option.mutable_header()->set_value("v");
  option.set_append_action(HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD);
  EXPECT_EQ(response.SerializeAsString(),
            std::string("\x0a\x02\x08\x07\x12\x11\x0a\x03\x08\xaf\x02\x12\x0a\x0a\x06\x0a\x01k"
                        "\x12\x01v\x18\x02",
                        23));
}

}  // namespace
}  // namespace fingerpost
