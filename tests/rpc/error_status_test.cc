// Every core error has one gRPC code, and the details of AIP-193 on the wire.
#include "rpc/error_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fingerpost {
namespace {

using ::testing::Eq;
using ::testing::SizeIs;

// The reasons of the API, by reflection: a new one without a row fails here.
std::vector<v1::ErrorReason> AllReasons() {
  std::vector<v1::ErrorReason> reasons;
  const auto& descriptor = *v1::ErrorReason_descriptor();
  for (int i = 0; i < descriptor.value_count(); ++i) {
    const auto reason = static_cast<v1::ErrorReason>(descriptor.value(i)->number());
    if (reason != v1::ERROR_REASON_UNSPECIFIED) reasons.push_back(reason);
  }
  return reasons;
}

template <typename Detail>
std::vector<Detail> DetailsOf(const grpc::Status& status) {
  google::rpc::Status parsed;
  EXPECT_TRUE(parsed.ParseFromString(status.error_details()));
  std::vector<Detail> found;
  for (const auto& any : parsed.details()) {
    if (Detail detail; any.UnpackTo(&detail)) found.push_back(detail);
  }
  return found;
}

class EveryReason : public testing::TestWithParam<v1::ErrorReason> {};

// The comments of answer.proto begin with each reason's code; this repeats the list, by name.
TEST_P(EveryReason, HasTheCodeThatTheApiPromises) {
  static const std::map<v1::ErrorReason, std::string_view> promised = {
      {v1::ERROR_REASON_INVALID_FIELDS, "INVALID_ARGUMENT"},
      {v1::ERROR_REASON_MALFORMED_JSON, "INVALID_ARGUMENT"},
      {v1::ERROR_REASON_UNKNOWN_INTENT, "NOT_FOUND"},
      {v1::ERROR_REASON_NOT_IMPLEMENTED, "UNIMPLEMENTED"},
      {v1::ERROR_REASON_OVERLOADED, "RESOURCE_EXHAUSTED"},
      {v1::ERROR_REASON_SHUTTING_DOWN, "UNAVAILABLE"},
      {v1::ERROR_REASON_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
      {v1::ERROR_REASON_CALLER_NOT_ALLOWED, "PERMISSION_DENIED"},
      {v1::ERROR_REASON_INVARIANT_BROKEN, "INTERNAL"},
  };
  ASSERT_TRUE(promised.contains(GetParam())) << "a new reason needs a row in both tables";
  EXPECT_EQ(CodeOf(GetParam()).name, promised.at(GetParam()));
  EXPECT_NE(CodeOf(GetParam()).code, grpc::StatusCode::OK);
  EXPECT_EQ(MakeError(GetParam(), "why").code(), promised.at(GetParam()));
}

TEST_P(EveryReason, CarriesErrorInfo) {
  const grpc::Status status = ToStatus(MakeError(GetParam(), "why"));
  EXPECT_EQ(status.error_code(), CodeOf(GetParam()).code);
  EXPECT_EQ(status.error_message(), "why");
  google::rpc::Status wire;
  ASSERT_TRUE(wire.ParseFromString(status.error_details()));
  EXPECT_EQ(wire.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(wire.message(), "why");
  const auto infos = DetailsOf<google::rpc::ErrorInfo>(status);
  ASSERT_THAT(infos, SizeIs(1));
  EXPECT_EQ(infos[0].domain(), "fingerpost.dev");
  EXPECT_EQ(std::string("ERROR_REASON_").append(infos[0].reason()),
            v1::ErrorReason_Name(GetParam()));
  EXPECT_TRUE(RE2::FullMatch(infos[0].reason(), "[A-Z][A-Z0-9_]{1,61}[A-Z0-9]"));
}

TEST_P(EveryReason, SaysWhenToRetryExactlyWhereThatHelps) {
  const auto code = CodeOf(GetParam()).code;
  const bool helps = code == grpc::StatusCode::RESOURCE_EXHAUSTED || code == grpc::UNAVAILABLE;
  const auto retries = DetailsOf<google::rpc::RetryInfo>(ToStatus(MakeError(GetParam(), "why")));
  ASSERT_THAT(retries, SizeIs(helps ? 1 : 0));
  if (helps) {
    EXPECT_GT(retries[0].retry_delay().nanos(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(ErrorReason, EveryReason, testing::ValuesIn(AllReasons()),
                         [](const auto& info) { return std::string(ReasonName(info.param)); });

TEST(ErrorStatus, NamesEveryWrongFieldInOrder) {
  v1::Error error = MakeError(v1::ERROR_REASON_INVALID_FIELDS, "two");
  for (const char* field : {"request.method", "request.headers[1].value"}) {
    auto& violation = *error.add_violations();
    violation.set_field(field);
    violation.set_description(std::string("about ") + field);
  }
  const auto requests = DetailsOf<google::rpc::BadRequest>(ToStatus(error));
  ASSERT_THAT(requests, SizeIs(1));
  ASSERT_THAT(requests[0].field_violations(), SizeIs(2));
  EXPECT_EQ(requests[0].field_violations(0).field(), "request.method");
  EXPECT_EQ(requests[0].field_violations(1).description(), "about request.headers[1].value");
}

TEST(ErrorStatus, AReasonOfALaterVersionIsInternal) {
  EXPECT_EQ(CodeOf(static_cast<v1::ErrorReason>(9999)).code, grpc::StatusCode::INTERNAL);
  EXPECT_THAT(ReasonName(static_cast<v1::ErrorReason>(9999)), Eq(""));
}

}  // namespace
}  // namespace fingerpost
