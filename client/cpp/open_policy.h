// A policy in this process: the service's own answers without the service (service/engine).
#pragma once

#include <memory>
#include <string_view>

#include "engine/fingerpost.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"
#include "fingerpost/v1/policy_service.pb.h"

namespace fingerpost {

// Thread-safe.
class OpenPolicy {
 public:
  // From what the service hands out, or from YAML or JSON. Null: `error` has every problem.
  static std::shared_ptr<const OpenPolicy> Of(std::string_view octets, v1::Error& error);
  static std::shared_ptr<const OpenPolicy> OfText(std::string_view text, v1::Error& error);
  // Under no policy at all.
  static const std::shared_ptr<const OpenPolicy>& Empty();

  explicit OpenPolicy(fingerpost_policy* policy) : policy_(policy) {}
  ~OpenPolicy() { fingerpost_close(policy_); }
  OpenPolicy(const OpenPolicy&) = delete;
  OpenPolicy& operator=(const OpenPolicy&) = delete;

  // As Answerer's. `now` and `draw` are set where they are absent.
  [[nodiscard]] bool Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                            v1::Error& error) const;
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                            v1::Error& error) const;

  [[nodiscard]] std::string_view version() const { return fingerpost_policy_version(policy_); }
  // What was answered since the last call. False: nothing.
  [[nodiscard]] bool TakeUsage(v1::ReportUsageRequest& usage) const;

 private:
  fingerpost_policy* const policy_;
};

// Whether the service can answer what the engine has left to it.
[[nodiscard]] inline bool IsLeftToTheService(const v1::Error& error) {
  return error.reason() == v1::ERROR_REASON_NOT_IMPLEMENTED;
}

}  // namespace fingerpost
