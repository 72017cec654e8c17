#include "core/decide/request_query.h"

#include <algorithm>
#include <vector>

#include "core/http/percent_encoding.h"

namespace fingerpost::decide {
namespace {

// Why a part of the request's query is missing in the target, for the explanation.
constexpr std::string_view kDropped =
    "the request's query is dropped, as the query wish of intent or policy says";
constexpr std::string_view kDroppedByDefault =
    "the request's query is dropped, as it is for this purpose by default; set query to {mode: "
    "keep} where it belongs to what moved";
constexpr std::string_view kTargetHasOne =
    "the request's query is dropped: the target has a query of its own, and the mode is keep";
constexpr std::string_view kNotNamed =
    "parameters of the request's query that allowed_names does not name are dropped";
constexpr std::string_view kTargetWins =
    "parameters of the request's query whose names the target has are dropped";

const v1::QueryWish& WishOf(const Question& question) {
  if (question.intent.has_query() || question.wish.query == nullptr) return question.intent.query();
  return *question.wish.query;
}

// A query is a part of a URL's name (RFC 3986 §3.4), so the canonical URL of the same page, and the
// same URL over https (RFC 6797 §8.3), keep it.
bool NamesTheSame(v1::Purpose purpose) {
  return purpose == v1::PURPOSE_CANONICAL_URL || purpose == v1::PURPOSE_HTTPS_UPGRADE;
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

std::string ValueOf(std::string_view pair) {
  const size_t end = NameOf(pair).size();
  return Decoded(pair.substr(std::min(end + 1, pair.size())));
}

// Removes the parameters of `taken`, each as often as it is there.
void Take(std::string_view taken, std::vector<Pair>& pairs) {
  for (const Pair& one : Pairs(taken)) {
    const auto found = std::find_if(pairs.begin(), pairs.end(), [&one](const Pair& pair) {
      return !pair.text.empty() && pair.name == one.name && ValueOf(pair.text) == ValueOf(one.text);
    });
    if (found != pairs.end()) pairs.erase(found);
  }
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

v1::QueryMode QueryModeOf(const Question& question) {
  const v1::QueryMode mode = WishOf(question).mode();
  if (mode != v1::QUERY_MODE_UNSPECIFIED) return mode;
  return NamesTheSame(question.intent.purpose()) ? v1::QUERY_MODE_KEEP : v1::QUERY_MODE_DROP;
}

void AddRequestQuery(Question& question, http::Url& url) {
  if (!question.url->has_search()) return;
  const v1::QueryWish& wish = WishOf(question);
  const v1::QueryMode mode = QueryModeOf(question);
  if (mode == v1::QUERY_MODE_DROP) {
    question.dropped_query = wish.mode() == v1::QUERY_MODE_DROP ? kDropped : kDroppedByDefault;
    return;
  }
  if (mode == v1::QUERY_MODE_KEEP && url.has_search()) {
    question.dropped_query = kTargetHasOne;
    return;
  }
  std::vector<Pair> added = Pairs(QueryOf(*question.url));
  std::vector<Pair> own = Pairs(QueryOf(url));
  const size_t sent = added.size();
  Take(question.wish.taken_query, added);
  const size_t left = added.size();
  std::erase_if(added, [&wish](const Pair& pair) { return !MayPass(wish, pair.name); });
  if (added.size() != left) question.dropped_query = kNotNamed;
  if (added.empty() && (sent > 0 || url.has_search())) return;
  if (mode == v1::QUERY_MODE_MERGE_REQUEST_WINS) {
    Yield(NamesOf(added), own);
  } else if (mode == v1::QUERY_MODE_MERGE_TARGET_WINS) {
    const size_t passing = added.size();
    Yield(NamesOf(own), added);
    if (added.size() != passing) question.dropped_query = kTargetWins;
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

}  // namespace fingerpost::decide
