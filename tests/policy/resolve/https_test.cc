// The policy's https: which requests are redirected, which are not, and Strict-Transport-Security.
#include <absl/strings/ascii.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::Contains;

constexpr char kExempt[] = R"(
defaults:
  require_https: true
  https_exempt: [/healthz, /.well-known/acme-challenge/*, "/probe/**"]
hosts:
  - hosts: [plain.example]
    defaults: {require_https: false}
  - hosts: [more.example]
    defaults: {https_exempt: [/ready]}
rules:
  - {id: all, match: {path_glob: /**}, intent: {purpose: gone}}
)";

TEST(Https, ExemptPathsAreTheRules) {
  const auto policy = Load(kExempt);
  for (const char* path : {"/healthz", "/healthz?full", "/%68ealthz", "/x/../healthz",
                           "/.well-known/acme-challenge/token", "/probe/", "/probe/a/b"}) {
    EXPECT_EQ(Ask(policy, Get(std::string("http://h.example") + path)).rule(), "all") << path;
  }
  for (const char* path :
       {"/", "/healthz/", "/Healthz", "/healthzz", "/.well-known/acme-challenge/a/b", "/ready",
        "/a?/healthz", "//healthz", "/healthz%2F"}) {
    EXPECT_EQ(Ask(policy, Get(std::string("http://h.example") + path)).rule(), "https") << path;
  }
}

TEST(Https, AHostAddsToTheListAndMayBeWithoutHttps) {
  const auto policy = Load(kExempt);
  EXPECT_EQ(Ask(policy, Get("http://more.example/ready")).rule(), "all");
  EXPECT_EQ(Ask(policy, Get("http://more.example/healthz")).rule(), "all");
  EXPECT_EQ(Ask(policy, Get("http://more.example/")).rule(), "https");
  EXPECT_EQ(Ask(policy, Get("http://plain.example/")).rule(), "all");
}

constexpr char kHsts[] = R"(
defaults: {hsts: {max_age: 31536000s, include_subdomains: true, preload: true}}
hosts:
  - hosts: [new.example]
    defaults: {hsts: {max_age: 300s}}
  - hosts: [other.example]
    defaults: {gone_max_age: 60s}
intents:
  done: {intent: {purpose: form_result, target: /done}}
  late: {intent: {purpose: campaign, target: /x, window: {until: "2020-01-01T00:00:00Z"}}}
rules:
  - {id: gone, match: {path: /gone}, intent: {purpose: gone}}
  - {id: moved, match: {path: /moved}, intent: {purpose: permanent_move, target: /there}}
  - {id: own, match: {path: /own}, intent: {purpose: gone, hsts: {max_age: 0s}}}
)";
constexpr char kHstsField[] = "Strict-Transport-Security";
constexpr char kDocuments[] = "max-age=31536000; includeSubDomains; preload";

// RFC 6797 §7.1, §7.2.
TEST(Https, HstsIsOnEveryAnswerOverHttpsAndOnNoneOverHttp) {
  const auto policy = Load(kHsts);
  std::vector<v1::DecideRequest> questions = {Get("https://h.example/gone"),
                                              Get("https://h.example/moved"),
                                              Get("https://h.example/"), Get("https://h.example/")};
  questions[2].set_intent_name("done");
  questions[3].set_intent_name("late");
  for (const char* intent : {"form_result", "login_required", "temporary_move", "campaign"}) {
    v1::DecideRequest& question = questions.emplace_back(Get("https://h.example/"));
    v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
    ASSERT_TRUE(v1::Purpose_Parse("PURPOSE_" + absl::AsciiStrToUpper(intent), &purpose));
    question.mutable_intent()->set_purpose(purpose);
    question.mutable_intent()->set_target("/t");
    v1::DecideRequest& post = questions.emplace_back(question);
    post.mutable_request()->set_method("POST");              // campaign: 405
    post.mutable_intent()->set_client(v1::CLIENT_KIND_API);  // login_required: 401
  }
  for (v1::DecideRequest& question : questions) {
    const auto answer = Ask(policy, question);
    EXPECT_EQ(Field(answer, kHstsField), kDocuments) << answer.DebugString();
    question.mutable_request()->set_url("http" + question.request().url().substr(5));
    EXPECT_EQ(Field(Ask(policy, question), kHstsField), "(absent)");
  }
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/own")), kHstsField), "max-age=0");
}

TEST(Https, AHostsHstsIsItsOwnAsAWhole) {
  const auto policy = Load(kHsts);
  EXPECT_EQ(Field(Ask(policy, Get("https://new.example/gone")), kHstsField), "max-age=300");
  EXPECT_EQ(Field(Ask(policy, Get("https://other.example/gone")), kHstsField), kDocuments);
}

std::vector<v1::WarningCode> Codes(const v1::DecideResponse& answer) {
  std::vector<v1::WarningCode> codes;
  for (const v1::Warning& warning : answer.warnings()) codes.push_back(warning.code());
  return codes;
}

TEST(Https, AProxyThatSaysAnotherSchemeIsToldAndNotObeyed) {
  const auto policy = Load(R"(
defaults: {require_https: true}
rules:
  - {id: gone, match: {path: /gone}, intent: {purpose: gone}}
)");
  struct Case {
    const char* url;
    const char* name;
    const char* value;
    bool differs;
  };
  for (const Case& c : std::vector<Case>{
           {"http://h.example/", "X-Forwarded-Proto", "https", true},
           {"http://h.example/", "x-forwarded-proto", " HTTPS , http", true},
           {"http://h.example/", "X-Forwarded-Proto", "http, https", false},
           {"http://h.example/", "X-Forwarded-Proto", "wss", false},
           {"http://h.example/", "X-Forwarded-Proto", "", false},
           {"http://h.example/", "Forwarded", "for=192.0.2.1; Proto=https;by=x, proto=http", true},
           {"http://h.example/", "Forwarded", "proto=\"https\"", true},
           {"http://h.example/", "Forwarded", "for=1.2.3.4;host=h", false},
           {"http://h.example/", "Forwarded", ";;", false},
           {"https://h.example/gone", "X-Forwarded-Proto", "http", true},
           {"https://h.example/gone", "X-Forwarded-Proto", "https", false},
           {"https://h.example/none", "X-Forwarded-Proto", "http", true},
           {"https://h.example/none", "Forwarded", "proto=https", false},
       }) {
    v1::DecideRequest request = Get(c.url);
    const auto without = Ask(policy, request);
    v1::Header& header = *request.mutable_request()->add_headers();
    header.set_name(c.name);
    header.set_value(c.value);
    const auto with = Ask(policy, request);
    EXPECT_EQ(with.rule(), without.rule());
    EXPECT_EQ(with.outcome(), without.outcome());
    if (c.differs) {
      EXPECT_THAT(Codes(with), Contains(v1::WARNING_CODE_FORWARDED_PROTO_DIFFERS)) << c.value;
    } else {
      EXPECT_EQ(Codes(with), Codes(without)) << c.value;
    }
  }
}

}  // namespace
}  // namespace fingerpost::policy::resolve
