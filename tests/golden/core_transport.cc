#include "golden/core_transport.h"

#include <gtest/gtest.h>

#include "core/decide/kinds.h"
#include "core/follow/follow.h"
#include "done.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::golden {

std::vector<DecideAnswer> CoreTransport::Decide(const std::vector<DecideQuestion>& questions) {
  std::vector<DecideAnswer> answers(questions.size());
  const policy::compiled::Snapshot no_policy;
  // Reused like the service's messages: no answer may show in the next one.
  v1::DecideResponse kept;
  for (size_t i = 0; i < questions.size(); ++i) {
    answers[i].ok =
        IsDone(policy::resolve::Decide(no_policy, questions[i].message, kept), answers[i].error);
    if (!answers[i].ok) continue;
    answers[i].response = kept;
    EXPECT_TRUE(decide::IsKind(kept.outcome(), questions[i].message.intent().purpose(),
                               kept.status(), kept.reason().code()))
        << kept.ShortDebugString();
  }
  return answers;
}

std::vector<FollowAnswer> CoreTransport::Follow(const std::vector<FollowQuestion>& questions) {
  std::vector<FollowAnswer> answers(questions.size());
  v1::FollowResponse kept;
  for (size_t i = 0; i < questions.size(); ++i) {
    answers[i].ok = IsDone(follow::Follow(questions[i].message, kept), answers[i].error);
    if (answers[i].ok) answers[i].response = kept;
  }
  return answers;
}

}  // namespace fingerpost::golden
