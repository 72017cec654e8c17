// Every answer without the service (client/README.md, "The table") equals the service's own.
#include "fallback.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "directories.h"
#include "fingerpost/connection.h"
#include "server/daemon.h"

namespace fingerpost {
namespace {

using Json = nlohmann::json;

const CallOptions kPatient = {.timeout = std::chrono::seconds(30)};
constexpr char kUrl[] = "http://shop.example/form?a=1";

v1::DecideRequest AsQuestion(const Json& json) {
  v1::DecideRequest question;
  const auto read = google::protobuf::util::JsonStringToMessage(json.dump(), &question);
  if (!read.ok()) throw std::invalid_argument(json.dump());
  return question;
}

// The table's answer, with lower-case field names, as in HTTP/2.
std::vector<std::string> Told(const v1::DecideResponse& answer) {
  const std::set<std::string> kNames = {"location", "cache-control", "allow", "retry-after"};
  std::vector<std::string> told = {v1::Outcome_Name(answer.outcome()) + " " +
                                   std::to_string(answer.status())};
  for (const auto& header : answer.headers()) {
    const std::string name = absl::AsciiStrToLower(header.name());
    if (kNames.contains(name)) told.push_back(name + ": " + header.value());
  }
  std::sort(told.begin() + 1, told.end());
  return told;
}

// The intents of every row, with and without the modifiers that a fallback reads.
std::vector<Json> Intents() {
  std::ifstream file(FINGERPOST_TESTS_DIR "/../client/fallback.json");
  const Json table = Json::parse(file);
  std::set<std::string> purposes;
  std::vector<Json> intents;
  for (const auto& row : table["rows"]) {
    purposes.insert(row["intent"]["purpose"]);
    intents.push_back(row["intent"]);
  }
  for (int i = v1::Purpose_MIN; i <= v1::Purpose_MAX; ++i) {
    if (i != 0 && v1::Purpose_IsValid(i) && !purposes.contains(v1::Purpose_Name(i))) {
      intents.push_back({{"purpose", v1::Purpose_Name(i)}});
    }
  }
  return intents;
}

const std::vector<Json> kTargets = {
    {{"target", "/x?y#z"}},
    {{"target", "http://shop.example/x"}},
    {{"target", "http://shop.example"}},
    {{"target", "http://shop.example:8080/x"}},
    {{"target", "https://other.example/x"}, {"trust", "TRUST_CALLER"}},
    {{"target", "https://other.example"}, {"trust", "TRUST_CALLER"}},
    {{"target", "/form?a=1"}},
    {{"target", "//evil.example"},
     {"unsafe_target", "UNSAFE_TARGET_FALL_BACK"},
     {"fallback_target", "/home"}},
    Json::object()};
const std::vector<Json> kClients = {Json::object(),
                                    {{"client", "CLIENT_KIND_BROWSER"}},
                                    {{"client", "CLIENT_KIND_API"}},
                                    {{"client", "CLIENT_KIND_SCRIPT"}}};
const std::vector<Json> kFields = {Json::array(),
                                   {{{"name", "Accept"}, {"value", "text/html,*/*;q=0.5"}}},
                                   {{{"name", "accept"}, {"value", "application/json"}}},
                                   {{{"name", "Sec-Fetch-Mode"}, {"value", "cors"}}}};

// One question for each method, protocol, URL and set of fields.
std::vector<v1::DecideRequest> QuestionsOf(const Json& intent) {
  std::vector<v1::DecideRequest> questions;
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    for (const char* protocol : {"PROTOCOL_HTTP_1_0", "PROTOCOL_HTTP_1_1", "PROTOCOL_HTTP_2"}) {
      for (const char* url : {kUrl, "http://shop.example:8080/form", "https://shop.example/"}) {
        for (const Json& fields : kFields) {
          questions.push_back(AsQuestion(
              {{"request",
                {{"method", method}, {"protocol", protocol}, {"url", url}, {"headers", fields}}},
               {"intent", intent}}));
        }
      }
    }
  }
  return questions;
}

// How many of the questions have an answer without the service.
int Compare(const Connection& service, const std::vector<v1::DecideRequest>& questions) {
  v1::BatchDecideRequest batch;
  std::vector<v1::DecideResponse> without;
  for (const auto& question : questions) {
    v1::DecideResponse answer;
    if (!FallBack(question, answer)) continue;
    without.push_back(answer);
    *batch.add_requests() = question;
  }
  if (without.empty()) return 0;
  v1::BatchDecideResponse answers;
  v1::Error error;
  EXPECT_TRUE(service.BatchDecide(batch, answers, error, kPatient)) << error.ShortDebugString();
  EXPECT_EQ(answers.results_size(), batch.requests_size());
  for (int i = 0; i < answers.results_size(); ++i) {
    EXPECT_EQ(Told(without[static_cast<size_t>(i)]), Told(answers.results(i).response()))
        << batch.requests(i).ShortDebugString();
  }
  return answers.results_size();
}

TEST(Fallback, EveryAnswerIsTheServicesOwn) {
  const testing::Daemon daemon;
  const Connection service(daemon.address(), Transport::Plaintext());
  int rows = 0;
  for (const Json& intent : Intents()) {
    int compared = 0;
    for (const Json& target : kTargets) {
      for (const Json& client : kClients) {
        Json whole = intent;
        whole.update(target);
        whole.update(client);
        compared += Compare(service, QuestionsOf(whole));
      }
    }
    rows += compared > 0 ? 1 : 0;
  }
  std::ifstream file(FINGERPOST_TESTS_DIR "/../client/fallback.json");
  EXPECT_EQ(rows, Json::parse(file)["rows"].size()) << "a row without an answer, or one too many";
}

// The Location without the service; empty: no answer.
std::string LocationOf(const Json& request, const Json& intent) {
  Json asked = {{"method", "POST"}, {"url", kUrl}};
  asked.update(request);
  Json wished = {{"purpose", "PURPOSE_FORM_RESULT"}, {"target", "/a"}};
  wished.update(intent);
  v1::DecideResponse answer;
  if (!FallBack(AsQuestion({{"request", asked}, {"intent", wished}}), answer)) return "";
  EXPECT_EQ(answer.headers(0).name(), "Location");
  return answer.headers(0).value();
}

TEST(Fallback, AnOutageHasItsAnswer) {
  const std::vector<std::pair<Json, std::string>> cases = {
      {{{"purpose", "PURPOSE_LOGIN_REQUIRED"}, {"target", "/login?next=%2Fx"}}, "/login?next=%2Fx"},
      {{{"purpose", "PURPOSE_TEMPORARY_MOVE"},
        {"target", "https://partner.example:8443"},
        {"trust", "TRUST_CALLER"}},
       "https://partner.example:8443/"},
      {{{"target", "http://shop.example/orders"}}, "http://shop.example/orders"},
      {{{"target", "//evil.test"},
        {"unsafe_target", "UNSAFE_TARGET_FALL_BACK"},
        {"fallback_target", "/home"}},
       "/home"},
      {{{"purpose", "PURPOSE_HTTPS_UPGRADE"}, {"target", ""}}, "https://shop.example/form?a=1"},
      {{{"target", "/.well-known/x"}}, "/.well-known/x"},
      {{{"flash", {{"text", "x"}}}, {"allowed_hosts", {"b.test"}}}, "/a"}};
  for (const auto& [intent, location] : cases) {
    EXPECT_EQ(LocationOf(Json::object(), intent), location) << intent;
  }
}

TEST(Fallback, OpensNoRedirect) {
  for (const std::string target : {"//evil.test",
                                   "/\\evil.test",
                                   "/a\r\nSet-Cookie: x",
                                   "/a\n",
                                   "/orders/{id}",
                                   "orders",
                                   "",
                                   "/../x",
                                   "/a/%2e%2E/b",
                                   "/%2e%2E//evil.test",
                                   "/x/..",
                                   "/./x",
                                   "https://evil.test/",
                                   "https://shop.example/",
                                   "http://shop.example.evil.test/",
                                   "http://shop.example@evil.test/",
                                   "http://shop.example:80/",
                                   "http://shop.example:81/",
                                   "http:/shop.example/",
                                   "HTTP://shop.example/",
                                   "http://shop.example\\@evil.test/",
                                   "http://shop.example#@evil.test/",
                                   "http://shop.example//evil.test",
                                   "javascript:alert(1)",
                                   "/\t/evil.test",
                                   "http://shop.example/../x",
                                   "\u2044/evil.test"}) {
    for (const char* purpose :
         {"PURPOSE_FORM_RESULT", "PURPOSE_LOGIN_REQUIRED", "PURPOSE_TEMPORARY_MOVE"}) {
      EXPECT_EQ(LocationOf(Json::object(), {{"purpose", purpose}, {"target", target}}), "")
          << target;
    }
    EXPECT_EQ(LocationOf(Json::object(), {{"target", "//evil.test"},
                                          {"unsafe_target", "UNSAFE_TARGET_FALL_BACK"},
                                          {"fallback_target", target}}),
              "")
        << target;
  }
  EXPECT_EQ(LocationOf(Json::object(), {{"target", "/" + std::string(8000, 'x')}}), "");
  EXPECT_NE(LocationOf(Json::object(), {{"target", "/" + std::string(7999, 'x')}}), "");
}

TEST(Fallback, ACallersTargetIsPlain) {
  for (const std::string target :
       {"https://user:pw@a.test/", "https://a.test\\@b.test/", "https://0x7f.1/", "https://1.2.3/",
        "https://010.0.0.1/", "https://a.test:99999/", "https://a.test:443/", "https://[::1]/",
        "https:a.test", "https:/a.test", "ftp://a.test/", "https://A.test/", "https://a.test/../x",
        "https://a.test/a\tb", "https://a.test./"}) {
    EXPECT_EQ(LocationOf(Json::object(), {{"purpose", "PURPOSE_TEMPORARY_MOVE"},
                                          {"target", target},
                                          {"trust", "TRUST_CALLER"}}),
              "")
        << target;
  }
}

TEST(Fallback, TheSamePageKeepsItsQuery) {
  const std::vector<std::array<std::string, 3>> cases = {
      {"https://a.test/x?a=1&&b=%20&#f", "/t#g", "/t?a=1&&b=%20&#g"},
      {"https://a.test/x?a=1", "/t?", "/t?"},
      {"https://a.test/x?a=1", "/t?b", "/t?b"},
      {"https://a.test/x?", "/t", "/t?"},
      {"https://a.test/x", "/t#?", "/t#?"},
      {"https://a.test/x?a", "https://a.test", "https://a.test/?a"},
      {"https://a.test/x?a='", "/t", ""},
      {"https://a.test/x?\"", "/t", ""},
      {"https://a.test/x?" + std::string(8000, 'a'), "/t", ""},
      {"https://a.test/x?a", "/x", ""}};
  for (const auto& [url, target, location] : cases) {
    EXPECT_EQ(LocationOf({{"method", "GET"}, {"url", url}},
                         {{"purpose", "PURPOSE_CANONICAL_URL"}, {"target", target}}),
              location)
        << url << ' ' << target;
  }
}

TEST(Fallback, WhatNeedsTheServiceIsTheError) {
  const auto field = [](const char* name, const char* value) {
    return Json{{"headers", {{{"name", name}, {"value", value}}}}};
  };
  const Json none = Json::object();
  const std::vector<std::pair<Json, Json>> cases = {
      {none, {{"client", "CLIENT_KIND_SCRIPT"}}},
      {none, {{"pinned_status", 302}}},
      {none, {{"trust", "TRUST_POLICY"}}},
      {field("Upgrade", "websocket"), none},
      {field("HX-Request", "true"), none},
      {field("x-inertia", "true"), none},
      {field("content-type", "application/grpc+proto"), none},
      {{{"method", "CONNECT"}}, none},
      {{{"method", "GET"}, {"url", "http://shop.example/a"}}, none},
      {{{"method", "GET"}, {"url", "http://shop.example/a#x"}}, {{"target", "/a#y"}}},
      {{{"protocol", "PROTOCOL_HTTP_1_0"}, {"url", "http://[::1]/"}}, none},
      {field("Accept", "application/json"), {{"purpose", "PURPOSE_LOGIN_REQUIRED"}}},
      {field("X-Requested-With", "xmlhttpREQUEST"), {{"purpose", "PURPOSE_LOGIN_REQUIRED"}}},
      {none, {{"purpose", "PURPOSE_PERMANENT_MOVE"}, {"flash", {{"text", "x"}}}}},
      {none, {{"purpose", "PURPOSE_GONE"}}},
      {none,
       {{"purpose", "PURPOSE_AUTHORIZATION_RESPONSE"}, {"redirect_uris", {"http://a.test/"}}}},
      // An upgrade to http is none (INVALID_ARGUMENT, as the service says).
      {none, {{"purpose", "PURPOSE_HTTPS_UPGRADE"}, {"target", "http://shop.example/x"}}}};
  for (const auto& [request, intent] : cases) {
    EXPECT_EQ(LocationOf(request, intent), "") << request << intent;
  }
}

}  // namespace
}  // namespace fingerpost
