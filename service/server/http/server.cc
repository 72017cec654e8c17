#include "server/http/server.h"

#include <ada.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <thread>
#include <tuple>

#include "server/http/session.h"
#include "server/limit_log.h"
#include "server/listener.h"
#include "server/listening_sockets.h"

namespace fingerpost {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

// Time between two checks of the deadlines, while there are connections.
constexpr milliseconds kBetweenLooks{100};
constexpr milliseconds kBetweenIdleLooks{5000};
// Connections accepted from one socket before the next has its turn.
constexpr int kAtOnce = 64;
// How long a half-sent request may take when the server stops.
constexpr milliseconds kLastRequests{500};
// When three quarters of the connections are in use, of all or of one host, each ends with its
// answer. A gateway is one host.
constexpr int kBusyNumerator = 3;
constexpr int kBusyDenominator = 4;

asio::ip::address Unmapped(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

// The host that a connection counts for: a client with one address of a /64 has them all.
std::string HostOf(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  return asio::ip::network_v6(asio::ip::address_v6(address.to_v6().to_bytes()), 64)
      .canonical()
      .to_string();
}

std::string PeerOf(const asio::ip::address& address, int port) {
  const std::string text = address.to_string();
  return address.is_v4() ? fmt::format("{}:{}", text, port) : fmt::format("[{}]:{}", text, port);
}

bool IsV6(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.ss_family == AF_INET6;
}

}  // namespace

const char* NameOf(HttpLimit limit) {
  constexpr std::array<const char*, kHttpLimits> kNames = {
      "max-connections",  "max-connections-per-peer",
      "evicted-silent",   "handshake-timeout",
      "read-timeout",     "head-size",
      "max-message-size", "max-memory",
      "write-timeout"};
  return kNames[static_cast<size_t>(limit)];
}

std::string QueryValue(std::string_view query, std::string_view name) {
  ada::url_search_params parameters(query);
  return std::string(parameters.get(name).value_or(""));
}

class HttpServer::Impl final : HttpPort {
 public:
  Impl(HttpOptions options, HttpHandler handler)
      : HttpPort(std::move(options), std::move(handler)),
        sockets_(std::make_unique<ListeningSockets>(this->options.flag, this->options.address)),
        address_(WithPort(this->options.address, sockets_->port())),
        log_(this->options.flag.substr(2)),
        next_look_(io) {
    for (const int fd : sockets_->descriptors()) {
      const tcp protocol = IsV6(fd) ? tcp::v6() : tcp::v4();
      acceptors_.push_back(std::make_unique<tcp::acceptor>(io, protocol, fd));
      acceptors_.back()->non_blocking(true);
      Accept(*acceptors_.back());
    }
    LookAgain(kBetweenIdleLooks);
  }
  // NOLINTNEXTLINE(bugprone-exception-escape): a server that cannot be stopped ends the program.
  ~Impl() override { Stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }

  [[nodiscard]] HttpCounts counts() const {
    HttpCounts counts{.port = options.flag.substr(2), .now = now_, .accepted = accepted_};
    for (size_t i = 0; i < kHttpLimits; ++i) counts.by_limit[i] = by_limit_[i];
    return counts;
  }

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  void Drain() { draining_ = true; }

  void End(milliseconds longest) {
    draining_ = true;
    asio::post(io, [this, longest] { StopListening(longest); });
  }

  void Stop() {
    End(kLastRequests);
    if (!thread_.joinable()) StopListening(kLastRequests);  // It was never started.
    if (thread_.joinable()) thread_.join();
    workers.join();
  }

 private:
  void Reached(HttpLimit limit, const std::string& peer) override {
    ++by_limit_[static_cast<size_t>(limit)];
    log_.Reached(NameOf(limit), peer, std::chrono::steady_clock::now());
  }

  [[nodiscard]] bool Leaves(const std::string& host) const override {
    const auto is_busy = [](int count, int most) {
      return count * kBusyDenominator > most * kBusyNumerator;
    };
    const auto found = per_host.find(host);
    const int of_host = found == per_host.end() ? 0 : found->second;
    return draining_ || is_busy(open, options.max_connections) ||
           is_busy(of_host, options.max_connections_per_peer);
  }

  void Run() {
    while (true) {
      try {
        io.run();
        return;
      } catch (const std::exception& fault) {
        // The connection of that handler has ended with it.
        spdlog::error("{}: {}", options.flag, fault.what());
        LookAgain(kBetweenLooks);
      }
    }
  }

  void Accept(tcp::acceptor& acceptor) {
    acceptor.async_wait(tcp::acceptor::wait_read, [this, &acceptor](error_code fault) {
      if (fault) return;  // The server stops.
      waiting_.push_back(&acceptor);
      for (int i = 0; i < kAtOnce && !fault; ++i) fault = AcceptOne(acceptor);
      // A connection that is left waiting would wake this thread again and again.
      if (fault == asio::error::no_descriptors) return;
      waiting_.pop_back();
      Accept(acceptor);
    });
  }

  error_code AcceptOne(tcp::acceptor& acceptor) {
    error_code fault;
    tcp::socket socket(io);
    acceptor.accept(socket, fault);
    if (!fault) Admit(std::move(socket));
    return fault;
  }

  void Admit(tcp::socket socket) {
    error_code gone;
    const tcp::endpoint end = socket.remote_endpoint(gone);
    if (gone) return;
    const asio::ip::address address = Unmapped(end.address());
    std::string host = HostOf(address);
    std::string peer = PeerOf(address, end.port());
    const auto found = per_host.find(host);
    const int of_host = found == per_host.end() ? 0 : found->second;
    if (of_host >= options.max_connections_per_peer && !MakeRoomFor(host)) {
      return Reached(HttpLimit::kPeer, peer);
    }
    if (open >= options.max_connections && !MakeRoomFor("")) {
      return Reached(HttpLimit::kAll, peer);
    }
    ++accepted_;
    if (sessions.empty()) LookAgain(kBetweenLooks);
    Serve(*this, std::move(socket), std::move(peer), std::move(host));
    now_ = open;
  }

  // Ends the connection, of that host or of all, that has waited longest for its client. Those that
  // have never asked anything go first, and of these the ones that have sent nothing.
  bool MakeRoomFor(const std::string& host) {
    HttpSession* victim = nullptr;
    for (HttpSession* session : sessions) {
      if (!session->waits_for_client() || (!host.empty() && session->host() != host)) continue;
      const auto rank = [](const HttpSession& each) {
        return std::tuple(each.has_asked(), each.has_spoken(), each.since());
      };
      if (victim == nullptr || rank(*session) < rank(*victim)) victim = session;
    }
    if (victim == nullptr) return false;
    Reached(HttpLimit::kSilent, victim->peer());
    victim->Cut();
    return true;
  }

  void LookAgain(milliseconds after) {
    next_look_.expires_after(after);
    next_look_.async_wait([this](error_code fault) {
      if (!fault) LookAtAll();
    });
  }

  void LookAtAll() {
    const Moment now = std::chrono::steady_clock::now();
    for (HttpSession* session : sessions) {
      if (now < give_up_) {
        session->Look(now);
      } else {
        session->Cut();
      }
    }
    now_ = open;
    log_.Flush(now);
    for (tcp::acceptor* acceptor : std::exchange(waiting_, {})) {
      (void)MakeRoomFor("");
      Accept(*acceptor);
    }
    if (sessions.empty() && stopping) return;
    LookAgain(sessions.empty() && waiting_.empty() ? kBetweenIdleLooks : kBetweenLooks);
  }

  void StopListening(milliseconds longest) {
    if (stopping) return;
    const Moment now = std::chrono::steady_clock::now();
    give_up_ = now + longest;
    // Closing the listening socket would reset connections that the system has accepted.
    for (const auto& acceptor : acceptors_) {
      while (!AcceptOne(*acceptor)) {
      }
      error_code ignored;
      acceptor->release(ignored);
    }
    waiting_.clear();
    sockets_.reset();
    stopping = true;
    for (HttpSession* session : sessions) session->Hurry(now + kLastRequests);
    next_look_.cancel();
    LookAgain(milliseconds(0));
  }

  std::unique_ptr<ListeningSockets> sockets_;
  const std::string address_;
  LimitLog log_;
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors_;
  std::vector<tcp::acceptor*> waiting_;  // for a descriptor, or for memory
  asio::steady_timer next_look_;
  Moment give_up_ = Moment::max();
  std::atomic<bool> draining_{false};
  std::atomic<int> now_{0};
  std::atomic<uint64_t> accepted_{0};
  std::array<std::atomic<uint64_t>, kHttpLimits> by_limit_{};
  std::thread thread_;
};

HttpServer::HttpServer(HttpOptions options, HttpHandler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;
const std::string& HttpServer::address() const { return impl_->address(); }
HttpCounts HttpServer::counts() const { return impl_->counts(); }
void HttpServer::Start() { impl_->Start(); }
void HttpServer::Stop() { impl_->Stop(); }
void HttpServer::Drain() { impl_->Drain(); }
void HttpServer::End(milliseconds longest) { impl_->End(longest); }

}  // namespace fingerpost
