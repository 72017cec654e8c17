// Keeps the policy that the service hands out: one thread and one stream for a process, never in a
// question's way.
#pragma once

#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fingerpost/client.h"
#include "fingerpost/v1/policy_service.grpc.pb.h"
#include "open_policy.h"

namespace fingerpost {

// What of the policy it asks for, and where the last good one is kept.
struct WatchOptions {
  v1::PolicySelector selector = {};
  std::string file = {};  // "": nowhere.
  std::chrono::milliseconds report_every = std::chrono::seconds(10);
};

class PolicyWatcher {
 public:
  // `log` gets each new problem once.
  PolicyWatcher(std::shared_ptr<Connection> connection, WatchOptions options,
                std::function<void(const std::string&)> log);
  ~PolicyWatcher() { Stop(); }
  PolicyWatcher(const PolicyWatcher&) = delete;
  PolicyWatcher& operator=(const PolicyWatcher&) = delete;

  // The policy that answers now; null: there is none yet. Starts to watch with the first call.
  [[nodiscard]] std::shared_ptr<const OpenPolicy> policy();
  [[nodiscard]] PolicyState state() const;
  // Whether the service has sent a policy, or has refused to, within that time.
  bool Wait(std::chrono::milliseconds timeout);
  // Reports what is left to report, for at most a second, and ends the stream. May be called again.
  void Stop();

 private:
  using Stub = v1::PolicyService::Stub;

  void Start();
  // Without the thread: leaves every question to the service.
  void GiveUp(const std::string& why);
  void Run();
  // False: there is nothing more to try.
  bool Attempt();
  // Does the work; an exception, such as for lack of memory, is a problem, and no more. False: it
  // was thrown.
  template <typename Work>
  bool Survives(Work work) noexcept;
  void Note(const char* what) noexcept;
  // One stream, until it ends. Returns whether it was connected then.
  bool Watch(Stub& stub, grpc::ClientContext& context);
  [[nodiscard]] v1::WatchPolicyRequest Question() const;
  void Take(const v1::WatchPolicyResponse& message);
  // `version` is what the answer says; null: the octets are the file's, which may have another
  // part.
  bool Open(const std::string& octets, const std::string* version);
  void ReadFile();
  // The oldest goes, unreported, where a service that cannot be told sends many.
  void Retire(std::shared_ptr<const OpenPolicy> policy);
  void Report(Stub& stub);
  // The problems are now these, the service's, and why its last policy was not taken.
  void SetProblems(std::vector<std::string> problems);
  void Lose(const std::string& problem);
  // Waits for the next attempt. False: it is to stop.
  bool Pause();

  const std::shared_ptr<Connection> connection_;
  const WatchOptions options_;
  const std::function<void(const std::string&)> log_;

  std::once_flag started_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Under the mutex.
  std::shared_ptr<const OpenPolicy> policy_;
  PolicyState state_;
  bool has_answer_ = false;  // The service has sent something, or has refused to.
  bool stops_ = false;
  std::chrono::system_clock::time_point stop_by_ = std::chrono::system_clock::time_point::max();
  grpc::ClientContext* context_ = nullptr;  // Of the stream.

  // Of the thread.
  std::vector<std::shared_ptr<const OpenPolicy>>
      retired_;  // Whose last answers are to be reported.
  std::chrono::system_clock::time_point next_report_;
  std::string refused_;    // Why the last policy was not taken or not kept; "": it was.
  std::string told_;       // The last problem in the log.
  bool is_known_ = false;  // The policy is of the same selector: not to be sent again.
  int failures_ = 0;       // Attempts without a message.
};

}  // namespace fingerpost
