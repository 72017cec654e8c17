#include "core/follow/unsent.h"

#include "core/follow/allowed_targets.h"
#include "core/follow/changes.h"
#include "core/follow/stop.h"
#include "core/follow/warnings.h"
#include "core/message/omitted.h"

namespace fingerpost::follow {

void AnswerUnsent(const v1::FollowRequest& question, const Profile& profile, const http::Url& url,
                  v1::FollowResponse& out) {
  out.mutable_chain()->Clear();
  *out.mutable_chain()->mutable_cookies() = question.chain().cookies();
  if (!IsAllowedTarget(url, question.options().targets())) {
    WriteStop(v1::STOP_REASON_TARGET_NOT_ALLOWED, 0, profile, out);
    out.clear_changes();  // Those of the previous answer, whose memory is kept.
    return;
  }
  Changes changes(question.request());
  const bool stripped = !out.warnings().empty();  // The only warning so far is about userinfo.
  changes.SetUrl(url.get_href(),
                 stripped ? v1::CHANGE_REASON_USERINFO : v1::CHANGE_REASON_SERIALIZED);
  changes.Write(out, !message::Omitted(question.omit()).Has(v1::ANSWER_PART_TEXTS));
  WarnOfAddress(question, url, out);
}

}  // namespace fingerpost::follow
