// Memory that runs out is an error of that call, and policies leave none behind.
#include <gtest/gtest.h>
#include <malloc.h>

#include "engine/library.h"
#include "fingerpost/v1/policy.pb.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "policy/document/document.h"
#include "rpc/failing_memory.h"

namespace fingerpost::engine::testing {
namespace {

constexpr std::string_view kYaml =
    "intents:\n"
    "  order: {intent: {purpose: form_result, target: '/orders/{id}/confirmation'},\n"
    "          parameters: {id: {type: integer}}}\n"
    "rules:\n"
    "  - {id: tea, match: {path_prefix: /a/long/path/of/teas},\n"
    "     intent: {purpose: permanent_move, target: '/all/of/the/teas{rest}'}}\n"
    "  - {id: blog, match: {path_regex: '/blog/(?P<post>[0-9]+)', cookies: [{name: a, equals: "
    "b}]},\n"
    "     intent: {purpose: temporary_move, target: '/journal/{post}'}}\n";

std::string Octets() {
  v1::Policy policy;
  message::FaultList faults;
  const policy::document::Document document(kYaml, "policy", policy, faults);
  EXPECT_FALSE(message::HasErrors(faults));
  return policy.SerializeAsString();
}

v1::DecideRequest Question() {
  v1::DecideRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url("https://shop.example/a/long/path/of/teas/green?no=short");
  question.set_explain(true);
  return question;
}

// Lets each allocation of `call` fail in turn. Returns how many there were.
template <typename Function>
int FailEach(Function call) {
  std::string buffer(size_t{1} << 16, '\0');
  constexpr int kMost = 100'000;
  for (int n = 1; n <= kMost; ++n) {
    size_t size = 0;
    failing_memory::has_failed = false;
    failing_memory::to_go = n;
    failing_memory::is_here = true;
    const int status = call(buffer.data(), buffer.size(), &size);
    failing_memory::is_here = false;
    failing_memory::to_go = 0;
    if (!failing_memory::has_failed) return n - 1;
    if (status == FINGERPOST_OK) continue;  // It could do without.
    const v1::Error error = Result{status, buffer.substr(0, size)}.error();
    EXPECT_EQ(error.reason(), v1::ERROR_REASON_OVERLOADED) << n << ": " << error.message();
    EXPECT_EQ(error.code(), "RESOURCE_EXHAUSTED");
    EXPECT_EQ(error.message(), "The process is out of memory.");
  }
  return kMost;
}

TEST(EngineMemory, ThatRunsOutIsAnErrorOfAQuestion) {
  const Policy policy(kYaml);
  ASSERT_EQ(policy.opened().status, FINGERPOST_OK) << policy.opened().error().message();
  const std::string question = Question().SerializeAsString();
  const Result expected = policy.Decide(question);
  EXPECT_GT(FailEach([&](void* answer, size_t capacity, size_t* size) {
              return fingerpost_decide(policy.get(), question.data(), question.size(), answer,
                                       capacity, size);
            }),
            10);
  EXPECT_EQ(policy.Decide(question).octets, expected.octets);
}

TEST(EngineMemory, OfABatchToo) {
  const Policy policy(kYaml);
  v1::BatchDecideRequest batch;
  for (int i = 0; i < 5; ++i) *batch.add_requests() = Question();
  batch.add_requests()->mutable_request()->set_url("no URL");
  const std::string questions = batch.SerializeAsString();
  EXPECT_GT(FailEach([&](void* answer, size_t capacity, size_t* size) {
              return fingerpost_batch_decide(policy.get(), questions.data(), questions.size(),
                                             answer, capacity, size);
            }),
            50);
}

TEST(EngineMemory, AndOfFollow) {
  v1::FollowRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_request()->set_url("https://shop.example/a/long/path/of/teas/green?no=short");
  request.mutable_response()->set_status(302);
  auto& location = *request.mutable_response()->add_headers();
  location.set_name("Location");
  location.set_value("https://other.example/a/path/that/is/no/short/string");
  const std::string question = request.SerializeAsString();
  EXPECT_GT(FailEach([&](void* answer, size_t capacity, size_t* size) {
              return fingerpost_follow(nullptr, question.data(), question.size(), answer, capacity,
                                       size);
            }),
            10);
}

// And nothing is lost by it.
TEST(EngineMemory, OfTheUsageToo) {
  const Policy policy(kYaml);
  const std::string question = Question().SerializeAsString();
  constexpr uint64_t kAnswers = 10;
  for (uint64_t i = 0; i < kAnswers; ++i) ASSERT_EQ(policy.Decide(question).status, FINGERPOST_OK);
  std::string taken;
  EXPECT_GT(FailEach([&](void* usage, size_t capacity, size_t* size) {
              const int status = fingerpost_take_usage(policy.get(), usage, capacity, size);
              failing_memory::is_here = false;
              if (status == FINGERPOST_OK) taken.append(static_cast<char*>(usage), *size);
              return status;
            }),
            5);
  v1::ReportUsageRequest report;
  ASSERT_TRUE(report.ParseFromString(taken));
  uint64_t hits = 0;
  for (const v1::HitUsage& rule : report.rules()) hits += rule.hits();
  EXPECT_EQ(hits, kAnswers);
}

// Opens and closes.
int OpenOctets(const std::string& octets, void* error, size_t capacity, size_t* size) {
  fingerpost_policy* policy = nullptr;
  const int status =
      fingerpost_open(octets.data(), octets.size(), "v1", &policy, error, capacity, size);
  EXPECT_EQ(status == FINGERPOST_OK, policy != nullptr);
  fingerpost_close(policy);
  return status;
}

// A sanitizer has another allocator; it finds leaks itself, also those of tables that broke.
#ifndef FINGERPOST_SANITIZE
TEST(EngineMemory, AndOfAPolicyThatIsOpened) {
  v1::Policy policy;
  ASSERT_TRUE(policy.ParseFromString(Octets()));
  v1::Rule exact = policy.rules(0);
  for (const char* path : {"/a", "/b/long/path/to/pages", "/c"}) {
    exact.set_id("at" + std::string(path + 1, 1));
    exact.mutable_match()->add_hosts("www.shop.example");
    exact.mutable_match()->set_path(path);
    exact.mutable_intent()->set_target("/all/of/the/teas");
    *policy.add_rules() = exact;
  }
  auto& language = *policy.mutable_rules(1)->mutable_match()->mutable_accept_language();
  language.add_prefers("de-AT-1996");
  v1::HostDefaults& settings = *policy.add_hosts();
  for (const char* host : {"shop.example", ".shops.with.long.names.example"}) {
    settings.add_hosts(host);
  }
  settings.mutable_defaults()->set_require_https(true);
  policy.add_maps()->set_name("old");
  policy.mutable_maps(0)->set_file("old.csv");
  v1::HandedOut& handed_out = *policy.mutable_handed_out();
  (*handed_out.mutable_rows())["old"] = "/old,/new\n/old?a=1,/newer\n";
  (*handed_out.mutable_origins())["rule.tea"] = "teams/of/tea/drinkers.yaml:12";
  const std::string octets = policy.SerializeAsString();
  EXPECT_GT(FailEach([&](void* error, size_t capacity, size_t* size) {
              return OpenOctets(octets, error, capacity, size);
            }),
            500);
}

TEST(EngineMemory, DoesNotGrowWithPoliciesOpenedAndClosed) {
  const std::string octets = Octets();
  char error[1024];
  size_t size = 0;
  const auto open_and_close = [&](int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(OpenOctets(octets, error, sizeof error, &size), FINGERPOST_OK);
    }
  };
  open_and_close(100);
  const size_t before = mallinfo2().uordblks;
  open_and_close(10'000);
  EXPECT_LE(mallinfo2().uordblks, before + 10'000);  // Octets: one for each would be a leak.
}
#endif

}  // namespace
}  // namespace fingerpost::engine::testing
