#include "golden/core_transport.h"

#include "core/decide.h"
#include "core/follow.h"

namespace fingerpost::golden {

std::vector<DecideAnswer> CoreTransport::Decide(const std::vector<DecideQuestion>& questions) {
  std::vector<DecideAnswer> answers(questions.size());
  const v1::Defaults defaults;
  for (size_t i = 0; i < questions.size(); ++i) {
    const v1::DecideRequest& request = questions[i].message;
    const DecideInput input{.request = request,
                            .intent = request.intent(),
                            .defaults = defaults,
                            .rule = "",
                            .policy_version = "",
                            .looked_at_fields = {}};
    answers[i].ok = fingerpost::Decide(input, answers[i].response, answers[i].error);
  }
  return answers;
}

std::vector<FollowAnswer> CoreTransport::Follow(const std::vector<FollowQuestion>& questions) {
  std::vector<FollowAnswer> answers(questions.size());
  for (size_t i = 0; i < questions.size(); ++i) {
    answers[i].ok = fingerpost::Follow(questions[i].message, answers[i].response, answers[i].error);
  }
  return answers;
}

}  // namespace fingerpost::golden
