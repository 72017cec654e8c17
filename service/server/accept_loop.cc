#include "server/accept_loop.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <limits>
#include <system_error>
#include <utility>

namespace fingerpost {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Time between two looks at the connections, so that one that misbehaves ends within a tenth of a
// second.
constexpr milliseconds kBetweenLooks{40};
// Looking takes at most this fraction of the thread's time, however many connections there are.
constexpr int kLookingShare = 20;
// Reading, decoding and writing may multiply the work on an answer by this much.
constexpr int kWorkOfAnswer = 3;
constexpr milliseconds kLongestWait{1000};
// After this time a connection that has not asked yet makes room for another: long enough for TLS.
constexpr milliseconds kSilence{500};
// Connections accepted from one socket before the next has its turn.
constexpr int kAtOnce = 64;
constexpr size_t kReserve = 16;
// Descriptors that the rest of the process needs: the policy, HTTP connections, the log.
constexpr int kOthers = 256;

void CloseWithReset(int fd) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

std::chrono::nanoseconds ProcessTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

int SpareDescriptor() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool Watch(int epoll, int fd, uint64_t id, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

int Checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

}  // namespace

DescriptorLimit RaiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (before < limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  const auto files = static_cast<int>(
      std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(std::numeric_limits<int>::max())));
  // gRPC and the loop each hold a descriptor of every connection.
  const int connections = std::max(1, (files - std::min(kOthers, files / 2)) / 2);
  return {static_cast<int>(std::min<rlim_t>(before, static_cast<rlim_t>(files))), files,
          connections};
}

AcceptLoop::AcceptLoop(const ListeningSockets& sockets,
                       std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor,
                       Traffic& traffic, const ConnectionLimits& limits,
                       std::function<std::chrono::nanoseconds()> answering)
    : sockets_(sockets),
      acceptor_(std::move(acceptor)),
      traffic_(traffic),
      limits_(limits),
      answering_(std::move(answering)),
      epoll_(Checked(epoll_create1(EPOLL_CLOEXEC), "epoll")),
      stop_(Checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      went_round_(Clock::now()) {
  for (size_t i = 0; i < kReserve; ++i) reserve_.push_back(SpareDescriptor());
  Watch(epoll_, stop_, static_cast<Id>(stop_), EPOLLIN);
  for (const int listener : sockets_.descriptors()) {
    Watch(epoll_, listener, static_cast<Id>(listener), EPOLLIN);
  }
}

AcceptLoop::~AcceptLoop() {
  Stop();
  connections_.clear();
  for (const int fd : reserve_) close(fd);
  close(stop_);
  close(epoll_);
}

void AcceptLoop::Start() {
  acceptor_thread_ = std::thread([this] { AcceptAll(); });
  watcher_thread_ = std::thread([this] { WatchAll(); });
}

void AcceptLoop::Stop() {
  if (!acceptor_thread_.joinable()) return;
  eventfd_write(stop_, 1);
  acceptor_thread_.join();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_watcher_.notify_one();
  watcher_thread_.join();
}

ConnectionCounts AcceptLoop::counts() const {
  ConnectionCounts counts{.now = now_, .accepted = accepted_};
  for (size_t i = 0; i < kConnectionLimits; ++i) counts.by_limit[i] = by_limit_[i];
  return counts;
}

milliseconds AcceptLoop::standing() const {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - went_round_.load());
}

void AcceptLoop::AcceptAll() {
  eventfd_t stopped = 0;
  while (eventfd_read(stop_, &stopped) != 0) {
    went_round_ = Clock::now();
    Wait();
  }
}

void AcceptLoop::WatchAll() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Moment now = Clock::now();
    LookAtAll();
    log_.Flush(now);
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - now);
    wake_watcher_.wait_for(
        lock, connections_.empty() ? kLongestWait : std::max(kBetweenLooks, took * kLookingShare));
  }
}

void AcceptLoop::Wait() {
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                               static_cast<int>(kLongestWait.count()));
  for (int i = 0; i < count; ++i) {
    const Id id = events[static_cast<size_t>(i)].data.u64;
    if (id >= kFirstId) {
      const std::lock_guard lock(mutex_);
      Forget(id);  // Both ends have closed it.
    } else if (id != static_cast<Id>(stop_)) {
      Accept(static_cast<int>(id));
    }
  }
}

void AcceptLoop::Accept(int listener) {
  for (int i = 0; i < kAtOnce; ++i) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      Admit(listener, fd);
    } else if (errno == EMFILE || errno == ENFILE) {
      AcceptWithReserve(listener);
    } else if (errno != ECONNABORTED && errno != EINTR) {
      return;
    }
  }
}

// A connection that is left waiting would wake this loop again and again.
void AcceptLoop::AcceptWithReserve(int listener) {
  if (reserve_.empty()) return;
  close(reserve_.back());
  reserve_.pop_back();
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) {
    const std::lock_guard lock(mutex_);
    Refuse(fd, ConnectionLimit::kDescriptors, PeerOfConnection(fd));
  }
  if (const int spare = SpareDescriptor(); spare >= 0) reserve_.push_back(spare);
}

void AcceptLoop::Admit(int listener, int fd) {
  {
    const std::lock_guard lock(mutex_);
    if (!Enter(fd, PeerOfConnection(fd))) return;
  }
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters handed;
  handed.listener_fd = listener;
  handed.fd = fd;
  acceptor_->HandleNewConnection(&handed);
}

// Returns whether there is room for the connection; otherwise refuses it.
bool AcceptLoop::Enter(int fd, Peer peer) {
  const auto refuse = [&](ConnectionLimit limit) {
    Refuse(fd, limit, peer);
    return false;
  };
  const bool is_local = peer.host.empty();
  if (!is_local && per_host_[peer.host] >= limits_.per_peer && !MakeRoom(peer.host)) {
    return refuse(ConnectionLimit::kPeer);
  }
  if (static_cast<int>(connections_.size()) >= limits_.all && !MakeRoom("")) {
    return refuse(ConnectionLimit::kAll);
  }
  const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return refuse(ConnectionLimit::kDescriptors);
  if (!is_local) ++per_host_[peer.host];
  const Id id = ++last_id_;
  if (connections_.empty()) wake_watcher_.notify_one();
  connections_.emplace(id, std::make_unique<Connection>(own, std::move(peer), traffic_));
  now_ = static_cast<int>(connections_.size());
  ++accepted_;
  // Watches only for its end: gRPC reads the data.
  Watch(epoll_, own, id, EPOLLET);
  return true;
}

// Ends the oldest connection that has never asked anything, of that host or of all.
bool AcceptLoop::MakeRoom(const std::string& host) {
  const Connection* oldest = nullptr;
  Id oldest_id = 0;
  const Moment silent_since = Clock::now() - kSilence;
  for (const auto& [id, connection] : connections_) {
    if (connection->has_asked() || connection->since() > silent_since) continue;
    if (!host.empty() && connection->peer().host != host) continue;
    if (oldest != nullptr && connection->since() >= oldest->since()) continue;
    oldest = connection.get();
    oldest_id = id;
  }
  if (oldest == nullptr) return false;
  End(oldest_id, ConnectionLimit::kSilent);
  return true;
}

void AcceptLoop::LookAtAll() {
  const Moment now = Clock::now();
  const auto unexplained = UnexplainedWork();
  int64_t unasked = 0;
  std::vector<std::pair<Id, ConnectionLimit>> ends;
  for (const auto& [id, connection] : connections_) {
    if (const auto limit = connection->Look(now, limits_, unexplained)) {
      ends.emplace_back(id, *limit);
    } else {
      unasked += connection->unasked();
    }
  }
  for (const auto& [id, limit] : ends) End(id, limit);
  if (unasked > limits_.unasked_in_all) EndLargest(unasked);
}

// The process's work since the last look, without the work on answers.
std::chrono::nanoseconds AcceptLoop::UnexplainedWork() {
  const auto answering = answering_();
  const auto answered = answering - std::exchange(answered_for_, answering);
  const auto working = ProcessTime();
  const auto worked = working - std::exchange(worked_for_, working);
  return std::max(worked - kWorkOfAnswer * answered, std::chrono::nanoseconds{0});
}

// Ends connections until the rest is within the limit.
void AcceptLoop::EndLargest(int64_t unasked) {
  std::vector<std::pair<int64_t, Id>> largest;
  for (const auto& [id, connection] : connections_) largest.emplace_back(connection->unasked(), id);
  std::sort(largest.rbegin(), largest.rend());
  for (const auto& [of_one, id] : largest) {
    if (unasked <= limits_.unasked_in_all) return;
    unasked -= of_one;
    End(id, ConnectionLimit::kUnaskedInAll);
  }
}

void AcceptLoop::End(Id id, ConnectionLimit limit) {
  Connection& connection = *connections_.at(id);
  Count(limit, connection.peer());
  connection.End();
  Forget(id);
}

void AcceptLoop::Refuse(int fd, ConnectionLimit limit, const Peer& peer) {
  Count(limit, peer);
  CloseWithReset(fd);
}

void AcceptLoop::Forget(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const auto of_host = per_host_.find(found->second->peer().host);
  if (of_host != per_host_.end() && --of_host->second == 0) per_host_.erase(of_host);
  connections_.erase(found);
  now_ = static_cast<int>(connections_.size());
}

void AcceptLoop::Count(ConnectionLimit limit, const Peer& peer) {
  ++by_limit_[static_cast<size_t>(limit)];
  log_.Reached(NameOf(limit), peer.name, Clock::now());
}

}  // namespace fingerpost
