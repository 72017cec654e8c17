#include "fingerpost/testing.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "open_policy.h"

namespace fingerpost::testing {
namespace {

std::shared_ptr<const OpenPolicy> Opened(std::string_view text) {
  v1::Error error;
  auto policy = text.empty() ? OpenPolicy::Of("", error) : OpenPolicy::OfText(text, error);
  if (policy != nullptr) return policy;
  std::string problems;
  for (const v1::FieldViolation& violation : error.violations()) {
    problems += violation.field() + ": " + violation.description() + '\n';
  }
  throw std::invalid_argument(problems.empty() ? error.message() : problems);
}

}  // namespace

FakeAnswerer::FakeAnswerer(std::string_view policy) : policy_(Opened(policy)) {}

FakeAnswerer::~FakeAnswerer() = default;

template <typename Question>
bool FakeAnswerer::Take(const Question& question, std::vector<Question>& questions,
                        v1::Error& error) const {
  const std::lock_guard lock(mutex_);
  questions.push_back(question);
  error = failure_;
  return error.code().empty();
}

bool FakeAnswerer::Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                          v1::Error& error, const CallOptions& /*options*/) const {
  return Take(request, decide_questions_, error) && policy_->Decide(request, out, error);
}

bool FakeAnswerer::Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                          v1::Error& error, const CallOptions& /*options*/) const {
  return Take(request, follow_questions_, error) && policy_->Follow(request, out, error);
}

void FakeAnswerer::Fail(v1::Error error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

std::vector<v1::DecideRequest> FakeAnswerer::decide_questions() const {
  const std::lock_guard lock(mutex_);
  return decide_questions_;
}

std::vector<v1::FollowRequest> FakeAnswerer::follow_questions() const {
  const std::lock_guard lock(mutex_);
  return follow_questions_;
}

}  // namespace fingerpost::testing
