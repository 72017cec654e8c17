#include "core/decide/target.h"

#include <algorithm>
#include <vector>

#include "core/http/fields.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::decide {
namespace {

// The base of a path-absolute target without a known host (RFC 6761 §6.4).
const http::Url& UnknownHost() {
  static const http::Url url = *http::ParseUrl("https://unknown.invalid/");
  return url;
}

bool IsSlash(char c) { return c == '/' || c == '\\'; }

// "https:", "com.example.app:": a scheme makes a reference absolute (RFC 3986 §3.1).
bool HasScheme(std::string_view text) {
  const size_t end = text.find_first_of(":/\\?#");
  return end != std::string_view::npos && text[end] == ':' && end > 0;
}

bool StartsWithTwoSlashes(std::string_view text) {
  return text.size() >= 2 && IsSlash(text[0]) && IsSlash(text[1]);
}

// Whether a path alone is not enough: RFC 1945 §10.11, another origin, or a path that would be read
// as a host.
bool NeedsHost(const Question& question, const http::Url& url) {
  const v1::Purpose purpose = question.intent.purpose();
  return question.request.http_1_0() || !question.url ||
         purpose == v1::PURPOSE_AUTHORIZATION_RESPONSE || purpose == v1::PURPOSE_HTTPS_UPGRADE ||
         !http::SameOrigin(url, *question.url) || url.get_pathname().starts_with("//");
}

// The name in one "name=value" of a query, not decoded.
std::string_view NameOf(std::string_view pair) {
  return pair.substr(0, std::min(pair.find('='), pair.size()));
}

// application/x-www-form-urlencoded (WHATWG URL Standard §5.1), so that "a%62" and "ab" are one
// name.
std::string Decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return ada::unicode::percent_decode(spaced, spaced.find('%'));
}

struct Pair {
  std::string_view text;
  std::string name;
};

// The unchanged query without its "?"; empty without a query.
std::string_view QueryOf(const http::Url& url) {
  const std::string_view search = url.get_search();
  return search.empty() ? search : search.substr(1);
}

// Sets the query, octet by octet. The setter removes a first "?" (WHATWG URL Standard §6.1).
void SetQuery(std::string_view query, http::Url& url) { url.set_search("?" + std::string(query)); }

// The texts between the "&"s, including empty ones: a query is text (RFC 3986 §3.4).
std::vector<Pair> Pairs(std::string_view query) {
  std::vector<Pair> pairs;
  for (bool more = !query.empty(); more;) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    pairs.push_back({pair, Decoded(NameOf(pair))});
    more = end != std::string_view::npos;
    if (more) query.remove_prefix(end + 1);
  }
  return pairs;
}

bool MayPass(const v1::QueryWish& wish, std::string_view name) {
  const auto allows = [name](std::string_view pattern) {
    if (!pattern.ends_with('*')) return name == pattern;
    pattern.remove_suffix(1);
    return name.starts_with(pattern);
  };
  return wish.allowed_names().empty() ||
         std::any_of(wish.allowed_names().begin(), wish.allowed_names().end(), allows);
}

std::vector<std::string_view> NamesOf(const std::vector<Pair>& pairs) {
  std::vector<std::string_view> names;
  names.reserve(pairs.size());
  for (const Pair& pair : pairs) names.emplace_back(pair.name);
  std::sort(names.begin(), names.end());
  return names;
}

// Removes the pairs whose names are in `others`. An empty text between two "&" has no name.
void Yield(const std::vector<std::string_view>& others, std::vector<Pair>& pairs) {
  std::erase_if(pairs, [&others](const Pair& pair) {
    return !pair.text.empty() && std::binary_search(others.begin(), others.end(), pair.name);
  });
}

void Join(const std::vector<Pair>& pairs, std::string& query, bool& has_pairs) {
  for (const Pair& pair : pairs) {
    if (has_pairs) query += '&';
    query += pair.text;
    has_pairs = true;
  }
}

}  // namespace

bool ResolveTarget(const Question& question, std::string_view text, std::string_view path,
                   Target& target, message::Violations& violations) {
  while (text.starts_with(' ')) text.remove_prefix(1);  // Like the parser.
  target.host_unknown = false;
  target.ambiguous = http::LacksTwoSlashes(text);
  bool parsed = false;
  if (question.url) {
    if (question.intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE) {
      const Target base = UpgradedToHttps(*question.url);
      parsed = http::ParseUrl(text, &base.url, target.url);
    } else {
      parsed = http::ParseUrl(text, question.url, target.url);
    }
  } else if (HasScheme(text)) {
    parsed = http::ParseUrl(text, nullptr, target.url);
  } else if (text.starts_with('/') && !StartsWithTwoSlashes(text)) {
    parsed = http::ParseUrl(text, &UnknownHost(), target.url);
    target.host_unknown = true;
  } else {
    violations.Add("request.url",
                   "required: " + std::string(path) + " is neither absolute nor path-absolute");
    return false;
  }
  if (!parsed) {
    violations.Add(path, "not a URL (WHATWG URL Standard §4.4)");
    return false;
  }
  target.absolute = !target.host_unknown && (HasScheme(text) || StartsWithTwoSlashes(text) ||
                                             NeedsHost(question, target.url));
  http::WriteAsUri(target.url);
  if (http::HasNoUri(target.url.get_hostname())) {
    violations.Add(path, "not a URL: its host has a character that no host has (RFC 3986 §3.2.2)");
    return false;
  }
  if (target.host_unknown && target.url.get_pathname().starts_with("//")) {
    violations.Add("request.url", "required: the path of " + std::string(path) +
                                      " starts with \"//\", which cannot be sent alone");
    return false;
  }
  return true;
}

void CheckTarget(const Question& question, Target& target, std::string_view path,
                 message::Violations& violations) {
  if (question.intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE && !http::IsHttps(target.url)) {
    violations.Add(path, "expected an https URL for https_upgrade");
  }
  if (question.request.http_1_0() && target.host_unknown) {
    violations.Add("request.url",
                   "required: HTTP/1.0 needs an absolute Location (RFC 1945 §10.11)");
  }
  const size_t size = LocationText(target).size();
  if (size <= kMaxLocation) return;
  std::string what =
      "at most 8000 octets once serialised (RFC 9110 §4.1), got " + std::to_string(size);
  if (question.wish.matched) {
    target.fault = std::move(what);
  } else {
    violations.Add(path, std::move(what));
  }
}

Target UpgradedToHttps(const http::Url& url) {
  Target target{.url = url, .absolute = true};
  target.url.set_protocol("https");
  return target;
}

void AddRequestQuery(const Question& question, http::Url& url) {
  const v1::QueryWish& wish = question.intent.query();
  if (wish.mode() == v1::QUERY_MODE_UNSPECIFIED || wish.mode() == v1::QUERY_MODE_DROP) return;
  if (!question.url->has_search()) return;
  if (wish.mode() == v1::QUERY_MODE_KEEP && url.has_search()) return;
  std::vector<Pair> added = Pairs(QueryOf(*question.url));
  std::vector<Pair> own = Pairs(QueryOf(url));
  const size_t sent = added.size();
  std::erase_if(added, [&wish](const Pair& pair) { return !MayPass(wish, pair.name); });
  if (added.empty() && (sent > 0 || url.has_search())) return;
  if (wish.mode() == v1::QUERY_MODE_MERGE_REQUEST_WINS) {
    Yield(NamesOf(added), own);
  } else if (wish.mode() == v1::QUERY_MODE_MERGE_TARGET_WINS) {
    Yield(NamesOf(own), added);
  }
  std::string query;
  bool has_pairs = false;
  Join(own, query, has_pairs);
  Join(added, query, has_pairs);
  SetQuery(query, url);
}

void AddResponseParameters(const v1::Intent& intent, http::Url& url) {
  if (intent.response_parameters().empty()) return;
  const bool fragment = intent.response_mode() == v1::RESPONSE_MODE_FRAGMENT;
  std::string text;
  if (!fragment) text = QueryOf(url);
  for (const v1::Parameter& parameter : intent.response_parameters()) {
    if (!text.empty()) text += '&';
    http::AppendEncoded(parameter.name(), text);
    text += '=';
    http::AppendEncoded(parameter.value(), text);
  }
  if (fragment) {
    url.set_hash(text);
  } else {
    SetQuery(text, url);
  }
}

std::string_view LocationText(const Target& target) {
  return target.absolute ? target.url.get_href() : http::FromPathOn(target.url);
}

}  // namespace fingerpost::decide
