#include "server/http/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <new>
#include <optional>
#include <utility>

#include "core/http/fields.h"
#include "rpc/error_status.h"
#include "server/http/error.h"
#include "server/http/framing.h"
#include "server/http/head.h"
#include "server/http/target.h"
#include "server/http/tls.h"

namespace fingerpost {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// Octets.
constexpr size_t kMaxHead = size_t{16} << 10;
constexpr size_t kReadAtOnce = size_t{16} << 10;
constexpr size_t kReadAtFirst = size_t{4} << 10;  // idle connections hold as much
// Read but unprocessed: one read, and the rest of the one before.
constexpr size_t kMaxBuffer = kMaxHead + kReadAtOnce;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

using TlsStream = asio::ssl::stream<tcp::socket&>;

template <bool kIsTls>
class SessionOver final : public HttpSession,
                          public std::enable_shared_from_this<SessionOver<kIsTls>> {
 public:
  SessionOver(HttpPort& port, tcp::socket socket, std::string peer, std::string host)
      : HttpSession(port, std::move(peer), std::move(host)), socket_(std::move(socket)) {}

  void Start() {
    if (!kIsTls) return AwaitRequest();
    // TLS takes 100 KiB, so a silent client gets none.
    Enter(State::kSilent);
    socket_.async_wait(tcp::socket::wait_read,
                       [self = Self()](error_code fault) { self->OnFirst(fault); });
  }

 private:
  std::shared_ptr<SessionOver> Self() { return this->shared_from_this(); }

  tcp::socket& Socket() override { return socket_; }

  auto& Stream() {
    if constexpr (kIsTls) {
      return *tls_;
    } else {
      return socket_;
    }
  }

  void OnFirst(error_code fault) {
    if (state_ == State::kOver) return;
    if (late_) return OnLate();
    error_code ignored;
    if (fault || socket_.available(ignored) == 0) return Cut();  // The client has gone.
    if constexpr (kIsTls) {
      Enter(State::kShaking);
      tls_.emplace(socket_, *port_.options.tls());
      tls_->async_handshake(asio::ssl::stream_base::server,
                            [self = Self()](error_code bad) { self->OnHandshake(bad); });
    }
  }

  void OnHandshake(error_code fault) {
    if (state_ == State::kOver) return;
    if (late_) return OnLate();
    if (fault) {
      spdlog::debug("{}: {}: TLS: {}", port_.options.flag, peer(), fault.message());
      Enter(State::kClosing);
      return CloseSocket();
    }
    if constexpr (kIsTls) caller_ = CallerNames(tls_->native_handle());
    AwaitRequest();
  }

  void AwaitRequest() {
    parser_.emplace();
    parser_->header_limit(kMaxHead);
    parser_->body_limit(port_.options.max_content);
    parser_->eager(false);
    head_octets_ = 0;
    has_rest_ = false;
    if (buffer_.size() > 0) {
      Enter(State::kHead);
      return ReadHead();
    }
    Enter(has_asked() ? State::kIdle : State::kSilent);
    Read();
  }

  void Read() {
    const size_t room = buffer_.max_size() - buffer_.size();
    Stream().async_read_some(
        buffer_.prepare(std::min(room, state_ == State::kContent ? kReadAtOnce : kReadAtFirst)),
        [self = Self()](error_code fault, size_t count) { self->OnRead(fault, count); });
  }

  void OnRead(error_code fault, size_t count) {
    if (state_ == State::kOver) return;
    if (late_) return OnLate();
    if (fault) {
      if (state_ != State::kContent) return Close();
      return Refuse(HttpError(400, "The content is cut off."));
    }
    buffer_.commit(count);
    if (state_ == State::kSilent || state_ == State::kIdle) Enter(State::kHead);
    return state_ == State::kHead ? ReadHead() : ReadContent();
  }

  [[nodiscard]] std::string_view Buffered() const {
    const auto data = buffer_.cdata();
    return {static_cast<const char*>(data.data()), data.size()};
  }

  // Feeds the parser. False: a fault, or not enough data.
  bool Parse(error_code& fault) {
    const size_t count = parser_->put(buffer_.data(), fault);
    buffer_.consume(count);
    head_octets_ += count;
    return !fault;
  }

  void ReadHead() {
    // RFC 9112 §2.2: some clients send a line break after their content.
    if (head_octets_ == 0 && Buffered().starts_with("\r\n")) buffer_.consume(2);
    if (Buffered().empty() || Buffered() == "\r") return Read();
    if (HasFoldedLine(Buffered())) return RefuseHead(HttpError(400, "The head has a folded line."));
    error_code fault;
    if (!Parse(fault) && fault != beast::http::error::need_more) {
      // The head is whole, and its content will not be read.
      if (fault == beast::http::error::body_limit && IsOpen()) return OnHead();
      return RefuseHead(UnreadableMessage(fault, false));
    }
    if (head_octets_ + (fault ? buffer_.size() : 0) > kMaxHead) {
      return RefuseHead(UnreadableMessage(beast::http::error::header_limit, false));
    }
    if (fault) return Read();
    OnHead();
  }

  // Of a head that may be incomplete; its first line, too.
  [[nodiscard]] std::string_view TargetSoFar() const {
    return head_octets_ == 0 ? TargetIn(Buffered()) : std::string_view(parser_->get().target());
  }
  [[nodiscard]] bool IsOpen() const { return port_.IsOpen(SplitTarget(TargetSoFar()).path); }

  void RefuseHead(HttpAnswer refusal) {
    if (IsOpen()) {
      const std::string target(TargetSoFar());
      head_ = std::move(parser_->get().base());
      head_.target(target);
      target_ = SplitTarget(head_.target());
    }
    Refuse(std::move(refusal));
  }

  void OnHead() {
    // Trailer fields must not be mistaken for header fields (RFC 9110 §6.5.1).
    head_ = std::move(parser_->get().base());
    target_ = SplitTarget(head_.target());
    if (auto refusal = RefuseFraming(head_)) return Refuse(*std::move(refusal));
    if (port_.IsOpen(target_.path)) return WorkFromHead();
    if (auto refusal = RequireLength(head_)) return Refuse(*std::move(refusal));
    // RFC 9110 §15.5.20.
    if (!port_.hosts.Serves(head_[beast::http::field::host]) ||
        !port_.hosts.Serves(target_.authority)) {
      return Refuse(HttpError(421, "Host is not served here: see --allow-host."));
    }
    if (parser_->is_done()) return Work();
    parser_->on_chunk_header(check_extension);
    Enter(State::kContent);
    // Such a client sends its content only after 100, or after a while (RFC 9110 §10.1.1).
    const bool waits = http::EqualsIgnoreCase(head_[beast::http::field::expect], "100-continue");
    if (!waits || head_.version() < 11) return ReadContent();
    asio::async_write(Stream(), asio::buffer(kContinue),
                      [self = Self()](error_code fault, size_t) { self->OnRead(fault, 0); });
  }

  // Takes the content that has come, so that the connection stays if that is all of it.
  void WorkFromHead() {
    parser_->on_chunk_header(check_extension);
    const error_code fault = ParseContent();
    if (fault && fault != beast::http::error::body_limit) {
      return Refuse(UnreadableMessage(fault, true));
    }
    has_rest_ = !parser_->is_done();
    Work();
  }

  // After a length past the limit Beast would take content for more fields of the head.
  error_code ParseContent() {
    error_code fault;
    while (parser_->is_header_done() && !parser_->is_done() && buffer_.size() > 0 && Parse(fault)) {
    }
    return fault == beast::http::error::need_more ? error_code() : fault;
  }

  void ReadContent() {
    if (const error_code fault = ParseContent()) return Refuse(UnreadableMessage(fault, true));
    if (!Hold(parser_->get().body().size())) {
      return Refuse(HttpError(MakeError(v1::ERROR_REASON_OVERLOADED, "Too much content at once.")));
    }
    if (parser_->is_done()) return Work();
    if (buffer_.size() == buffer_.max_size()) {
      return Refuse(HttpError(431, "A line of the chunks is too long."));
    }
    Read();
  }

  void Work() {
    Enter(State::kWork);
    has_asked_ = true;
    if (target_.path == "*" && head_.method() == beast::http::verb::options) {
      return Answer({.status = 204, .type = "", .fields = {{"Allow", port_.options.methods}}});
    }
    // Another thread would cost more than a short answer.
    const bool takes_long = port_.options.takes_long && port_.options.takes_long(target_.path);
    if (!takes_long && parser_->get().body().size() < port_.options.short_content) {
      return Answer(Ask());
    }
    asio::post(port_.workers, [self = Self(), work = asio::make_work_guard(port_.io)]() mutable {
      HttpAnswer answer = self->Ask();
      asio::post(work.get_executor(),
                 [self = std::move(self), answer = std::move(answer)]() mutable {
                   self->Answer(std::move(answer));
                 });
    });
  }

  [[nodiscard]] HttpCall Call() const {
    return {.method = head_.method_string(),
            .target = head_.target(),
            .authority = target_.authority,
            .path = target_.path,
            .query = target_.query,
            .body = parser_->get().body(),
            .peer = peer(),
            .caller = caller_,
            .field = [this](std::string_view name) -> std::string_view { return head_[name]; },
            .each_field =
                [this](const auto& visit) {
                  for (const auto& line : head_) visit(line.name_string(), line.value());
                },
            .is_http_1_0 = head_.version() < 11};
  }

  // Requires that nothing else touches the request.
  HttpAnswer Ask() const {
    try {
      return port_.handler(Call());
    } catch (const std::bad_alloc&) {
      return HttpError(MakeError(v1::ERROR_REASON_OVERLOADED, "The server is short of memory."));
    } catch (const std::exception& fault) {
      spdlog::error("http: {}", fault.what());
    } catch (...) {
      spdlog::error("http: unknown failure");
    }
    return HttpError(500, "Internal error.");
  }

  // The unread rest of the request would be taken for the next one.
  void Refuse(HttpAnswer answer) {
    if (answer.status == 431) Reached(HttpLimit::kHead);
    if (answer.status == 413) Reached(HttpLimit::kContent);
    if (parser_ && !head_.target().empty() && port_.IsOpen(target_.path)) {
      answer = port_.options.on_refused(Call(), std::move(answer));
    }
    keeps_ = false;
    Write(std::move(answer));
  }

  void Answer(HttpAnswer answer) {
    if (state_ == State::kOver) return;
    keeps_ = parser_->keep_alive() && !has_rest_ && !answer.ends_connection &&
             !port_.Leaves(host()) && Clock::now() - begin_ < port_.options.longest_life;
    Write(std::move(answer));
  }

  void Write(HttpAnswer answer) {
    out_head_ = ResponseHead(answer, port_.Date(), keeps_, head_.version() < 11);
    out_body_ = std::move(answer.body);
    out_held_ = std::move(answer.held);
    if (IsHead()) {
      out_body_.clear();
      answer.shared = {};
    }
    parser_.reset();  // The content, too.
    (void)Hold(0);
    Enter(State::kWrite);
    asio::async_write(
        Stream(),
        std::array<asio::const_buffer, 3>{asio::buffer(out_head_), asio::buffer(out_body_),
                                          asio::buffer(answer.shared.data(), answer.shared.size())},
        [self = Self()](error_code fault, size_t) { self->OnWritten(fault); });
  }

  // Also of a head that cannot be read: its method may have been, or still be unread.
  [[nodiscard]] bool IsHead() const {
    const auto head = beast::http::verb::head;
    if (head_.method() == head) return true;
    if (state_ != State::kHead) return false;
    return head_octets_ == 0 ? Buffered().starts_with("HEAD ") : parser_->get().method() == head;
  }

  void OnWritten(error_code fault) {
    if (state_ == State::kOver) return;
    if (fault) return late_ ? OnLate() : Cut();
    out_body_ = {};
    out_held_ = {};
    head_ = {};
    return keeps_ ? AwaitRequest() : Close();
  }

  // Ends the writing side, and drops incoming data until the other end closes, too.
  void Close() {
    Enter(State::kClosing);
    if (!tls_) return CloseSocket();
    tls_->async_shutdown([self = Self()](error_code) { self->CloseSocket(); });
  }

  void CloseSocket() {
    if (state_ == State::kOver) return;
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    Drop();
  }

  void Drop() {
    socket_.async_read_some(buffer_.prepare(kReadAtOnce),
                            [self = Self()](error_code fault, size_t) {
                              if (!fault && !self->late_) return self->Drop();
                              self->Enter(State::kOver);
                            });
  }

  void OnLate() {
    late_ = false;
    switch (state_) {
      case State::kShaking:
        Reached(HttpLimit::kHandshake);
        return Cut();
      case State::kSilent:
        Reached(HttpLimit::kHandshake);
        return Close();
      case State::kIdle:
        return Close();
      case State::kHead:
      case State::kContent:
        Reached(HttpLimit::kRead);
        return Refuse(HttpError(408, state_ == State::kHead ? "The head did not come in time."
                                                            : "The content did not come in time."));
      case State::kWrite:
        Reached(HttpLimit::kWrite);
        return Cut();
      case State::kWork:
      case State::kClosing:
      case State::kOver:
        break;
    }
  }

  tcp::socket socket_;
  std::optional<TlsStream> tls_;  // from the first octet on
  std::vector<std::string> caller_ = {};
  beast::flat_buffer buffer_{kMaxBuffer};
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  size_t head_octets_ = 0;  // taken by the parser
  beast::http::request_header<> head_;
  RequestTarget target_;
  std::string out_head_;
  std::string out_body_;
  std::shared_ptr<const void> out_held_;
  bool keeps_ = true;      // the connection open after the answer
  bool has_rest_ = false;  // content that is not read
};

}  // namespace

void Serve(HttpPort& port, tcp::socket socket, std::string peer, std::string host) {
  const auto start = [&]<bool kIsTls>() {
    std::make_shared<SessionOver<kIsTls>>(port, std::move(socket), std::move(peer), std::move(host))
        ->Start();
  };
  port.options.tls ? start.template operator()<true>() : start.template operator()<false>();
}

}  // namespace fingerpost
