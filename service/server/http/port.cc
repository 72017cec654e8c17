#include "server/http/port.h"

#include <absl/time/clock.h>
#include <absl/time/time.h>

#include <algorithm>
#include <utility>

namespace fingerpost {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// How long a client may go on sending while nobody reads. Closing the connection at once would
// reset it and lose the answer (RFC 9112 §9.6).
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kLingerAtEnd{500};

}  // namespace

HttpPort::HttpPort(HttpOptions options, HttpHandler handler)
    : options(std::move(options)),
      handler(std::move(handler)),
      hosts(this->options.address, this->options.hosts),
      workers(static_cast<size_t>(this->options.threads)) {}

const std::string& HttpPort::Date() {
  const absl::Time now = absl::Now();
  if (const std::time_t at = absl::ToTimeT(now); at != date_at_) {
    date_at_ = at;
    date_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
  }
  return date_;
}

bool HttpPort::MakeRoom(int64_t octets, const HttpSession& session) {
  while (held + octets > options.max_held) {
    HttpSession* largest = nullptr;
    for (HttpSession* other : sessions) {
      if (other == &session || !other->GivesWay()) continue;
      if (largest == nullptr || other->held() > largest->held()) largest = other;
    }
    if (largest == nullptr || largest->held() < session.held()) {
      Reached(HttpLimit::kHeld, session.peer());
      return false;
    }
    Reached(HttpLimit::kHeld, largest->peer());
    largest->Cut();
  }
  return true;
}

HttpSession::HttpSession(HttpPort& port, std::string peer, std::string host)
    : port_(port),
      begin_(Clock::now()),
      peer_(std::move(peer)),
      host_(std::move(host)),
      since_(begin_),
      deadline_(Moment::max()) {
  port_.sessions.insert(this);
  ++port_.open;
  ++port_.per_host[host_];
}

HttpSession::~HttpSession() {
  (void)Hold(0);
  port_.sessions.erase(this);
  if (state_ != State::kOver) Leave();
}

void HttpSession::Leave() {
  --port_.open;
  if (--port_.per_host[host_] == 0) port_.per_host.erase(host_);
}

bool HttpSession::waits_for_client() const {
  return state_ != State::kWork && state_ != State::kWrite && state_ != State::kOver;
}

bool HttpSession::GivesWay() const { return held_ > 0 && state_ == State::kContent; }

std::chrono::milliseconds HttpSession::Patience(State state) const {
  switch (state) {
    case State::kShaking:
    case State::kSilent:
    case State::kHead:
    case State::kContent:
      return port_.options.patience;
    case State::kIdle:
      return port_.options.longest_idle;
    case State::kWrite:
      return port_.options.write_patience;
    case State::kClosing:
      return port_.stopping ? kLingerAtEnd : kLinger;
    case State::kWork:
    case State::kOver:
      break;
  }
  return std::chrono::hours(24 * 365);
}

void HttpSession::Enter(State state) {
  if (state == State::kOver && state_ != State::kOver) Leave();
  state_ = state;
  late_ = false;
  if (state != State::kSilent) has_spoken_ = true;
  since_ = Clock::now();
  deadline_ = since_ + Patience(state);
  if (port_.stopping) Hurry(since_ + kLingerAtEnd);
}

void HttpSession::Look(Moment now) {
  if (now < deadline_ || state_ == State::kOver) return;
  // Repeated until the handler has seen it: the operation may have been between two steps.
  late_ = true;
  error_code ignored;
  Socket().cancel(ignored);
}

void HttpSession::Hurry(Moment until) {
  if (waits_for_client()) deadline_ = std::min(deadline_, until);
}

void HttpSession::Cut() {
  Enter(State::kOver);
  (void)Hold(0);
  error_code ignored;
  Socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
  Socket().close(ignored);
}

bool HttpSession::Hold(size_t octets) {
  const auto next = static_cast<int64_t>(octets);
  if (next > held_ && !port_.MakeRoom(next - held_, *this)) return false;
  port_.held += next - held_;
  held_ = next;
  return true;
}

void HttpSession::Reached(HttpLimit limit) {
  if (!port_.stopping) port_.Reached(limit, peer_);
}

}  // namespace fingerpost
