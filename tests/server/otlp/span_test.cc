// A call as a span: what it says, and what it never says.
#include "server/otlp/span.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "fingerpost/v1/redirect_service.pb.h"
#include "server/otlp/tracer.h"
#include "version.h"

namespace fingerpost {
namespace {

using namespace std::chrono_literals;
using opentelemetry::proto::trace::v1::Span;
using opentelemetry::proto::trace::v1::Status;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

v1::DecideRequest Request() {
  v1::DecideRequest request;
  request.mutable_request()->set_method("POST");
  request.mutable_request()->set_url("https://user:pass@shop.example.com/orders?card=4111#x");
  auto& header = *request.mutable_request()->add_headers();
  header.set_name("Authorization");
  header.set_value("Bearer secret");
  (*request.mutable_parameters())["token"] = "secret";
  return request;
}

v1::DecideResponse Decision() {
  v1::DecideResponse response;
  response.set_outcome(v1::OUTCOME_REDIRECT);
  response.set_status(303);
  response.mutable_reason()->set_code(v1::REASON_CODE_FORM_RESULT);
  response.mutable_reason()->set_message("a sentence with secret");
  response.set_rule("orders");
  response.set_policy_version("1234");
  response.set_target("https://shop.example.com/orders/1?token=secret");
  return response;
}

CallRecord Record(Method method, const google::protobuf::Message& request,
                  const google::protobuf::Message* response, grpc::StatusCode code = grpc::OK) {
  return {.summary = {method, code, 12us, response},
          .transport = "grpc",
          .peer = "ipv4:192.0.2.1:4242",
          .caller = {"spiffe://example.org/secret"},
          .traceparent = {},
          .request_id = "secret",
          .request = request,
          .error = "a secret"};
}

Span ToSpan(const CallRecord& record) {
  FinishedCall call = ToFinishedCall(record);
  call.trace = {1};
  call.span = {2};
  call.parent = {3};
  call.end = std::chrono::system_clock::time_point(1s);
  Span span;
  WriteSpan(call, "https", span);
  return span;
}

template <typename Message>
std::map<std::string, std::string> AttributesOf(const Message& message) {
  std::map<std::string, std::string> found;
  for (const auto& attribute : message.attributes()) {
    const auto& value = attribute.value();
    const std::string text =
        value.has_int_value() ? std::to_string(value.int_value()) : value.string_value();
    EXPECT_TRUE(found.emplace(attribute.key(), text).second) << attribute.key() << " twice";
  }
  return found;
}

TEST(Span, SaysWhatWasDecidedAndWhy) {
  const v1::DecideRequest request = Request();
  const v1::DecideResponse response = Decision();
  const Span span = ToSpan(Record(Method::kDecide, request, &response));
  EXPECT_EQ(span.name(), "fingerpost.v1.RedirectService/Decide");
  EXPECT_EQ(span.kind(), Span::SPAN_KIND_SERVER);
  EXPECT_EQ(span.trace_id(), std::string("\1") + std::string(15, '\0'));
  EXPECT_EQ(span.span_id(), std::string("\2") + std::string(7, '\0'));
  EXPECT_EQ(span.parent_span_id(), std::string("\3") + std::string(7, '\0'));
  EXPECT_EQ(span.flags(), 0x301U);
  EXPECT_EQ(span.end_time_unix_nano(), 1'000'000'000U);
  EXPECT_EQ(span.start_time_unix_nano(), 999'988'000U);
  EXPECT_EQ(span.status().code(), Status::STATUS_CODE_UNSET);
  const std::map<std::string, std::string> wanted = {
      {"rpc.system.name", "grpc"},   {"rpc.method", "fingerpost.v1.RedirectService/Decide"},
      {"rpc.status_code", "OK"},     {"fingerpost.outcome", "OUTCOME_REDIRECT"},
      {"fingerpost.status", "303"},  {"fingerpost.reason", "REASON_CODE_FORM_RESULT"},
      {"fingerpost.rule", "orders"}, {"fingerpost.policy_version", "1234"}};
  EXPECT_EQ(AttributesOf(span), wanted);
}

TEST(Span, HoldsNoSecret) {
  const v1::DecideRequest request = Request();
  const v1::DecideResponse response = Decision();
  for (const auto code : {grpc::OK, grpc::INTERNAL, grpc::INVALID_ARGUMENT}) {
    const std::string text =
        ToSpan(Record(Method::kDecide, request, &response, code)).DebugString();
    for (const char* secret : {"pass", "user", "card", "4111", "secret", "token", "192.0.2"}) {
      EXPECT_THAT(text, Not(HasSubstr(secret)));
    }
  }
}

TEST(Span, OfEnvoysQuestionSaysTheDecision) {
  const v1::DecideResponse response = Decision();
  const Span span = ToSpan(Record(Method::kCheck, Request(), &response));
  EXPECT_EQ(span.name(), "envoy.service.auth.v3.Authorization/Check");
  EXPECT_THAT(AttributesOf(span), Contains(Pair("fingerpost.rule", "orders")));
}

TEST(Span, OfAHopSaysWhyItStopped) {
  v1::FollowResponse response;
  response.mutable_stop()->set_reason(v1::STOP_REASON_LOOP);
  const v1::FollowRequest request;
  EXPECT_THAT(AttributesOf(ToSpan(Record(Method::kFollow, request, &response))),
              Contains(Pair("fingerpost.stop", "STOP_REASON_LOOP")));
  response.mutable_next();
  EXPECT_THAT(AttributesOf(ToSpan(Record(Method::kFollow, request, &response))),
              Not(Contains(Key("fingerpost.stop"))));
}

TEST(Span, OfABatchCountsItsQuestions) {
  const v1::DecideRequest request;
  for (const Method method :
       {Method::kBatchDecide, Method::kBatchFollow, Method::kStreamDecide, Method::kStreamFollow}) {
    CallRecord record = Record(method, request, nullptr);
    record.questions = 7;
    EXPECT_THAT(AttributesOf(ToSpan(record)), Contains(Pair("fingerpost.requests", "7")));
  }
}

TEST(Span, OfHttpIsNamedByItsRoute) {
  const v1::FollowRequest request;
  const Span good = ToSpan(Record(Method::kFollowOverHttp, request, nullptr));
  EXPECT_EQ(good.name(), "POST /v1/follow");
  const std::map<std::string, std::string> wanted = {{"http.request.method", "POST"},
                                                     {"http.route", "/v1/follow"},
                                                     {"url.path", "/v1/follow"},
                                                     {"url.scheme", "https"},
                                                     {"http.response.status_code", "200"}};
  EXPECT_EQ(AttributesOf(good), wanted);
  const Span bad = ToSpan(Record(Method::kDecideOverHttp, request, nullptr, grpc::INTERNAL));
  EXPECT_THAT(AttributesOf(bad), Contains(Pair("http.response.status_code", "500")));
  EXPECT_THAT(AttributesOf(bad), Contains(Pair("error.type", "500")));
  EXPECT_EQ(bad.status().code(), Status::STATUS_CODE_ERROR);
}

TEST(Span, OfAWebClientsRequestIsNamedByItsDoor) {
  const v1::DecideRequest request = Request();
  const v1::DecideResponse response = Decision();
  for (const auto& [method, name] :
       {std::pair{Method::kGateway, "Gateway"}, std::pair{Method::kSite, "Site"}}) {
    const Span span = ToSpan(Record(method, request, &response));
    EXPECT_EQ(span.name(), name);
    const std::map<std::string, std::string> wanted = {
        {"fingerpost.outcome", "OUTCOME_REDIRECT"},
        {"fingerpost.status", "303"},
        {"fingerpost.reason", "REASON_CODE_FORM_RESULT"},
        {"fingerpost.rule", "orders"},
        {"fingerpost.policy_version", "1234"}};
    EXPECT_EQ(AttributesOf(span), wanted);
    const Span failed = ToSpan(Record(method, request, nullptr, grpc::UNAVAILABLE));
    EXPECT_THAT(AttributesOf(failed), Contains(Pair("error.type", "UNAVAILABLE")));
  }
}

// The semantic conventions of gRPC: what is the server's fault.
TEST(Span, FailedOnlyWhereTheServerIsAtFault) {
  const v1::DecideRequest request;
  for (const auto code : {grpc::OK, grpc::CANCELLED, grpc::INVALID_ARGUMENT, grpc::NOT_FOUND,
                          grpc::PERMISSION_DENIED, grpc::RESOURCE_EXHAUSTED}) {
    const Span span = ToSpan(Record(Method::kDecide, request, nullptr, code));
    EXPECT_EQ(span.status().code(), Status::STATUS_CODE_UNSET) << code;
    EXPECT_EQ(AttributesOf(span).count("error.type"), code == grpc::OK ? 0U : 1U) << code;
  }
  for (const auto code : {grpc::UNKNOWN, grpc::DEADLINE_EXCEEDED, grpc::UNIMPLEMENTED,
                          grpc::INTERNAL, grpc::UNAVAILABLE, grpc::DATA_LOSS}) {
    EXPECT_EQ(ToSpan(Record(Method::kDecide, request, nullptr, code)).status().code(),
              Status::STATUS_CODE_ERROR)
        << code;
  }
}

TEST(Resource, IsThisProcessUnlessTheEnvironmentSaysOtherwise) {
  std::map<std::string, std::string> wanted = {
      {"service.name", "fingerpost"}, {"service.version", kVersion}, {"service.instance.id", "i"}};
  EXPECT_EQ(AttributesOf(MakeResource("", "", "i")), wanted);
  // The whole list is ignored if a part of it is not valid.
  for (const char* wrong : {"a", "=b", "a=%", "a=%2", "a=%zz", "a=%ff", "a=b,c"}) {
    EXPECT_EQ(AttributesOf(MakeResource("", wrong, "i")), wanted) << wrong;
  }
  wanted["service.name"] = "redirects";
  EXPECT_EQ(AttributesOf(MakeResource("redirects", "service.name=other", "i")), wanted);
  wanted["service.name"] = "other";
  wanted["deployment.environment.name"] = "a,b c=d";
  EXPECT_EQ(AttributesOf(MakeResource(
                "", " deployment.environment.name = a%2Cb%20c=d , service.name=other,", "i")),
            wanted);
}

class Recorder final : public CallObserver {
 public:
  [[nodiscard]] unsigned Wants(const CallSummary& /*call*/) override { return wants; }
  void Finished(unsigned wanted, const CallRecord& record) override {
    EXPECT_EQ(wanted, wants);
    traceparents.push_back(record.traceparent);
  }

  unsigned wants = 0;
  std::vector<std::string> traceparents;
};

constexpr char kSampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kNotSampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

// A call with that traceparent, through `tracer`. Returns whether anybody wanted it.
bool Call(Tracer& tracer, const std::string& traceparent) {
  const auto field = [&](std::string_view name) {
    return name == "traceparent" ? std::string_view(traceparent) : std::string_view();
  };
  const v1::DecideRequest request;
  const CallSummary summary{Method::kDecide, grpc::OK, 1us, nullptr, field};
  const unsigned wanted = tracer.Wants(summary);
  if (wanted == 0) return false;
  tracer.Finished(wanted, {.summary = summary,
                           .transport = "grpc",
                           .peer = {},
                           .caller = {},
                           .traceparent = traceparent,
                           .request_id = {},
                           .request = request});
  return true;
}

class Sampling : public testing::Test {
 protected:
  // Nobody listens there, and nothing is sent within the test.
  SpanExporter exporter_{{.endpoint = "127.0.0.1:1", .delay = 1h}};
  Recorder next_;
};

TEST_F(Sampling, IsTheParents) {
  for (const uint64_t every : {uint64_t{0}, uint64_t{1}}) {
    Tracer tracer(every, exporter_, next_);
    EXPECT_TRUE(Call(tracer, kSampled));
    EXPECT_FALSE(Call(tracer, kNotSampled));
  }
}

TEST_F(Sampling, WithoutAParentIsOneOfSoMany) {
  Tracer none(0, exporter_, next_);
  Tracer third(3, exporter_, next_);
  int sampled = 0;
  for (int i = 0; i < 9; ++i) {
    const std::string parent = i % 2 == 0 ? "" : "not-a-parent";
    EXPECT_FALSE(Call(none, parent));
    sampled += static_cast<int>(Call(third, parent));
  }
  EXPECT_EQ(sampled, 3);
}

TEST_F(Sampling, LeavesTheNextObserverItsCalls) {
  Tracer tracer(0, exporter_, next_);
  EXPECT_TRUE(Call(tracer, kSampled));
  EXPECT_THAT(next_.traceparents, IsEmpty());
  next_.wants = 5;
  EXPECT_TRUE(Call(tracer, kNotSampled));
  EXPECT_TRUE(Call(tracer, kSampled));
  EXPECT_TRUE(Call(tracer, "nonsense"));
  EXPECT_EQ(next_.traceparents, (std::vector<std::string>{kNotSampled, kSampled, "nonsense"}));
}

// So that its line is found from the trace.
TEST_F(Sampling, TellsTheNextObserverTheTraceThatBegins) {
  Tracer tracer(1, exporter_, next_);
  next_.wants = 1;
  EXPECT_TRUE(Call(tracer, ""));
  EXPECT_TRUE(Call(tracer, ""));
  ASSERT_EQ(next_.traceparents.size(), 2U);
  for (const std::string& made : next_.traceparents) {
    ASSERT_TRUE(ParseTraceParent(made)) << made;
    EXPECT_TRUE(ParseTraceParent(made)->sampled);
  }
  EXPECT_NE(next_.traceparents[0], next_.traceparents[1]);
}

}  // namespace
}  // namespace fingerpost
