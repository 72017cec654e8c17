// Texts on their way to clients, which share them: counted once each, for as long as somebody sends
// them. A policy that was replaced stays in memory until the slowest client has it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/container/node_hash_map.h"
#include "fingerpost/v1/answer.pb.h"
#include "rpc/budget.h"

namespace fingerpost {

// Thread-safe.
class OutgoingTexts {
 public:
  using Text = std::shared_ptr<const std::string>;

  // Null: there is no limit.
  explicit OutgoingTexts(Budget* budget) : budget_(budget) {}
  OutgoingTexts(const OutgoingTexts&) = delete;
  OutgoingTexts& operator=(const OutgoingTexts&) = delete;

  // Keeps the text, and counts it until the last one that holds it lets go. Null: no room. This
  // must outlive what it returns.
  [[nodiscard]] std::shared_ptr<const void> Hold(const Text& text);
  // Why there was none.
  [[nodiscard]] static v1::Error NoRoom();

 private:
  struct Sent {
    explicit Sent(Budget* budget) : share(budget) {}
    Share share;
    int by = 0;
  };
  [[nodiscard]] bool Enter(const Text& text);
  void Leave(const Text& text);

  Budget* const budget_;
  std::mutex mutex_;
  absl::node_hash_map<const std::string*, Sent> sent_;
};

}  // namespace fingerpost
