#include "server/policy_keeper.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "policy/load/default_policy.h"
#include "rpc/redirect_service.h"
#include "server/failure.h"

namespace fingerpost {

policy::load::Loaded LoadOrFail(const std::string& path, Strictness strictness) {
  if (path.empty()) return {.snapshot = policy::load::DefaultPolicy(), .problems = {}, .files = {}};
  if (access(path.c_str(), R_OK) != 0) {  // Opening a pipe would wait for its writer.
    throw Failure(ExitCode::kFile, fmt::format("--policy: cannot read {}", path));
  }
  policy::load::Loaded loaded = policy::load::FromFile(path, SystemClock());
  const bool is_good = strictness == Strictness::kDocument ? loaded.snapshot != nullptr
                                                           : !message::HasErrors(loaded.problems);
  if (is_good) return loaded;
  std::string lines = fmt::format("--policy: {} cannot be used:", path);
  for (const message::Fault& problem : loaded.problems)
    lines += "\n  " + message::ToString(problem);
  throw Failure(ExitCode::kPolicy, lines);
}

PolicyKeeper::PolicyKeeper(const std::string& path, Budget& budget)
    : first_(LoadOrFail(path, Strictness::kDocument)),
      store_(first_.snapshot),
      counts_(store_, SystemClock().seconds()),
      news_(store_, &budget) {
  state_.policy_file = path;
  state_.policy_version = first_.snapshot->version;
  state_.policy_loaded_at = SystemClock().seconds();
  Remember(first_.problems);
  news_.Set(first_.problems);
  Remember(first_.included);
  if (path.empty()) {
    spdlog::debug("policy: the default one, version {}", state_.policy_version);
    return;
  }
  spdlog::info("policy {}: version {}", path, state_.policy_version);
  try {
    watcher_ = std::make_unique<policy::load::Watcher>(
        path, first_, store_,
        [this](const policy::load::Reloaded& reloaded) { OnReload(reloaded); });
    first_ = {};  // The store holds it as long as it answers.
  } catch (const std::system_error& fault) {
    throw Failure(ExitCode::kUnexpected,
                  fmt::format("--policy: cannot watch {}: {}", path, fault.code().message()));
  }
}

void PolicyKeeper::Reload() {
  if (watcher_ == nullptr) {
    spdlog::info("SIGHUP: the default policy does not change");
    return;
  }
  watcher_->Reload();
}

void PolicyKeeper::OnReload(const policy::load::Reloaded& reloaded) {
  const auto milliseconds = std::chrono::duration<double, std::milli>(reloaded.duration).count();
  if (reloaded.replaced) counts_.Carry(SystemClock().seconds());
  news_.Set(reloaded.problems);
  const std::lock_guard lock(mutex_);
  Remember(reloaded.problems);
  if (reloaded.failed) {
    ++state_.policy_failures;
    state_.policy_is_old = true;
    spdlog::error("policy: cannot be used, version {} stays", reloaded.version);
    return;
  }
  state_.policy_is_old = false;
  const bool is_whole = !message::HasErrors(reloaded.problems);
  ++(is_whole ? state_.policy_reloads : state_.policy_partial_reloads);
  Remember(reloaded.included);
  state_.policy_version = reloaded.version;
  state_.policy_loaded_at = SystemClock().seconds();
  spdlog::info("policy: version {}{}, read in {:.1f} ms", reloaded.version,
               reloaded.replaced ? "" : " as before", milliseconds);
}

void PolicyKeeper::Remember(const message::FaultList& problems) {
  state_.policy_problems.clear();
  state_.policy_warnings = 0;
  for (const message::Fault& problem : problems) {
    const bool warning = problem.severity == message::Severity::kWarning;
    const std::string line = message::ToString(problem);
    state_.policy_problems.push_back(line);
    if (warning) ++state_.policy_warnings;
    spdlog::log(warning ? spdlog::level::warn : spdlog::level::err, "policy: {}", line);
  }
}

// A line for each file whose state has changed.
void PolicyKeeper::Remember(std::vector<policy::load::Included> included) {
  using policy::load::Included;
  for (const Included& is : included) {
    const auto was = std::find_if(state_.policy_included.begin(), state_.policy_included.end(),
                                  [&is](const Included& other) { return other.name == is.name; });
    const bool was_current =
        was == state_.policy_included.end() || was->state == Included::State::kCurrent;
    if (is.state == (was_current ? Included::State::kCurrent : was->state)) continue;
    switch (is.state) {
      case Included::State::kCurrent:
        spdlog::info("policy: {} is current again", is.name);
        break;
      case Included::State::kLastGood:
        spdlog::error("policy: {} cannot be used, its last good version stays", is.name);
        break;
      case Included::State::kLeftOut:
        spdlog::error("policy: {} cannot be used and is left out", is.name);
        break;
    }
  }
  state_.policy_included = std::move(included);
}

void PolicyKeeper::Describe(State& state) const {
  const std::lock_guard lock(mutex_);
  state.policy_file = state_.policy_file;
  state.policy_version = state_.policy_version;
  state.policy_loaded_at = state_.policy_loaded_at;
  state.policy_reloads = state_.policy_reloads;
  state.policy_partial_reloads = state_.policy_partial_reloads;
  state.policy_failures = state_.policy_failures;
  state.policy_is_old = state_.policy_is_old;
  state.policy_included = state_.policy_included;
  state.policy_warnings = state_.policy_warnings;
  state.policy_problems = state_.policy_problems;
  state.policy_watchers = news_.watchers;
  state.policy_sent_to_watchers = news_.sent_to_watchers;
  state.policy_sent_over_http = news_.sent_over_http;
}

}  // namespace fingerpost
