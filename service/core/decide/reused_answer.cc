#include "core/decide/reused_answer.h"

namespace fingerpost::decide {

ReusedAnswer::ReusedAnswer(v1::DecideResponse& answer) : fields_(*answer.mutable_headers()) {
  http::Headers fields(answer.GetArena());
  fields.UnsafeArenaSwap(&fields_);
  v1::Reason* reason = answer.has_reason() ? answer.unsafe_arena_release_reason() : nullptr;
  answer.Clear();
  fields_.UnsafeArenaSwap(&fields);
  if (reason == nullptr) return;
  reason->set_code(v1::REASON_CODE_UNSPECIFIED);  // An answer must set its own.
  answer.unsafe_arena_set_allocated_reason(reason);
}

v1::Header& ReusedAnswer::NextField() {
  ++used_;
  return used_ <= fields_.size() ? *fields_.Mutable(used_ - 1) : *fields_.Add();
}

void ReusedAnswer::Finish() {
  while (fields_.size() > used_) fields_.RemoveLast();
}

}  // namespace fingerpost::decide
