// Questions that are counted, and the reports of them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "engine/library.h"
#include "fingerpost/v1/policy_service.pb.h"

namespace fingerpost::engine::testing {

inline constexpr int64_t kNow = 1'767'225'600;

inline v1::DecideRequest Get(const std::string& url, int64_t now = kNow) {
  v1::DecideRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url(url);
  question.mutable_now()->set_seconds(now);
  return question;
}

inline void Ask(const Policy& policy, const v1::DecideRequest& question) {
  ASSERT_EQ(policy.opened().status, FINGERPOST_OK) << policy.opened().error().message();
  ASSERT_EQ(policy.Decide(question.SerializeAsString()).status, FINGERPOST_OK);
}

inline Result Take(const fingerpost_policy* policy, size_t capacity = size_t{1} << 20) {
  return Call([policy](void* usage, size_t room,
                       size_t* size) { return fingerpost_take_usage(policy, usage, room, size); },
              capacity);
}

inline v1::ReportUsageRequest Read(const Result& taken) {
  EXPECT_EQ(taken.status, FINGERPOST_OK);
  v1::ReportUsageRequest report;
  EXPECT_TRUE(report.ParseFromString(taken.octets));
  return report;
}

template <typename List>
uint64_t Sum(const List& list) {
  uint64_t sum = 0;
  for (const auto& entry : list) sum += entry.hits();
  return sum;
}

}  // namespace fingerpost::engine::testing
