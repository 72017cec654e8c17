#include "core/follow/hand_set_cookies.h"

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/follow/set_cookie.h"
#include "core/http/fields.h"

namespace fingerpost::follow {
namespace {

std::string_view NameOf(std::string_view pair) {
  const size_t equals = pair.find('=');
  return equals == std::string_view::npos ? std::string_view()
                                          : http::TrimWhitespace(pair.substr(0, equals));
}

// Calls `use` with each pair of a Cookie's value.
template <typename Use>
void ForEachPair(std::string_view value, const Use& use) {
  while (!value.empty()) {
    const size_t end = std::min(value.find(';'), value.size());
    const std::string_view pair = http::TrimWhitespace(value.substr(0, end));
    if (!pair.empty()) use(pair);
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

// A pair as a client writes it that has read it; empty: it is left out.
std::string Reread(std::string_view pair) {
  const size_t equals = pair.find('=');
  if (equals == std::string_view::npos) return absl::StrCat(std::string(pair), "=");
  return equals == 0 ? std::string() : std::string(pair);
}

using Names = absl::flat_hash_set<std::string_view>;

// The jar's cookies, which are one field but for OldCookies::kOwnFields.
std::string JoinJar(const std::vector<const v1::Cookie*>& cookies, const JarRule& rule) {
  std::string field;
  for (const std::string& part : WriteCookies(cookies, rule)) AppendPair(part, field);
  return field;
}

std::string JoinHand(const CookieParts& parts) {
  std::string field;
  for (const std::string& value : parts.hand) AppendPair(value, field);
  return field;
}

// HandSet::kJarWins.
std::string Merge(const JarRule& rule, const CookieParts& parts) {
  std::string field;
  if (!parts.hand.empty()) {
    Names taken(parts.touched.begin(), parts.touched.end());
    for (const v1::Cookie* cookie : parts.sent) taken.insert(cookie->name());
    for (const v1::Cookie* cookie : parts.cookies) taken.insert(cookie->name());
    for (const std::string& value : parts.hand) {
      ForEachPair(value, [&taken, &field](std::string_view pair) {
        if (!taken.contains(NameOf(pair))) AppendPair(pair, field);
      });
    }
  }
  AppendPair(JoinJar(parts.cookies, rule), field);
  return field;
}

// HandSet::kSorted.
std::string SortTogether(const JarRule& rule, const CookieParts& parts) {
  std::map<std::string, std::string> pairs;
  for (const std::string& value : parts.hand) {
    ForEachPair(value, [&pairs](std::string_view text) {
      const std::string pair = Reread(text);
      if (!pair.empty()) pairs[std::string(NameOf(pair))] = pair;
    });
  }
  for (const v1::Cookie* cookie : parts.cookies) pairs[cookie->name()] = JoinJar({cookie}, rule);
  std::string field;
  for (const auto& [name, pair] : pairs) AppendPair(pair, field);
  return field;
}

// HandSet::kUntouched: the hand-set cookies that are left, sorted if some are not.
std::string Untouched(const CookieParts& parts) {
  const Names touched(parts.touched.begin(), parts.touched.end());
  std::vector<std::string> left;
  bool all = true;
  for (const std::string& value : parts.hand) {
    ForEachPair(value, [&](std::string_view pair) {
      if (touched.contains(NameOf(pair))) {
        all = false;
      } else {
        left.push_back(Reread(pair));
      }
    });
  }
  if (all) return JoinHand(parts);
  std::sort(left.begin(), left.end());
  std::string field;
  for (const std::string& pair : left) AppendPair(pair, field);
  return field;
}

// HandSet::kInPlace. Until there are any, the field stays as it is.
std::string InPlace(const JarRule& rule, const CookieParts& parts) {
  if (parts.cookies.empty() && parts.touched.empty()) return JoinHand(parts);
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto put = [&pairs](std::string_view name, std::string text) {
    const auto same = std::find_if(pairs.begin(), pairs.end(),
                                   [name](const auto& one) { return one.first == name; });
    if (same == pairs.end()) {
      pairs.emplace_back(name, std::move(text));
    } else {
      same->second = std::move(text);
    }
  };
  for (const std::string& value : parts.hand) {
    for (const std::string_view part : PartsOf(value)) {
      const size_t equals = part.find('=');
      put(part.substr(0, equals), absl::StrCat(std::string(part), equals == part.npos ? "=" : ""));
    }
  }
  for (const v1::Cookie* cookie : parts.cookies) put(cookie->name(), JoinJar({cookie}, rule));
  std::string field;
  for (const auto& [name, text] : pairs) AppendPair(text, field);
  return field;
}

}  // namespace

std::string HandPart(const JarRule& rule, std::string_view value,
                     const std::vector<const v1::Cookie*>& sent) {
  if (rule.hand_set == HandSet::kStored) return {};
  const CookieFields jars = WriteCookies(sent, rule);
  if (jars.empty()) return std::string(value);
  const std::string& jar = jars.front();
  switch (rule.hand_set) {
    case HandSet::kJarWins:
    case HandSet::kInPlace:
      return std::string(value);  // Its cookies are told apart by name.
    case HandSet::kBefore:
    case HandSet::kUntouched:
      if (value.ends_with("; " + jar)) value.remove_suffix(jar.size() + 2);
      break;
    case HandSet::kAfter:
      if (value.starts_with(jar + "; ")) value.remove_prefix(jar.size() + 2);
      break;
    case HandSet::kSorted: {
      std::string hand;
      ForEachPair(value, [&sent, &hand](std::string_view pair) {
        const auto is_sent = [pair](const auto* cookie) { return cookie->name() == NameOf(pair); };
        if (std::none_of(sent.begin(), sent.end(), is_sent)) AppendPair(pair, hand);
      });
      return hand;
    }
    default:
      break;
  }
  const bool is_jars = std::find(jars.begin(), jars.end(), value) != jars.end();
  return is_jars ? std::string() : std::string(value);
}

CookieFields CombineCookies(const JarRule& rule, const CookieParts& parts) {
  const std::string jar = JoinJar(parts.cookies, rule);
  CookieFields fields;
  switch (rule.hand_set) {
    case HandSet::kJarWins:
      fields = {Merge(rule, parts)};
      break;
    case HandSet::kBefore:
    case HandSet::kUntouched:
      fields = {rule.hand_set == HandSet::kBefore ? JoinHand(parts) : Untouched(parts)};
      AppendPair(jar, fields[0]);
      // Such a client sends an empty field if nothing is left of it.
      if (rule.hand_set == HandSet::kUntouched && !parts.hand.empty()) return fields;
      break;
    case HandSet::kAfter:
      fields = {jar};
      AppendPair(JoinHand(parts), fields[0]);
      break;
    case HandSet::kSorted:
      if (jar.empty()) {
        fields = parts.hand;
      } else {
        fields = {SortTogether(rule, parts)};
      }
      break;
    case HandSet::kWins:
    case HandSet::kDropped:
      fields = parts.hand.empty() ? CookieFields{jar} : parts.hand;
      break;
    case HandSet::kReplaced:
      fields = jar.empty() ? parts.hand : CookieFields{jar};
      break;
    case HandSet::kInPlace:
      fields = {InPlace(rule, parts)};
      if (!parts.touched.empty() || !parts.hand.empty()) return fields;
      break;
    case HandSet::kStored:
      fields = {jar};
      break;
    case HandSet::kFieldFirst:
      fields = parts.hand;
      for (std::string& field : WriteCookies(parts.cookies, rule))
        fields.push_back(std::move(field));
      break;
    case HandSet::kBeside:
      fields = {jar};
      fields.insert(fields.end(), parts.hand.begin(), parts.hand.end());
      break;
  }
  fields.erase(std::remove(fields.begin(), fields.end(), std::string()), fields.end());
  return fields;
}

}  // namespace fingerpost::follow
