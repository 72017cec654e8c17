#include "server/gateway/question.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/http/fields.h"
#include "rpc/forwarded_request.h"

namespace fingerpost {
namespace {

using Read = message::Result<v1::DecideRequest>;
using Value = std::optional<std::string_view>;

// The parts of a request. Each field tells one of them; a URL tells three.
enum Part { kMethod, kTarget, kHost, kScheme, kUrl };
constexpr size_t kParts = 4;

struct Forwarded {
  std::string_view name;
  Part part;
};
constexpr std::array kForwarded = {
    Forwarded{"X-Forwarded-Method", kMethod}, Forwarded{"X-Original-Method", kMethod},
    Forwarded{"X-Forwarded-Uri", kTarget},    Forwarded{"X-Original-URI", kTarget},
    Forwarded{"X-Original-URL", kUrl},        Forwarded{"X-Forwarded-Host", kHost},
    Forwarded{"X-Forwarded-Proto", kScheme},
};
constexpr std::array<std::string_view, kParts> kExpected = {
    "the method: expected one, the same in every field that says it",
    "the target: expected one, the same in every field that says it",
    "the host: expected one, the same in every field that says it",
    "the scheme: expected one, the same in every field that says it"};

// Those of the connection between the gateway and this server (RFC 9110 §7.6.1). Upgrade stays: if
// the gateway forwards it, it is the client's, and a WebSocket's handshake is never redirected.
constexpr std::string_view kOfTheHop[] = {
    "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Host"};

const Forwarded* FindForwarded(std::string_view name) {
  const auto* found = std::find_if(kForwarded.begin(), kForwarded.end(), [name](const auto& each) {
    return http::EqualsIgnoreCase(each.name, name);
  });
  return found == kForwarded.end() ? nullptr : found;
}

bool IsOfTheHop(std::string_view name) {
  return std::any_of(std::begin(kOfTheHop), std::end(kOfTheHop),
                     [name](std::string_view each) { return http::EqualsIgnoreCase(each, name); });
}

// For WebSockets Traefik says "wss".
std::string_view SchemeOf(std::string_view proto) {
  if (http::EqualsIgnoreCase(proto, "ws")) return "http";
  if (http::EqualsIgnoreCase(proto, "wss")) return "https";
  return proto;
}

// What the forwarded fields say.
class Told {
 public:
  // False: this contradicts, or the field came before.
  bool Add(const Forwarded& field, std::string_view value) {
    bool& came = came_[static_cast<size_t>(&field - kForwarded.data())];
    if (std::exchange(came, true)) return Spoil(field.part);
    if (field.part == kUrl) return AddUrl(value);
    return Set(field.part, field.part == kScheme ? SchemeOf(value) : value);
  }

  [[nodiscard]] const Value& Get(Part part) const { return values_[part]; }
  // What is wrong; "" for nothing.
  [[nodiscard]] std::string_view fault() const { return fault_; }

 private:
  bool Spoil(Part part) {
    fault_ = part == kUrl ? "X-Original-URL: expected one URL with host and path" : kExpected[part];
    return false;
  }

  bool Set(Part part, std::string_view value) {
    Value& known = values_[part];
    const bool is_same =
        !known || (part == kHost || part == kScheme ? http::EqualsIgnoreCase(*known, value)
                                                    : *known == value);
    if (value.empty() || !is_same) return Spoil(part);
    known = value;
    return true;
  }

  bool AddUrl(std::string_view url) {
    const size_t colon = url.find("://");
    if (colon == url.npos) return Spoil(kUrl);
    const size_t slash = url.find('/', colon + 3);
    if (slash == url.npos) return Spoil(kUrl);
    return Set(kScheme, SchemeOf(url.substr(0, colon))) &&
           Set(kHost, url.substr(colon + 3, slash - colon - 3)) && Set(kTarget, url.substr(slash));
  }

  std::array<Value, kParts> values_;
  std::array<bool, kForwarded.size()> came_{};
  std::string_view fault_;
};

// RFC 9112 §3.2.2: the host of an absolute target wins over Host.
std::string_view HostOf(const HttpCall& call) {
  return call.authority.empty() ? call.field("Host") : call.authority;
}

// Whether it is a path with an optional query (RFC 9112 §3.2.1). The URL parser would drop what
// begins with "#", and take a backslash for "/": the page of another path. Envoy normalises its
// paths before it asks.
bool IsOriginForm(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path.starts_with('/') && path.find('\\') == path.npos && target.find('#') == target.npos;
}

Read Finish(std::string_view method, std::string_view scheme, std::string_view host,
            std::string_view target, v1::DecideRequest question) {
  if (!IsOriginForm(target)) {
    return message::Unexpected(std::string("the target: expected a path"));
  }
  std::string url = UrlOf(scheme, host, target);
  if (url.empty()) {
    return message::Unexpected(std::string("the URL: expected http or https, one host and a path"));
  }
  question.mutable_request()->set_method(std::string(method));
  question.mutable_request()->set_url(std::move(url));
  return question;
}

}  // namespace

Read ReadForwarded(const HttpCall& call, const Implied& implied) {
  v1::DecideRequest question;
  Told told;
  call.each_field([&](std::string_view name, std::string_view value) {
    if (const Forwarded* field = FindForwarded(name)) {
      (void)told.Add(*field, value);
    } else if (!IsOfTheHop(name)) {
      AddField(name, value, *question.mutable_request());
    }
  });
  if (!told.fault().empty()) return message::Unexpected(std::string(told.fault()));
  return Finish(told.Get(kMethod).value_or(call.method), told.Get(kScheme).value_or(implied.scheme),
                told.Get(kHost).value_or(HostOf(call)), told.Get(kTarget).value_or(implied.target),
                std::move(question));
}

Read ReadDirect(const HttpCall& call, const Implied& implied) {
  v1::DecideRequest question;
  call.each_field([&](std::string_view name, std::string_view value) {
    if (!IsOfTheHop(name)) AddField(name, value, *question.mutable_request());
  });
  if (call.is_http_1_0) question.mutable_request()->set_protocol(v1::PROTOCOL_HTTP_1_0);
  return Finish(call.method, implied.scheme, HostOf(call), implied.target, std::move(question));
}

}  // namespace fingerpost
