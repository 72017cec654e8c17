#include "golden/core_transport.h"

#include "core/decide/decide.h"
#include "core/follow/follow.h"

namespace fingerpost::golden {

std::vector<DecideAnswer> CoreTransport::Decide(const std::vector<DecideQuestion>& questions) {
  std::vector<DecideAnswer> answers(questions.size());
  const v1::Defaults defaults;
  // The service keeps its messages: nothing of an answer may be left in the next one.
  v1::DecideResponse kept;
  for (size_t i = 0; i < questions.size(); ++i) {
    const v1::DecideRequest& request = questions[i].message;
    const decide::Input input{.request = request,
                              .intent = request.intent(),
                              .defaults = defaults,
                              .rule = "",
                              .policy_version = ""};
    answers[i].ok = decide::Decide(input, kept, answers[i].error);
    if (answers[i].ok) answers[i].response = kept;
  }
  return answers;
}

std::vector<FollowAnswer> CoreTransport::Follow(const std::vector<FollowQuestion>& questions) {
  std::vector<FollowAnswer> answers(questions.size());
  v1::FollowResponse kept;
  for (size_t i = 0; i < questions.size(); ++i) {
    answers[i].ok = follow::Follow(questions[i].message, kept, answers[i].error);
    if (answers[i].ok) answers[i].response = kept;
  }
  return answers;
}

}  // namespace fingerpost::golden
