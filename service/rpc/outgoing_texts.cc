#include "rpc/outgoing_texts.h"

#include "rpc/error_status.h"

namespace fingerpost {

std::shared_ptr<const void> OutgoingTexts::Hold(const Text& text) {
  if (!Enter(text)) return nullptr;
  return {text.get(), [this, text](const void* /*text*/) { Leave(text); }};
}

v1::Error OutgoingTexts::NoRoom() {
  return MakeError(v1::ERROR_REASON_OVERLOADED,
                   "Those who take the policy slowly hold too much memory; ask again later, or for "
                   "a smaller part of it.");
}

bool OutgoingTexts::Enter(const Text& text) {
  const std::lock_guard lock(mutex_);
  const auto [sent, is_first] = sent_.try_emplace(text.get(), budget_);
  if (is_first && !sent->second.share.Add(static_cast<int64_t>(text->size()))) {
    sent_.erase(sent);
    return false;
  }
  ++sent->second.by;
  return true;
}

void OutgoingTexts::Leave(const Text& text) {
  const std::lock_guard lock(mutex_);
  const auto sent = sent_.find(text.get());
  if (--sent->second.by == 0) sent_.erase(sent);
}

}  // namespace fingerpost
