#include "golden/well_formed.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "golden/json.h"

namespace fingerpost::golden {
namespace {

using Headers = google::protobuf::RepeatedPtrField<v1::Header>;

bool SameName(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

auto CountOf(const Headers& headers, std::string_view name) {
  return std::count_if(headers.begin(), headers.end(),
                       [&](const v1::Header& header) { return SameName(header.name(), name); });
}

std::string ValueOf(const Headers& headers, std::string_view name) {
  for (const v1::Header& header : headers) {
    if (SameName(header.name(), name)) return header.value();
  }
  return "";
}

bool HasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool HasControls(const Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const v1::Header& header) {
    return header.name().empty() || HasControls(header.name()) || HasControls(header.value()) ||
           header.raw_value().find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
  });
}

// A value that another party wrote may have HTAB (RFC 9110 §5.5).
bool HasControlsButTab(const Headers& headers) {
  Headers without = headers;
  for (v1::Header& header : without) {
    if (header.has_value()) std::erase(*header.mutable_value(), '\t');
  }
  return HasControls(without);
}

bool IsLowerCase(const v1::Header& header) {
  return std::none_of(header.name().begin(), header.name().end(),
                      [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Userinfo and query of a URL, which no message may hold. Without short ones, which would match by
// chance.
std::vector<std::string> SecretsOf(const std::string& url) {
  constexpr size_t kShortest = 6;
  std::vector<std::string> secrets;
  const size_t host = url.find("//");
  const size_t path = host == std::string::npos ? host : url.find_first_of("/?#", host + 2);
  const size_t at = url.substr(0, path).rfind('@');
  if (host != std::string::npos && at != std::string::npos && at > host + 2) {
    secrets.push_back(url.substr(host + 2, at - host - 2));
  }
  const size_t query = url.find('?');
  if (query != std::string::npos) {
    secrets.push_back(url.substr(query + 1, url.find('#', query) - query - 1));
  }
  std::erase_if(secrets, [](const std::string& secret) { return secret.size() < kShortest; });
  return secrets;
}

template <typename Question>
bool Omits(const Question& question, v1::AnswerPart part) {
  const auto& parts = question.omit();
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

bool Tells(const std::string& message, const std::vector<std::string>& urls) {
  return std::any_of(urls.begin(), urls.end(), [&](const std::string& url) {
    const auto secrets = SecretsOf(url);
    return std::any_of(secrets.begin(), secrets.end(), [&](const std::string& secret) {
      return message.find(secret) != std::string::npos;
    });
  });
}

// The request target that an http(s) URL gives (RFC 9112 §3.2.1).
std::string TargetOf(const std::string& url) {
  const size_t authority = url.find("//");
  const size_t path =
      authority == std::string::npos ? authority : url.find_first_of("/?#", authority + 2);
  return path == std::string::npos ? "" : url.substr(path, url.find('#') - path);
}

// An unspecified body is no body.
v1::HttpRequest Normal(v1::HttpRequest request) {
  if (request.body() == v1::BODY_UNSPECIFIED) request.set_body(v1::BODY_NONE);
  return request;
}

}  // namespace

std::vector<std::string> Faults(const v1::DecideRequest& request,
                                const v1::DecideResponse& response) {
  std::vector<std::string> faults;
  const auto require = [&](bool holds, const char* what) {
    if (!holds) faults.emplace_back(what);
  };
  const bool redirect = response.outcome() == v1::OUTCOME_REDIRECT;
  const bool written = redirect || response.outcome() == v1::OUTCOME_RESPOND;
  const int status = response.status();
  const auto& headers = response.headers();
  require(response.outcome() != v1::OUTCOME_UNSPECIFIED, "outcome is set");
  require(written == (status != 0), "status is set exactly for REDIRECT and RESPOND");
  require(redirect == (status >= 300 && status <= 399), "REDIRECT is a 3xx and RESPOND is none");
  require(
      written || (headers.empty() && response.body().empty() && response.clear_cookie().empty()),
      "an answer that is not written has no fields and no body");
  require(!HasControls(headers), "no control character in a field");
  const auto locations = CountOf(headers, "Location");
  if (redirect && status != 300) require(locations == 1, "a redirect has exactly one Location");
  require(locations <= 1, "at most one Location");
  for (const char* name : {"HX-Redirect", "X-Inertia-Location"}) {
    const std::string value = ValueOf(headers, name);
    require(CountOf(headers, name) <= (status == 200 || status == 409 ? 1 : 0),
            "a script's field in Location's place is on 200 and 409, once");
    require(value.find_first_of(" \"<>\\^`{|}") == std::string::npos && !value.starts_with("//"),
            "a script's field has only what a URI has");
  }
  require(ValueOf(headers, "Location").find_first_of(" \"<>\\^`{|}") == std::string_view::npos,
          "Location has only what a URI has");
  if (status == 304 || status == 410) require(locations == 0, "304 and 410 have no Location");
  require(!written || CountOf(headers, "Cache-Control") == 1, "freshness is always explicit");
  if (status == 301 || status == 308) {
    require(response.clear_cookie().empty(), "no flash message on a permanent redirect");
  }
  if (CountOf(headers, "Set-Cookie") > 0) {
    const std::string caching = ValueOf(headers, "Cache-Control");
    require(caching == "no-store" || caching.starts_with("private"),
            "no cookie for a shared cache");
  }
  if (request.request().method() == "HEAD") {
    require(response.body().empty(), "no body on HEAD");
  } else if (written) {
    // If the caller writes the body, only the caller knows its length.
    const std::string length = ValueOf(headers, "Content-Length");
    require(length == (length.empty() ? response.body() : std::to_string(response.body().size())),
            "Content-Length counts the body's octets");
  }
  if (request.request().protocol() == v1::PROTOCOL_HTTP_2 ||
      request.request().protocol() == v1::PROTOCOL_HTTP_3) {
    require(std::all_of(headers.begin(), headers.end(), IsLowerCase),
            "names are lower-case in HTTP/2 and HTTP/3");
  }
  for (const char* name : {"Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade"}) {
    require(CountOf(headers, name) == 0, "no field belongs to the connection");
  }
  require(response.reason().code() != v1::REASON_CODE_UNSPECIFIED, "reason.code is set");
  const bool texts = !Omits(request, v1::ANSWER_PART_TEXTS);
  require(response.reason().message().empty() != texts, "reason.message is a sentence");
  const std::vector<std::string> urls = {request.request().url(), request.intent().target(),
                                         response.target()};
  require(!Tells(response.reason().message(), urls), "no message has userinfo or a query");
  require(!response.reason().citations().empty() || !texts ||
              response.reason().code() == v1::REASON_CODE_NO_MATCH ||
              response.reason().code() == v1::REASON_CODE_SHADOW ||
              response.reason().code() == v1::REASON_CODE_WINDOW_NOT_BEGUN,
          "reason.citations says where it is written");
  for (const v1::Warning& warning : response.warnings()) {
    require(warning.message().empty() != texts, "a warning has a message");
    require(!Tells(warning.message(), urls), "no message has userinfo or a query");
  }
  return faults;
}

v1::HttpRequest Apply(const v1::HttpRequest& request,
                      const google::protobuf::RepeatedPtrField<v1::Change>& changes) {
  v1::HttpRequest next = request;
  next.clear_headers();
  Headers fields = request.headers();
  Headers added;
  std::set<int> dropped;
  for (const v1::Change& change : changes) {
    const int index = static_cast<int>(change.index());
    const bool known = index < fields.size();
    switch (change.kind()) {
      case v1::CHANGE_KIND_METHOD:
        next.set_method(change.value());
        break;
      case v1::CHANGE_KIND_URL:
        next.set_url(change.value());
        break;
      case v1::CHANGE_KIND_BODY_DROPPED:
        next.set_body(v1::BODY_NONE);
        break;
      case v1::CHANGE_KIND_FIELD_DROPPED:
        dropped.insert(index);
        break;
      case v1::CHANGE_KIND_FIELD_REWRITTEN:
        if (known) *fields.Mutable(index) = change.field();
        break;
      case v1::CHANGE_KIND_FIELD_ADDED:
        *added.Add() = change.field();
        break;
      default:
        break;
    }
  }
  for (int i = 0; i < fields.size(); ++i) {
    if (!dropped.contains(i)) *next.add_headers() = fields[i];
  }
  next.mutable_headers()->MergeFrom(added);
  return next;
}

std::vector<std::string> Faults(const v1::FollowRequest& request,
                                const v1::FollowResponse& response) {
  std::vector<std::string> faults;
  const auto require = [&](bool holds, const std::string& what) {
    if (!holds) faults.emplace_back(what);
  };
  require(response.result_case() != v1::FollowResponse::RESULT_NOT_SET, "next or stop is set");
  require(response.profile() != v1::PROFILE_UNSPECIFIED, "profile is set");
  std::vector<std::string> urls = {request.request().url(), response.next().url()};
  for (const v1::Header& header : request.response().headers()) urls.push_back(header.value());
  const bool texts = !Omits(request, v1::ANSWER_PART_TEXTS);
  require(!Tells(response.stop().message(), urls), "no message has userinfo or a query");
  for (const v1::Warning& warning : response.warnings()) {
    require(warning.message().empty() != texts, "a warning has a message");
    require(!Tells(warning.message(), urls), "no message has userinfo or a query");
  }
  for (const v1::Change& change : response.changes()) {
    require(change.kind() != v1::CHANGE_KIND_UNSPECIFIED &&
                change.reason() != v1::CHANGE_REASON_UNSPECIFIED &&
                change.message().empty() != texts,
            "a change has a kind, a reason and a message");
  }
  const std::string& target = response.request_target();
  require(target.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
          "no line break in the request target");
  require(target.empty() || (response.has_next() && response.profile() != v1::PROFILE_STRICT &&
                             target != TargetOf(response.next().url())),
          "request_target is a client's, and not the URL's");
  if (response.has_stop()) {
    require(response.changes().empty(), "no changes on stop");
    require(response.stop().reason() != v1::STOP_REASON_UNSPECIFIED &&
                response.stop().message().empty() != texts,
            "stop has a reason and a message");
    return faults;
  }
  const v1::HttpRequest& next = response.next();
  require(next.url().starts_with("http://") || next.url().starts_with("https://"),
          "the next URL is http or https");
  require(!HasControls(next.url()) && !HasControlsButTab(next.headers()),
          "no control character in the next request");
  const uint32_t hops = request.unsent() ? 0 : 1;
  require(response.chain().count() == request.chain().count() + hops,
          "chain.count counts this hop");
  if (Omits(request, v1::ANSWER_PART_CHANGES)) return faults;
  const v1::HttpRequest applied = Apply(request.request(), response.changes());
  require(ToJson(Normal(applied)) == ToJson(Normal(next)),
          "request + changes = next, but they give " + ToJson(applied));
  return faults;
}

}  // namespace fingerpost::golden
