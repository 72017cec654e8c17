#include <algorithm>
#include <string>

#include "core/follow/credentials.h"
#include "core/follow/hop.h"
#include "core/follow/location_text.h"
#include "core/follow/spelling.h"
#include "core/http/fields.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::follow {
namespace {

// RFC 9110 §10.2.2: a Location without a fragment inherits the request's, even an empty one. Some
// clients treat an empty fragment as missing.
void InheritFragment(Hop& hop) {
  const std::string_view fragment = hop.url.get_hash();  // With its "#", unless it is empty.
  switch (hop.profile.fragment) {
    case Inherit::kNever:
      return;
    case Inherit::kIfMissing:
      if (hop.next.has_hash() || !hop.url.has_hash()) return;
      break;
    case Inherit::kIfMissingOrEmpty:
      if (!hop.next.get_hash().empty() || fragment.empty()) return;
      break;
  }
  hop.next.set_hash(fragment.empty() ? "#" : fragment);  // set_hash("") would remove it.
}

// "user@b.test:080" of "//user@b.test:080/x". Empty: the reference names no authority.
std::string_view AuthorityOf(std::string_view text) {
  if (!NamesAuthority(text)) return {};
  text.remove_prefix(text.find("//") + 2);
  return text.substr(0, text.find_first_of("/?#"));
}

// Whether the parser may have refused an authority for an escape in its host, or for its zone,
// which is one escape between brackets.
bool HasEscapeInHost(std::string_view text) {
  text = AuthorityOf(text);
  const auto escapes = std::count(text.begin(), text.end(), '%');
  return text.find('[') == text.npos ? escapes > 0 : escapes == 1;
}

// Writes the next URL as the client does, and reads it again: what is decided about is what is
// written. False: that is no URL.
bool Spell(const Spelling& spelling, Hop& hop) {
  const std::string path(hop.next.get_pathname());
  if (hop.location.drops_last_slash && path != "/")
    hop.next.set_pathname(std::string_view(path).substr(0, path.size() - 1));
  const std::string written = WriteSpelled(hop.next, spelling);
  hop.spelled = AsUrl(written);
  if (hop.spelled != written) hop.target = written.substr(0, written.find('#'));
  return http::ParseUrl(std::string(http::UpToPath(hop.next)) + hop.spelled, nullptr, hop.next);
}

// "b.test:080" of "//user@b.test:080/x".
std::string_view HostAndPort(std::string_view text) {
  const std::string_view authority = AuthorityOf(text);
  return authority.substr(authority.rfind('@') + 1);  // npos + 1 is 0.
}

// What `host` is beside `url`, which it names, too.
WrittenInHost KindsOf(std::string_view host, const http::Url& url) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  const std::string_view port = host.substr(std::min(colon, host.size()));  // With its colon.
  const std::string_view name = host.substr(0, host.size() - port.size());
  const bool is_address = http::IsIpAddress(url) && !url.get_hostname().starts_with('[');
  return static_cast<WrittenInHost>((is_address && name != url.get_hostname() ? kNumberInHost : 0) |
                                    (port.size() > 2 && port[1] == '0' ? kZerosInHost : 0) |
                                    (name.find('%') != name.npos ? kEscapesInHost : 0));
}

// Whether a request's Host says what its URL does not: an address's zone, what Location wrote, or
// that there is no host.
bool SaysMore(std::string_view host, const Hop& hop) {
  const LocationRule& rule = hop.profile.location;
  if (host.empty()) return rule.no_host == NoHost::kLoopback;
  if (host.front() == ':') return rule.no_host == NoHost::kLoopbackIfPort;
  if (host.front() == '[') return rule.zone_in_host && host.find('%') != host.npos;
  if ((KindsOf(host, hop.url) & rule.written_in_host) == 0 || host.find('@') != host.npos)
    return false;
  const auto read = http::ParseUrl(std::string("http://").append(host));
  return read && read->get_hostname() == hop.url.get_hostname();
}

// Whether `host` has only what a Host can have: a Location may have tabs in its authority.
bool IsPlain(std::string_view host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return http::IsUnreserved(c) || c == '%' || c == ':'; });
}

// The Host of the next request, if the next URL does not say it.
std::optional<std::string> HostOfNext(std::string_view written, const Hop& hop) {
  if (hop.location.empty_host) return std::string();
  if (hop.location.host.starts_with('[') && !hop.next.get_port().empty())
    return hop.location.host + ":" + std::string(hop.next.get_port());
  if (!hop.location.host.empty()) return hop.location.host;
  const WrittenInHost kinds = written.empty() ? 0 : KindsOf(written, hop.next);
  if ((kinds & hop.profile.location.written_in_host) == 0 || !IsPlain(written)) return std::nullopt;
  return std::string(written);
}

// Such a Host stays as long as no other authority is named.
void WriteHost(Hop& hop) {
  const std::string_view written = HostAndPort(hop.location.text);
  std::optional<std::string> host = HostOfNext(written, hop);
  const http::Headers& headers = hop.request.headers();
  bool given = false;
  for (int i = 0; i < headers.size(); ++i) {
    if (!http::EqualsIgnoreCase(headers[i].name(), "Host")) continue;
    if (http::IsWithheld(headers[i]) || !SaysMore(http::ValueOf(headers[i]), hop)) {
      given = true;
    } else {
      hop.changes.Drop(i, v1::CHANGE_REASON_HOST);
      if (host == http::ValueOf(headers[i])) hop.location.other_name = false;
      if (!host && written.empty() && !hop.crosses) host = http::ValueOf(headers[i]);
    }
  }
  if (host && given) {
    hop.host = *host;
  } else if (host) {
    hop.changes.Add("Host", *host, v1::CHANGE_REASON_CLIENT_HABIT);
  }
}

// The URL with which the client resolves, `text`: one whose host it ended early to reach `url`.
// nullopt: a chain has been changed, and would lead elsewhere.
std::optional<http::Url> ReadBase(std::string_view text, const http::Url& url,
                                  const LocationRule& rule) {
  if (text.empty()) return std::nullopt;
  std::optional<http::Url> base = http::ParseUrl(text);
  const std::string_view host = url.get_hostname();
  const bool leads_here = base && base->get_protocol() == url.get_protocol() &&
                          url.get_port().empty() &&
                          base->get_hostname().find_first_of(rule.host_ends_at) == host.size() &&
                          base->get_hostname().starts_with(host);
  if (!leads_here) return std::nullopt;
  return base;
}

v1::StopReason ReadNext(Hop& hop) {
  if (hop.profile.location.spelling != nullptr) {
    const std::string_view directory = hop.url.get_pathname();
    hop.location.base_depth =
        static_cast<int>(std::count(directory.begin(), directory.end(), '/')) - 1;
  }
  ReadLocation(hop.question.response().headers(), hop.profile.location, hop.location);
  if (hop.location.stop == kGoOn) Reinterpret(hop.url, hop.profile.location, hop.location);
  if (hop.location.stop != kGoOn) return hop.location.stop;
  const bool is_relative = !IsAbsoluteReference(hop.location.text);
  if (is_relative && RefusesBase(hop.request.url(), hop.profile.location))
    return v1::STOP_REASON_INVALID_LOCATION;
  if (hop.profile.host_field_is_base) hop.base = UrlOfHostField(hop.request.headers(), hop.url);
  const std::string& own_base = hop.out.chain().base();
  const auto read = ReadBase(own_base, hop.url, hop.profile.location);
  if (read) hop.base = read;
  const http::Url& base = hop.base && is_relative ? *hop.base : hop.url;
  const std::string& base_text = read ? own_base : hop.request.url();
  if (is_relative) {
    auto joined = JoinedText(base_text, base, hop.profile.location, hop.location.text);
    if (joined && joined->empty()) return v1::STOP_REASON_INVALID_LOCATION;
    if (joined) {
      Use(std::move(*joined), hop.location);
      hop.location.veiled = true;
    }
  }
  const bool first = hop.out.chain().count() == 0;
  const auto veiled = VeilBase(base_text, base, first, hop.profile.location, hop.location);
  if (!http::ParseUrl(hop.location.text, veiled ? &*veiled : &base, hop.next)) {
    hop.location.bad_authority = HasEscapeInHost(hop.location.text);
    return v1::STOP_REASON_INVALID_LOCATION;
  }
  if (!http::IsHttp(hop.next)) return WhyNotHttp(hop.next, hop.profile.location);
  Rewrite(hop.profile.location, hop.location, hop.next);
  if (hop.location.stop != kGoOn) return hop.location.stop;
  InheritFragment(hop);
  if ((veiled || hop.location.veiled) && !Spell(*hop.profile.location.spelling, hop))
    return v1::STOP_REASON_INVALID_LOCATION;
  hop.crosses = !http::SameOrigin(hop.url, hop.next);
  if (std::max(hop.next.get_href().size(), http::UpToPath(hop.next).size() + hop.spelled.size()) >
      http::kMaxUrl) {
    return v1::STOP_REASON_LOCATION_TOO_LONG;
  }
  if (const v1::StopReason reason = WhyNotTo(hop.location, hop.url, hop.next, hop.profile);
      reason != kGoOn)
    return reason;
  if (hop.rule.to_proxy) {
    hop.next = AtProxy(hop.url, hop.next);
    if (hop.crosses) hop.changes.Add("Host", hop.url.get_host(), v1::CHANGE_REASON_CLIENT_HABIT);
  }
  if (hop.location.drops_first_slash) {
    const std::string_view path = hop.spelled.empty() ? http::FromPathOn(hop.next) : hop.spelled;
    hop.target = path.substr(1, path.find('#') - 1);
  }
  WriteHost(hop);
  const bool stops = hop.profile.userinfo == Userinfo::kStop ||
                     (hop.profile.userinfo == Userinfo::kStopAcross && hop.crosses);
  if (stops && http::HasUserinfo(hop.next)) return v1::STOP_REASON_USERINFO;
  return kGoOn;
}

// Why the client stops before it finds that it cannot follow to the next URL.
v1::StopReason RequestFirst(const Hop& hop, v1::StopReason reason) {
  if (reason == kGoOn || reason == v1::STOP_REASON_NO_LOCATION) return reason;
  if (hop.request.body() == v1::BODY_ONE_SHOT) return v1::STOP_REASON_BODY_NOT_REPLAYABLE;
  const bool reads = hop.location.bad_authority || reason == v1::STOP_REASON_USERINFO ||
                     reason == v1::STOP_REASON_SCHEME_NOT_ALLOWED;
  const bool stops = reads && NamesAuthority(hop.location.text) &&
                     (hop.location.bad_authority || !http::SameOrigin(hop.url, hop.next)) &&
                     (hop.rule.to_get & MethodBit(hop.request.method())) == 0 &&
                     StopsAcross(hop.request.headers(), hop.profile, hop.question.options());
  return stops ? v1::STOP_REASON_CREDENTIALS_PRESENT : reason;
}

}  // namespace

v1::StopReason ResolveLocation(Hop& hop) {
  const v1::StopReason reason = ReadNext(hop);
  if (hop.profile.request_first) return RequestFirst(hop, reason);
  if (hop.profile.location.scheme_first && reason == v1::STOP_REASON_INVALID_LOCATION &&
      http::StartsWithIgnoreCase(hop.location.text, http::IsHttps(hop.url) ? "http:" : "https:"))
    return v1::STOP_REASON_SCHEME_NOT_ALLOWED;
  if (reason != v1::STOP_REASON_INVALID_LOCATION) return reason;
  if (hop.profile.location.invalid_relative_fails && !IsAbsoluteReference(hop.location.text))
    hop.location.fails = true;
  // The client hands back what it may not follow, whatever its Location says.
  const bool follows = (hop.rule.followed & MethodBit(hop.request.method())) != 0;
  return hop.profile.method_before_invalid && !follows ? v1::STOP_REASON_METHOD_NOT_FOLLOWED
                                                       : reason;
}

}  // namespace fingerpost::follow
