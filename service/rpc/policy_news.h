// The policy as others learn of it who answer by it themselves: what answers here, and why newer
// files do not.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/message/faults.h"
#include "policy/compiled/handed_out.h"
#include "policy/compiled/selector.h"
#include "policy/load/store.h"
#include "rpc/outgoing_texts.h"

namespace fingerpost {

// Thread-safe. To cut a part out of a large policy takes many milliseconds, so its own thread does
// that, and no answer waits.
class PolicyNews {
 public:
  using PolicyPtr = std::shared_ptr<const policy::compiled::HandedOut>;
  using SelectorPtr = std::shared_ptr<const policy::compiled::Selector>;
  using Text = policy::compiled::HandedOut::Text;

  struct News {
    PolicyPtr policy;
    Text problems;  // As the octets of WatchPolicyResponse.problems.
  };
  // What was asked for.
  struct Form {
    PolicyPtr policy;
    SelectorPtr selector;
    Text octets;
  };
  // Called on its thread: with a form that was made, or with null after a change.
  using Listener = std::function<void(const std::shared_ptr<const Form>& form)>;

  // Counts what is sent in `budget`; null: there is no limit.
  explicit PolicyNews(const policy::load::Store& store, Budget* budget = nullptr);
  ~PolicyNews() { Stop(); }
  PolicyNews(const PolicyNews&) = delete;
  PolicyNews& operator=(const PolicyNews&) = delete;

  // Call after each load, with what was wrong, and once the store has what was good.
  void Set(const message::FaultList& problems);

  void Start(Listener listener);
  // No listener is called any more.
  void Stop();

  [[nodiscard]] News Now() const;
  // The octets, if they were made already. Null: the listener gets them.
  [[nodiscard]] Text Find(const PolicyPtr& policy, const SelectorPtr& selector);

  // What is being sent to those who asked, by whatever way.
  [[nodiscard]] OutgoingTexts& outgoing() { return outgoing_; }

  // For the metrics: who watches now, and how often the policy was handed out.
  std::atomic<int> watchers{0};
  std::atomic<uint64_t> sent_to_watchers{0};
  std::atomic<uint64_t> sent_over_http{0};

 private:
  void Run();
  // Whether they were all made.
  bool Make(const std::vector<Form>& asked);

  const policy::load::Store& store_;
  OutgoingTexts outgoing_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Text problems_ = std::make_shared<const std::string>();
  std::vector<Form> asked_;  // Yet without octets.
  bool changed_ = false;
  bool stop_ = false;
  Listener listener_;
  std::thread thread_;
};

}  // namespace fingerpost
