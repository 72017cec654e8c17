#include "golden/grpc_transport.h"

#include <chrono>
#include <utility>

namespace fingerpost::golden {
namespace {

// Only the answer is tested; the machine may be busy with other tests.
const CallOptions kPatient{.timeout = std::chrono::seconds(30)};

}  // namespace

GrpcTransport::GrpcTransport(const std::string& address)
    : client_(address, fingerpost::Transport::Plaintext(), {.on_error = OnError::kFail}) {}

std::vector<DecideAnswer> GrpcTransport::Decide(const std::vector<DecideQuestion>& questions) {
  std::vector<DecideAnswer> answers(questions.size());
  for (size_t i = 0; i < questions.size(); ++i) {
    Decision answer;
    answers[i].ok = client_.Decide(questions[i].message, answer, answers[i].error, kPatient);
    answers[i].response = std::move(answer.response);
  }
  return answers;
}

std::vector<FollowAnswer> GrpcTransport::Follow(const std::vector<FollowQuestion>& questions) {
  std::vector<FollowAnswer> answers(questions.size());
  for (size_t i = 0; i < questions.size(); ++i) {
    Hop answer;
    answers[i].ok = client_.Follow(questions[i].message, answer, answers[i].error, kPatient);
    answers[i].response = std::move(answer.response);
  }
  return answers;
}

}  // namespace fingerpost::golden
