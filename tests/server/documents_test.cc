// What can be read on the HTTP/JSON port: the policy that answers, and the port's description.
#include "server/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "core/message/json.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/load/default_policy.h"
#include "server/daemon.h"
#include "server/http/tags.h"
#include "server/http_client.h"
#include "version.h"

namespace fingerpost::testing {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPolicy[] = R"(
intents: {placed: {intent: {purpose: form_result, target: "/orders/{id}"}}}
rules: [{id: blog, match: {path_prefix: /blog}, intent: {purpose: permanent_move, target: "/b{rest}"}}]
maps: [{name: old, file: old.csv}]
)";

class HttpDocuments : public ::testing::Test {
 protected:
  HttpDocuments() {
    std::string name = (std::filesystem::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    std::ofstream(directory_ / "old.csv") << "/from-a-row,/to\n";
    Write(kPolicy);
    daemon_ = std::make_unique<Daemon>(std::vector<std::string>{
        "--http-listen", "127.0.0.1:0", "--policy", path(), "--max-message-size", "64KiB"});
  }
  ~HttpDocuments() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path() const { return (directory_ / "p.yaml").string(); }
  void Write(const std::string& text) const {
    std::ofstream(directory_ / "p~") << text;
    std::filesystem::rename(directory_ / "p~", path());
  }

  [[nodiscard]] HttpResponse Ask(const std::string& method, const std::string& target,
                                 const std::string& fields = "") const {
    return Exchange(daemon_->http_address(), method + " " + target +
                                                 " HTTP/1.1\r\nHost: localhost\r\nConnection: "
                                                 "close\r\n" +
                                                 fields + "\r\n");
  }
  // The version that answers say.
  [[nodiscard]] std::string Version() const {
    const std::string answer =
        PostJson(daemon_->http_address(), "/v1/decide",
                 R"({"request": {"method": "GET", "url": "https://a.example/blog"}})")
            .body;
    return Json::parse(answer)["policy_version"];
  }

  std::filesystem::path directory_;
  std::unique_ptr<Daemon> daemon_;
};

std::string Tag(const HttpResponse& response) {
  std::string tag;
  RE2::PartialMatch(response.fields, R"(ETag: ([^\r]*))", &tag);
  return tag;
}

TEST_F(HttpDocuments, ThePolicyIsTheOneThatAnswers) {
  const HttpResponse response = Ask("GET", "/v1/policy");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Tag(response), '"' + Version() + '"');
  EXPECT_THAT(response.fields,
              AllOf(HasSubstr("Content-Type: application/json\r\n"), HasSubstr("Vary: Accept\r\n"),
                    HasSubstr("Cache-Control: no-cache\r\n"), Not(HasSubstr("no-store")),
                    Not(HasSubstr("Last-Modified")), Not(HasSubstr("Access-Control"))));
  const Json policy = Json::parse(response.body);
  EXPECT_EQ(policy["rules"][0]["intent"]["purpose"], "PURPOSE_PERMANENT_MOVE");
  EXPECT_EQ(policy["maps"][0]["file"], "old.csv");
  EXPECT_THAT(response.body, Not(HasSubstr("from-a-row")));
}

TEST_F(HttpDocuments, AcceptChoosesTheOctets) {
  const HttpResponse json = Ask("GET", "/v1/policy");
  for (const char* type : {"application/protobuf", "application/x-protobuf"}) {
    const HttpResponse response =
        Ask("GET", "/v1/policy", std::string("Accept: text/plain, ") + type + ";q=0.5, */*\r\n");
    EXPECT_THAT(response.fields, HasSubstr(std::string("Content-Type: ") + type + "\r\n"));
    v1::Policy policy;
    ASSERT_TRUE(policy.ParseFromString(response.body));
    EXPECT_EQ(policy.handed_out().version(), Version());
    EXPECT_EQ(policy.handed_out().rows().at("old"), "/from-a-row,/to\n") << "a small map";
    policy.clear_handed_out();
    EXPECT_EQ(message::ToJson(policy) + "\n", json.body);
    EXPECT_NE(Tag(response), Tag(json)) << "a strong tag stands for octets";
    EXPECT_EQ(Ask("GET", "/v1/policy", "If-None-Match: " + Tag(response) + "\r\n").status, 200);
  }
  for (const char* accept :
       {"*/*", "application/*", "text/html", "application/json", "application/protobuf;q=0",
        "application/protobuf, application/json"}) {
    EXPECT_EQ(Tag(Ask("GET", "/v1/policy", std::string("Accept: ") + accept + "\r\n")), Tag(json))
        << accept;
  }
}

TEST_F(HttpDocuments, AQueryChoosesAPart) {
  const std::string part = "/v1/policy?host=a.example&intent=placed&host=%2Eb.example";
  const HttpResponse json = Ask("GET", part);
  EXPECT_EQ(json.status, 200);
  const HttpResponse octets = Ask("GET", part, "Accept: application/protobuf\r\n");
  v1::Policy policy;
  ASSERT_TRUE(policy.ParseFromString(octets.body));
  EXPECT_THAT(policy.handed_out().selector().hosts(), ElementsAre(".b.example", "a.example"));
  EXPECT_THAT(policy.handed_out().selector().intents(), ElementsAre("placed"));
  EXPECT_TRUE(policy.intents().contains("placed"));
  policy.clear_handed_out();
  EXPECT_EQ(message::ToJson(policy) + "\n", json.body) << "without handed_out it loads as a file";
  EXPECT_EQ(Ask("GET", part, "If-None-Match: " + Tag(json) + "\r\n").status, 304);

  const HttpResponse none = Ask("GET", "/v1/policy?intent=unknown");
  EXPECT_EQ(none.status, 200) << "the policy may get it";
  EXPECT_THAT(none.body, Not(HasSubstr("placed")));

  for (const auto& [query, field] :
       std::map<std::string, std::string>{{"host=https://a.example", "host[0]"},
                                          {"host=a.example&host=", "host[1]"},
                                          {"intent=a%20b", "intent[0]"},
                                          {"hosts=a.example", "query"}}) {
    const HttpResponse wrong = Ask("GET", "/v1/policy?" + query);
    EXPECT_EQ(wrong.status, 400) << query;
    EXPECT_EQ(Json::parse(wrong.body)["error"]["violations"][0]["field"], field);
  }
}

TEST_F(HttpDocuments, AClientThatHasItGetsNoContent) {
  for (const char* target : {"/v1/policy", "/v1/openapi.json"}) {
    const std::string tag = Tag(Ask("GET", target));
    for (const std::string& names : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
      for (const char* method : {"GET", "HEAD"}) {
        const HttpResponse response = Ask(method, target, "If-None-Match: " + names + "\r\n");
        EXPECT_EQ(response.status, 304) << target << ' ' << names;
        EXPECT_EQ(Tag(response), tag);
        EXPECT_EQ(response.body, "");
        EXPECT_THAT(response.fields,
                    AllOf(Not(HasSubstr("\nContent-")), HasSubstr("Cache-Control: no-cache\r\n")));
      }
    }
    EXPECT_EQ(Ask("GET", target, "If-None-Match: \"other\"\r\n").status, 200);
    EXPECT_EQ(
        Ask("GET", target, "If-None-Match: \"other\"\r\nIf-None-Match: " + tag + "\r\n").status,
        304);
  }
}

TEST_F(HttpDocuments, HeadIsGetWithoutContent) {
  for (const char* target : {"/v1/policy", "/v1/openapi.json"}) {
    const HttpResponse get = Ask("GET", target);
    const HttpResponse head = Ask("HEAD", target);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_THAT(head.fields,
                HasSubstr("Content-Length: " + std::to_string(get.body.size()) + "\r\n"));
    EXPECT_EQ(Tag(head), Tag(get));
    const HttpResponse post = Ask("POST", target, "Content-Length: 0\r\n");
    EXPECT_EQ(post.status, 405);
    EXPECT_THAT(post.fields, HasSubstr("Allow: GET, HEAD\r\n"));
  }
}

TEST_F(HttpDocuments, AChangedPolicyHasAnotherTag) {
  const std::string old = Tag(Ask("GET", "/v1/policy"));
  Write("rules: [{id: other, match: {path: /x}, intent: {purpose: gone}}]\n");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  HttpResponse response;
  do {
    response = Ask("GET", "/v1/policy", "If-None-Match: " + old + "\r\n");
  } while (response.status == 304 && std::chrono::steady_clock::now() < end);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"("id":"other")"));
  EXPECT_EQ(Tag(response), '"' + Version() + '"');
  // What cannot be used is never handed out.
  Write("rules: [{id: a b}]\n");
  EXPECT_EQ(Ask("GET", "/v1/policy", "If-None-Match: " + Tag(response) + "\r\n").status, 304);
}

void CollectReferences(const Json& value, std::set<std::string>& found) {
  if (!value.is_structured()) return;
  for (const auto& [key, member] : value.items()) {
    if (key == "$ref") found.insert(member);
    CollectReferences(member, found);
  }
}

TEST_F(HttpDocuments, TheDescriptionIsWhole) {
  const HttpResponse response = Ask("GET", "/v1/openapi.json");
  const Json document = Json::parse(response.body);
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], kVersion);
  EXPECT_THAT(document["info"]["description"].get<std::string>(), HasSubstr("64KiB of content"))
      << "the limits of this process";
  std::set<std::string> references;
  CollectReferences(document, references);
  EXPECT_GT(references.size(), 50U);
  for (const std::string& reference : references) {
    EXPECT_TRUE(document.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
  EXPECT_FALSE(RE2::PartialMatch(response.body, R"(\{[a-z]+[-.][a-zA-Z-]+\})"))
      << "a word in braces that stands for nothing";
  for (const char* path : {"/v1/decide", "/v1/follow"}) {
    EXPECT_FALSE(document["paths"][path]["post"]["description"].get<std::string>().empty());
  }
}

TEST_F(HttpDocuments, TheDescriptionHasTheCommentsAndTheWrittenForms) {
  const Json schemas = Json::parse(Ask("GET", "/v1/openapi.json").body)["components"]["schemas"];
  EXPECT_EQ(schemas["DecideRequest"]["properties"]["now"]["format"], "date-time");
  EXPECT_EQ(schemas["Header"]["properties"]["raw_value"]["contentEncoding"], "base64");
  EXPECT_EQ(schemas["HttpResponse"]["properties"]["status"]["type"], "integer");
  EXPECT_EQ(schemas["HttpRequest"]["properties"]["url"]["type"], "string");
  EXPECT_EQ(schemas["Purpose"]["enum"][0], "PURPOSE_FORM_RESULT");
  EXPECT_THAT(schemas["Purpose"]["description"].get<std::string>(),
              HasSubstr("- `PURPOSE_FORM_RESULT`: The request was processed;"));
  for (const auto& [name, schema] : schemas.items()) {
    EXPECT_FALSE(schema["description"].get<std::string>().empty()) << name;
    EXPECT_FALSE(schema.contains("additionalProperties")) << name << " may get more fields";
  }
}

TEST(Documents, AreCountedAndLoggedAsOtherCalls) {
  Daemon daemon(
      {"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--access-log", "all"});
  EXPECT_EQ(Get(daemon.http_address(), "/v1/policy").status, 200);
  EXPECT_EQ(Get(daemon.http_address(), "/v1/policy?hots=a.example").status, 400);
  EXPECT_EQ(Get(daemon.http_address(), "/v1/openapi.json").status, 200);
  const std::string metrics = Get(daemon.admin_address(), "/metrics").body;
  for (const char* line :
       {"fingerpost_http_requests_total{rpc=\"GetPolicy\",code=\"OK\"} 1\n",
        "fingerpost_http_requests_total{rpc=\"GetPolicy\",code=\"InvalidArgument\"} 1\n",
        "fingerpost_http_requests_total{rpc=\"GetOpenApi\",code=\"OK\"} 1\n"}) {
    EXPECT_THAT(metrics, HasSubstr(line));
  }
  daemon.Signal(SIGTERM);
  const std::string log = daemon.Wait().err;
  EXPECT_THAT(log, HasSubstr(R"("rpc":"GetPolicy","transport":"http","code":"OK")"));
  EXPECT_THAT(log, HasSubstr(R"("rpc":"GetOpenApi","transport":"http","code":"OK")"));
  EXPECT_THAT(log, HasSubstr("neither host nor intent"));
}

TEST(Documents, AreForAllowedCallersOnly) {
  const policy::load::Store store(policy::load::DefaultPolicy());
  Settings settings;
  settings.allow_caller = {"spiffe://example.org/mirror"};
  PolicyNews news(store);
  const Documents documents(news, settings);
  for (const char* path : {"/v1/policy", "/v1/openapi.json"}) {
    ASSERT_TRUE(Documents::Has(path));
    for (const bool is_allowed : {false, true}) {
      const std::vector<std::string> caller = {is_allowed ? "spiffe://example.org/mirror"
                                                          : "spiffe://example.org/other"};
      const HttpCall call = {.method = "GET",
                             .target = path,
                             .authority = {},
                             .path = path,
                             .query = {},
                             .body = {},
                             .peer = {},
                             .caller = caller,
                             .field = {},
                             .each_field = [](const auto&) {}};
      EXPECT_EQ(documents.Answer(call).status, is_allowed ? 200 : 403) << path;
    }
  }
}

TEST(Tags, AreComparedWeakly) {
  constexpr char kTag[] = R"("a")";
  for (const char* names : {R"("a")", R"(W/"a")", R"("b", "a")", R"("b","a")",
                            R"( , "b" ,, W/"a" )", R"("b,c", "a")", "*", " * "}) {
    EXPECT_TRUE(NamesTag(names, kTag)) << names;
  }
  for (const char* names : {"", "a", R"("b")", R"("ab")", R"("a)", R"(a")", R"("b" "a")",
                            R"("b", x, "a")", R"(w/"a")", "**", R"(*, "a")", R"("*")", "\"A\""}) {
    EXPECT_FALSE(NamesTag(names, kTag)) << names;
  }
}

}  // namespace
}  // namespace fingerpost::testing
