#include "policy_watcher.h"

#include <grpcpp/completion_queue.h>

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include "call_error.h"
#include "handed_out.h"
#include "policy_file.h"
#include "version.h"

namespace fingerpost {
namespace {

using Clock = std::chrono::system_clock;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{5000};
constexpr milliseconds kReportTimeout{1000};  // For all that is reported at once.
constexpr size_t kMostRetired = 8;

// Somewhere in the upper half, so that many clients do not come at once.
milliseconds Jittered(milliseconds most) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds(
      std::uniform_int_distribution<milliseconds::rep>(most.count() / 2, most.count())(random));
}

std::string Sentence(const v1::PolicyProblem& problem) {
  std::string sentence;
  for (const std::string* part : {&problem.place(), &problem.field(), &problem.description()}) {
    if (!part->empty()) sentence += (sentence.empty() ? "" : ": ") + *part;
  }
  return sentence;
}

}  // namespace

PolicyWatcher::PolicyWatcher(std::shared_ptr<Connection> connection, WatchOptions options,
                             std::function<void(const std::string&)> log)
    : connection_(std::move(connection)), options_(std::move(options)), log_(std::move(log)) {
  state_.since = Clock::now();
}

void PolicyWatcher::Start() {
  std::call_once(started_, [this] {
    try {
      ReadFile();
      thread_ = std::thread([this] { Run(); });
    } catch (const std::exception& error) {
      GiveUp(error.what());
    }
  });
}

void PolicyWatcher::GiveUp(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    policy_.reset();  // Nobody would replace it.
    state_.state = PolicyState::State::kNone;
    state_.version.clear();
    state_.since = Clock::now();
    has_answer_ = true;
  }
  (void)Survives([&] {
    refused_ = "the policy is not watched: " + why;
    SetProblems({});
  });
}

template <typename Work>
bool PolicyWatcher::Survives(Work work) noexcept {
  try {
    work();
    return true;
  } catch (const std::exception& error) {
    Note(error.what());
  } catch (...) {
    Note("of an exception");
  }
  return false;
}

void PolicyWatcher::Note(const char* what) noexcept {
  const std::lock_guard lock(mutex_);
  has_answer_ = true;
  changed_.notify_all();
  try {
    state_.problems = {std::string("the watch of the policy was interrupted: ") + what};
  } catch (...) {  // There is not even memory to say so.
  }
}

std::shared_ptr<const OpenPolicy> PolicyWatcher::policy() {
  Start();
  const std::lock_guard lock(mutex_);
  return policy_;
}

PolicyState PolicyWatcher::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool PolicyWatcher::Wait(milliseconds timeout) {
  Start();
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::min<milliseconds>(timeout, std::chrono::hours(24)),
                           [this] { return has_answer_ || stops_; });
}

void PolicyWatcher::Stop() {
  std::call_once(started_, [] {});
  {
    const std::lock_guard lock(mutex_);
    if (!stops_) stop_by_ = Clock::now() + kReportTimeout;
    stops_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PolicyWatcher::Run() {
  next_report_ = Clock::now() + Jittered(options_.report_every);
  do {
    bool may_go_on = true;
    if (!Survives([&] { may_go_on = Attempt(); })) ++failures_;
    if (!may_go_on) return;
  } while (Pause());
}

bool PolicyWatcher::Attempt() {
  const auto channel = connection_->channel();
  if (channel == nullptr) return false;
  const auto stub = v1::PolicyService::NewStub(channel);
  grpc::ClientContext context;
  const auto set = [this](grpc::ClientContext* current) {
    const std::lock_guard lock(mutex_);
    context_ = current;
    return !stops_;
  };
  if (!set(&context)) {
    set(nullptr);
    return false;
  }
  bool was_connected = false;
  (void)Survives([&] { was_connected = Watch(*stub, context); });
  const bool may_go_on = set(nullptr);
  if (!may_go_on && was_connected) Report(*stub);
  return may_go_on;
}

v1::WatchPolicyRequest PolicyWatcher::Question() const {
  v1::WatchPolicyRequest question;
  *question.mutable_selector() = options_.selector;
  const std::lock_guard lock(mutex_);
  if (policy_ != nullptr && is_known_) question.set_known_version(std::string(policy_->version()));
  return question;
}

bool PolicyWatcher::Watch(Stub& stub, grpc::ClientContext& context) {
  char start = 0, read = 0, finish = 0;  // Their places say to the queue what is done.
  grpc::CompletionQueue queue;
  context.set_wait_for_ready(true);
  v1::WatchPolicyResponse message;
  grpc::Status status;
  const auto stream = stub.AsyncWatchPolicy(&context, Question(), &queue, &start);
  bool was_connected = false;
  const auto is_ready = [this] { return state().state == PolicyState::State::kReady; };
  for (void* done = nullptr; done != &finish;) {
    bool ok = false;
    const auto until = is_ready() ? next_report_ : Clock::time_point::max();
    if (queue.AsyncNext(&done, &ok, until) == grpc::CompletionQueue::TIMEOUT) {
      // Only the report is due.
    } else if (done == &finish) {
      was_connected = is_ready();
      (void)Survives([&] {
        Lose(status.error_code() == grpc::StatusCode::UNIMPLEMENTED
                 ? "the service hands out no policy"
             : IsAnAnswer(ToError(status)) ? status.error_message()
                                           : "");
      });
    } else if (!ok) {
      stream->Finish(&status, &finish);
    } else {
      // One that could not be taken comes again with the next stream.
      if (done == &read && !Survives([&] { Take(message); })) context.TryCancel();
      message.Clear();
      stream->Read(&message, &read);
    }
    if (is_ready() && Clock::now() >= next_report_) {  // Also where messages never cease.
      (void)Survives([&] { Report(stub); });
      next_report_ = Clock::now() + Jittered(options_.report_every);
    }
  }
  queue.Shutdown();
  for (void* done = nullptr;;) {
    bool ok = false;
    if (!queue.Next(&done, &ok)) return was_connected;
  }
}

void PolicyWatcher::Take(const v1::WatchPolicyResponse& message) {
  if (message.has_policy() && Open(message.policy(), &message.version()) &&
      !options_.file.empty()) {
    (void)WritePolicyFile(options_.file, message.policy(), refused_);
  }
  std::vector<std::string> problems;
  for (const v1::PolicyProblem& problem : message.problems()) problems.push_back(Sentence(problem));
  SetProblems(std::move(problems));
  {
    const std::lock_guard lock(mutex_);
    if (policy_ != nullptr && state_.state != PolicyState::State::kReady) {
      state_.state = PolicyState::State::kReady;
      state_.since = Clock::now();
    }
    has_answer_ = true;
  }
  failures_ = 0;
  changed_.notify_all();
}

// A bad one changes nothing.
bool PolicyWatcher::Open(const std::string& octets, const std::string* version) {
  v1::Error error;
  auto opened = OpenPolicy::Of(octets, error);
  const v1::HandedOut handed_out = ReadHandedOut(octets);
  const bool is_asked_part = IsSamePart(handed_out.selector(), options_.selector);
  std::string why;
  if (opened == nullptr) {
    why = error.message();
  } else if (handed_out.version().empty()) {
    why = "it is not whole: handed_out.version: expected a version";
  } else if (version != nullptr && handed_out.version() != *version) {
    why = "handed_out.version: expected \"" + *version + "\", as the answer says";
  } else if (version != nullptr && !is_asked_part) {
    why = "handed_out.selector: expected the part that was asked for";
  }
  refused_ = why.empty() ? "" : "the policy was not taken: " + why;
  if (!why.empty()) return false;
  std::string opened_version(opened->version());
  const std::lock_guard lock(mutex_);
  if (policy_ != nullptr) Retire(policy_);
  policy_ = std::move(opened);
  state_.version = std::move(opened_version);
  is_known_ = is_asked_part;
  return true;
}

void PolicyWatcher::ReadFile() {
  std::string octets;
  Clock::time_point written;
  if (options_.file.empty()) return;
  if (ReadPolicyFile(options_.file, octets, written, refused_) && Open(octets, nullptr)) {
    const std::lock_guard lock(mutex_);
    state_.state = PolicyState::State::kStale;
    state_.since = written;
  }
  SetProblems({});
}

void PolicyWatcher::SetProblems(std::vector<std::string> problems) {
  if (!refused_.empty()) problems.push_back(refused_);
  const std::string last = problems.empty() ? "" : problems.back();
  if (!last.empty() && last != told_) log_(last);
  told_ = last;
  const std::lock_guard lock(mutex_);
  state_.problems = std::move(problems);
}

void PolicyWatcher::Lose(const std::string& problem) {
  ++failures_;
  if (!problem.empty()) SetProblems({problem});  // Before anybody who waits is told.
  {
    const std::lock_guard lock(mutex_);
    if (state_.state == PolicyState::State::kReady) {
      state_.state = PolicyState::State::kStale;
      state_.since = Clock::now();
    }
    has_answer_ = has_answer_ || !problem.empty();
  }
  changed_.notify_all();
}

void PolicyWatcher::Retire(std::shared_ptr<const OpenPolicy> policy) {
  retired_.push_back(std::move(policy));
  if (retired_.size() > kMostRetired) retired_.erase(retired_.begin());
}

void PolicyWatcher::Report(Stub& stub) {
  std::vector<std::shared_ptr<const OpenPolicy>> answered = std::exchange(retired_, {});
  const size_t retired = answered.size();
  if (auto current = policy()) answered.push_back(std::move(current));
  auto deadline = Clock::now() + kReportTimeout;
  {
    const std::lock_guard lock(mutex_);
    deadline = std::min(deadline, stop_by_);
  }
  for (size_t i = 0; i < answered.size(); ++i) {
    const bool is_late = Clock::now() >= deadline;
    // One that somebody still asks has more to report.
    if (i < retired && (is_late || answered[i].use_count() > 1)) Retire(answered[i]);
    v1::ReportUsageRequest usage;
    if (is_late || !answered[i]->TakeUsage(usage)) continue;
    usage.set_agent(std::string("cpp/") + kVersion);
    grpc::ClientContext context;
    context.set_deadline(deadline);
    v1::ReportUsageResponse response;
    // Better a few too few than some twice.
    (void)stub.ReportUsage(&context, usage, &response);
  }
}

bool PolicyWatcher::Pause() {
  const milliseconds pause =
      Jittered(std::min(kLongestPause, kFirstPause * (1 << std::min(failures_, 6))));
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, pause, [this] { return stops_; });
}

}  // namespace fingerpost
