#include "rpc/policy_news.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "fingerpost/v1/policy_service.pb.h"

namespace fingerpost {
namespace {

constexpr int kMostProblems = 100;
// Without memory, until the next attempt.
constexpr std::chrono::seconds kAgain{1};

std::string PlaceOf(const message::Fault& fault) {
  if (fault.position.line == 0) return fault.file;
  return fault.file + ':' + std::to_string(fault.position.line) + ':' +
         std::to_string(fault.position.column);
}

std::string Octets(const message::FaultList& problems) {
  v1::WatchPolicyResponse told;
  for (const message::Fault& fault : problems) {
    if (fault.severity != message::Severity::kError) continue;
    if (told.problems_size() == kMostProblems) break;
    v1::PolicyProblem& problem = *told.add_problems();
    problem.set_place(PlaceOf(fault));
    problem.set_field(message::ToString(fault.path));
    problem.set_description(fault.what);
  }
  return told.SerializeAsString();
}

}  // namespace

PolicyNews::PolicyNews(const policy::load::Store& store, Budget* budget)
    : store_(store), outgoing_(budget) {}

void PolicyNews::Set(const message::FaultList& problems) {
  auto octets = std::make_shared<const std::string>(Octets(problems));
  const std::lock_guard lock(mutex_);
  problems_ = std::move(octets);
  changed_ = true;
  wake_.notify_one();
}

PolicyNews::News PolicyNews::Now() const {
  PolicyPtr policy = store_.Get()->handed_out;
  const std::lock_guard lock(mutex_);
  return {.policy = std::move(policy), .problems = problems_};
}

PolicyNews::Text PolicyNews::Find(const PolicyPtr& policy, const SelectorPtr& selector) {
  if (Text octets = policy->Find(*selector)) return octets;
  const std::lock_guard lock(mutex_);
  const bool is_asked = std::any_of(asked_.begin(), asked_.end(), [&](const Form& form) {
    return form.policy == policy && form.selector->key() == selector->key();
  });
  if (!is_asked) asked_.push_back({.policy = policy, .selector = selector, .octets = {}});
  wake_.notify_one();
  return nullptr;
}

void PolicyNews::Start(Listener listener) {
  stop_ = false;
  listener_ = std::move(listener);
  thread_ = std::thread([this] { Run(); });
}

void PolicyNews::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

bool PolicyNews::Make(const std::vector<Form>& asked) {
  try {
    for (const Form& form : asked) {
      listener_(std::make_shared<const Form>(Form{.policy = form.policy,
                                                  .selector = form.selector,
                                                  .octets = form.policy->Octets(*form.selector)}));
    }
  } catch (const std::exception&) {
    return false;
  }
  return true;
}

void PolicyNews::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || changed_ || !asked_.empty(); });
    if (stop_) return;
    const bool changed = std::exchange(changed_, false);
    std::vector<Form> asked = std::exchange(asked_, {});
    lock.unlock();
    // The whole policy is made in no time; those of it do not wait for parts.
    std::stable_partition(asked.begin(), asked.end(),
                          [](const Form& form) { return form.selector->is_all(); });
    if (changed) listener_(nullptr);
    const bool made = Make(asked);
    lock.lock();
    if (made) continue;
    // The watchers ask again.
    wake_.wait_for(lock, kAgain, [this] { return stop_; });
    changed_ = true;
  }
}

}  // namespace fingerpost
