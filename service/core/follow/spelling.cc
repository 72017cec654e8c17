#include "core/follow/spelling.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/follow/veil.h"
#include "core/follow/written_parts.h"
#include "core/http/fields.h"
#include "core/http/percent_encoding.h"
#include "core/message/utf8.h"

namespace fingerpost::follow {
namespace {

// Which every client writes as they are, wherever they stand in a path or a query.
constexpr Characters kPlain = kUnreserved | Characters("/?#&=:,+");
// What the URL parser would percent-encode in a path or in a query.
constexpr Characters kChanged = kUrlStandardPath | kUrlStandardQuery;

// Whether a dot segment begins here: one or two dots, as they are or escaped.
bool IsDotSegment(std::string_view text) {
  for (int dots = 0; dots < 3; ++dots) {
    if (dots > 0 && (text.empty() || std::string_view("/?#").find(text.front()) != text.npos))
      return true;
    const bool escaped = http::IsEscape(text) && Octet(text[1], text[2]) == '.';
    if (!escaped && !text.starts_with('.')) return false;
    text.remove_prefix(escaped ? 3 : 1);
  }
  return false;
}

// The path of a reference, if the client decodes it and encodes it anew; nullopt: it stays.
std::optional<std::string> WrittenAnew(std::string_view path, const PartSpelling& part) {
  const auto encoded = [&part](char c) { return part.encoded.Has(c) || (c & 0x80) != 0; };
  if (part.anew.empty() || std::none_of(path.begin(), path.end(), encoded)) return std::nullopt;
  std::string anew;
  while (!path.empty()) {
    const bool escape = http::IsEscape(path);
    const char c = escape ? Octet(path[1], path[2]) : path.front();
    if (part.anew.Has(c) || (c & 0x80) != 0 || http::IsControl(c)) {
      http::AppendEscape(c, anew);
    } else {
      anew += c;
    }
    path.remove_prefix(escape ? 3 : 1);
  }
  return anew;
}

// The path of a reference, if the client decodes it before it looks for slashes and dots; nullopt:
// it does not.
std::optional<std::string> Decoded(std::string_view path, const LocationRule& rule) {
  if (!rule.spelling->decodes_first) return std::nullopt;
  std::string decoded;
  while (!path.empty() && !path.starts_with("%00")) {
    const bool escape =
        http::IsEscape(path) && rule.spelling->path.decoded.Has(Octet(path[1], path[2]));
    decoded += escape ? Octet(path[1], path[2]) : path.front();
    path.remove_prefix(escape ? 3 : 1);
  }
  if (rule.merged == Merged::kEvery) MergeSlashes(decoded);
  return decoded;
}

// A client that decodes escapes does so before it looks for dots, unless those stay.
bool KeepsEscapedDots(const Spelling& spelling, bool dots_stay) {
  return spelling.dots != Dots::kRemoved && (dots_stay || !spelling.path.decoded.Has('.'));
}

struct Veil {
  const LocationRule& rule;
  // The directories before a path without a slash in front.
  int depth_before;
  // Whether the segments "." and ".." are veiled, and whether those with "%2e".
  bool keeps_dots;
  bool keeps_escaped_dots;
  // Whether "." alone is.
  bool keeps_single_dots = false;

  // Appends the path, the query and the fragment that `text` is.
  void Append(std::string_view text, std::string& out) const {
    const std::string_view reference = text.substr(0, text.find('#'));
    const std::string_view path = reference.substr(0, reference.find('?'));
    auto anew = WrittenAnew(path, rule.spelling->path);
    if (!anew) anew = Decoded(path, rule);
    AppendPath(anew ? *anew : path, out);
    for (std::string_view query = reference.substr(path.size()); !query.empty();
         query.remove_prefix(1)) {
      AppendOne(query, /*in_query=*/true, out);
    }
    for (const char c : text.substr(reference.size())) {
      if ((c & 0x80) != 0) {
        http::AppendEscape(c, out);
      } else {
        out += c;
      }
    }
  }

 private:
  void AppendPath(std::string_view path, std::string& out) const {
    const Dots dots = rule.spelling->dots;
    const bool rooted = path.starts_with('/');
    const bool counts = dots == Dots::kExcessStay || dots == Dots::kStayUnlessJoined;
    const std::string_view first = path.substr(0, path.find('/'));
    const int before = rooted || rule.path_without_scheme ? 0 : depth_before;
    int depth = rooted || first == "." ? before : std::max(0, before + (first == ".." ? -1 : 1));
    const auto stays = [&](std::string_view segment) {
      return keeps_dots ? IsDotSegment(segment) : keeps_single_dots && segment == ".";
    };
    bool in_dots =
        stays(keeps_dots ? path : first) || (!keeps_dots && counts && first == ".." && before == 0);
    for (; !path.empty(); path.remove_prefix(1)) {
      const char c = path.front();
      if (in_dots && c == '.') {
        AppendVeiled(c, out);
      } else {
        AppendOne(path, /*in_query=*/false, out);
      }
      if (c != '/') continue;
      const std::string_view segment = path.substr(1, path.find('/', 1) - 1);
      in_dots = stays(segment) || (!keeps_dots && counts && segment == ".." && depth == 0);
      depth = std::max(0, depth + (segment == ".." ? -1 : segment == "." ? 0 : 1));
    }
  }

  // Appends the first character of `text`.
  void AppendOne(std::string_view text, bool in_query, std::string& out) const {
    const char c = text.front();
    const Spelling& spelling = *rule.spelling;
    const bool escapes_a_dot =
        !in_query && keeps_escaped_dots && http::IsEscape(text) && Octet(text[1], text[2]) == '.';
    const bool bare = c == '%' && !http::IsEscape(text);
    const bool removed = (c == '\\' || c == '\t') && rule.encoded.find(c) != std::string_view::npos;
    const bool octet = (c & 0x80) != 0;
    const PartSpelling& part = in_query ? spelling.query : spelling.path;
    if (octet && !part.raw_octets) {
      http::AppendEscape(c, out);
    } else if (octet || (http::IsControl(c) && part.raw_controls) || bare || escapes_a_dot ||
               removed || kChanged.Has(c)) {
      AppendVeiled(c, out);
    } else {
      out += c;
    }
  }
};

// Whether the path of `text` ends with a dot segment that goes with the slash before it.
bool EndsShort(std::string_view text, Dots dots, bool absolute) {
  std::string_view path = text.substr(0, text.find_first_of("?#"));
  const bool rooted = absolute || path.starts_with('/');
  if (dots == Dots::kShort) return absolute && (path.ends_with("/.") || path.ends_with("/.."));
  path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0.
  return dots == Dots::kShortRooted && rooted && IsDotSegment(path);
}

// The directory with which a client joins a reference decoded; nullopt: it stays, because it has
// escapes of what no URL's path can have: controls, "#", and what is not UTF-8.
std::optional<std::string> DecodedDirectory(std::string_view path) {
  const std::string decoded = http::Decode(path.substr(0, path.rfind('/') + 1));
  if (!message::IsUtf8(decoded) || decoded.find('#') != decoded.npos ||
      std::any_of(decoded.begin(), decoded.end(), http::IsControl))
    return std::nullopt;
  std::string veiled;
  for (const char c : decoded) {
    if (kPlain.Has(c) && c != '?' && c != '#') {
      veiled += c;
    } else {
      AppendVeiled(c, veiled, kVeiledRaw);
    }
  }
  return veiled;
}

// Removes the dot segments of a path that has a query: "/a/../b/.." -> "/". The last one goes with
// the slash before it.
void RemoveDots(std::string& text) {
  const size_t end = std::min(text.find('?'), text.size());
  const std::string path = text.substr(0, end);
  if (path.find("/.") == path.npos) return;
  std::vector<absl::string_view> kept;
  for (const absl::string_view segment : absl::StrSplit(path, '/')) {
    if (segment == "..") {
      if (kept.size() > 1) kept.pop_back();
    } else if (segment != ".") {
      kept.push_back(segment);
    }
  }
  const std::string without = absl::StrJoin(kept, "/");
  text.replace(0, end, without.empty() ? "/" : without);
}

}  // namespace

void MergeSlashes(std::string& path) {
  path.erase(
      std::unique(path.begin(), path.end(), [](char a, char b) { return a == '/' && b == '/'; }),
      path.end());
}

size_t PathAt(std::string_view text, const LocationRule& rule) {
  const auto is_slash = [&rule](char c) {
    return c == '/' || (c == '\\' && rule.encoded.find('\\') == std::string_view::npos);
  };
  size_t begin = 0;
  if (const size_t colon = text.find(':'); IsAbsoluteReference(text)) begin = colon + 1;
  if (text.size() < begin + 2 || !is_slash(text[begin]) || !is_slash(text[begin + 1])) return begin;
  // "/\path" is no authority then.
  if (rule.backslashes_are_file && text[begin + 1] == '\\') return begin + 2;
  const auto* end = std::find_if(text.begin() + begin + 2, text.end(),
                                 [&](char c) { return is_slash(c) || c == '?' || c == '#'; });
  return static_cast<size_t>(end - text.begin());
}

bool NeedsVeil(std::string_view text, const LocationRule& rule) {
  text.remove_prefix(PathAt(text, rule));
  return text.starts_with('.') || text.find("/.") != text.npos ||
         !std::all_of(text.begin(), text.end(), [](char c) { return kPlain.Has(c); });
}

std::string VeiledPath(std::string_view path, const LocationRule& rule) {
  std::string veiled;
  Veil{rule, 0, false, false}.Append(path, veiled);
  return veiled;
}

std::string VeiledSegment(std::string_view segment, const LocationRule& rule) {
  std::string veiled;
  Veil{rule, 0, /*keeps_dots=*/true, /*keeps_escaped_dots=*/true}.Append(segment, veiled);
  return veiled;
}

void VeilLocation(const LocationRule& rule, Location& location) {
  if (rule.spelling == nullptr || !NeedsVeil(location.text, rule)) return;
  const std::string_view text = location.text;
  const size_t path = PathAt(text, rule);
  std::string veiled(text.substr(0, path));
  const Dots dots = rule.spelling->dots;
  const bool stay = dots == Dots::kNeverRemoved || (dots == Dots::kStay && path > 0) ||
                    (dots == Dots::kStayUnlessJoined && (path > 0 || text.starts_with('/')));
  const Veil veil{rule, location.base_depth, stay, KeepsEscapedDots(*rule.spelling, stay)};
  std::string rest(text.substr(path));
  // What is removed anyway does not part "%" from its digits.
  if (rule.encoded.find('\t') == std::string_view::npos) std::erase(rest, '\t');
  if (rule.merged == Merged::kEveryFirst) {
    std::string merged = rest.substr(0, rest.find_first_of("?#"));
    const size_t end = merged.size();
    MergeSlashes(merged);
    rest.replace(0, end, merged);
  }
  veil.Append(rest, veiled);
  location.drops_last_slash = EndsShort(rest, dots, path > 0);
  location.buffer = std::move(veiled);
  location.text = location.buffer;
  location.veiled = true;
}

std::optional<http::Url> VeilBase(std::string_view text, const http::Url& url, bool first,
                                  const LocationRule& rule, const Location& location) {
  if (rule.spelling == nullptr || !NeedsVeil(text, rule)) return std::nullopt;
  const size_t path = PathAt(text, rule);
  std::string veiled(text.substr(0, path));
  std::string rest(text.substr(path));
  if (first && rule.spelling->first != nullptr) {
    const std::string_view reference = std::string_view(rest).substr(0, rest.find('#'));
    const std::string_view before = reference.substr(0, reference.find('?'));
    rest = WriteParts(before, reference.substr(before.size()),
                      {.path = *rule.spelling->first, .query = *rule.spelling->first});
  }
  if (rule.plus_in_query) {
    const size_t end = std::min(rest.find('#'), rest.size());
    for (size_t at = std::min(rest.find('?'), end); at < end; ++at) {
      if (rest[at] == ' ') rest[at] = '+';
    }
  }
  // A reference without a path takes the base's as it is; another replaces the last segment.
  const std::string_view reference = location.text;
  const bool single_dots = rule.spelling->base_keeps_single_dots;
  const bool query = reference.starts_with('?');
  const bool joined = !reference.empty() && !(query && !single_dots) && reference.front() != '#';
  const Dots dots = rule.spelling->dots;
  const bool always = dots == Dots::kNeverRemoved;
  const bool stay = always || dots == Dots::kStay || dots == Dots::kStayUnlessJoined;
  if (joined) {
    rest.resize(std::min(rest.find_first_of("?#"), rest.size()));
    if (single_dots && rest.ends_with("/..")) rest += '/';
    if (stay && !query) rest.resize(rest.rfind('/') + 1);
    if (rule.merged == Merged::kRelative) MergeSlashes(rest);
  }
  const bool dots_stay = stay && (always || !joined);
  const Veil veil{
      rule, 0, dots_stay && !(first && rule.spelling->first_without_dots),
      KeepsEscapedDots(*rule.spelling, dots_stay) || (joined && dots == Dots::kShortRooted),
      single_dots && joined};
  if ((query || location.is_query) && rule.spelling->query_keeps_base) {
    for (const char c : std::string_view(rest).substr(0, rest.find_first_of("?#"))) {
      if (c == '.' || c == '%' || (location.is_query && !kPlain.Has(c))) {
        AppendVeiled(c, veiled, kVeiledRaw);
      } else {
        veiled += c;
      }
    }
    rest.clear();
  }
  const bool decodes = rule.spelling->joins_decoded && joined && reference.front() != '/' &&
                       !IsAbsoluteReference(reference) && !rest.ends_with('/');
  const auto decoded = decodes ? DecodedDirectory(rest) : std::nullopt;
  if (decoded) {
    veiled += *decoded;
  } else {
    veil.Append(rest, veiled);
  }
  std::optional<http::Url> base = http::ParseUrl(veiled);
  if (!base || !http::SameOrigin(*base, url)) return std::nullopt;
  http::StripUserinfo(*base);
  return base;
}

std::string SpelledUrl(std::string_view text, const http::Url& url, const LocationRule& rule) {
  if (rule.spelling == nullptr || !NeedsVeil(text, rule)) return std::string(url.get_href());
  const size_t begin = PathAt(text, rule);
  if (rule.spelling->dots == Dots::kRemoved) {
    std::string veiled(text.substr(0, begin));
    Veil{rule, 0, false, false}.Append(text.substr(begin), veiled);
    const std::optional<http::Url> read = http::ParseUrl(veiled);
    if (read) return std::string(http::UpToPath(url)) + WriteSpelled(*read, *rule.spelling);
  }
  text.remove_prefix(begin);
  const std::string_view reference = text.substr(0, text.find('#'));
  const std::string_view path = reference.substr(0, reference.find('?'));
  std::string written(http::UpToPath(url));
  if (!path.starts_with('/')) written += '/';
  const auto anew = WrittenAnew(path, rule.spelling->path);
  written += WriteParts(anew ? *anew : path, reference.substr(path.size()), *rule.spelling);
  written += url.get_hash();
  return written;
}

std::string WriteSpelled(const http::Url& url, const Spelling& spelling) {
  const std::string_view rest = http::FromPathOn(url);
  const std::string_view fragment = rest.substr(std::min(rest.find('#'), rest.size()));
  const std::string text = Unveil(rest.substr(0, rest.size() - fragment.size()));
  const std::string_view both = text;
  const std::string_view path = both.substr(0, both.find('?'));
  std::string written = WriteParts(path, both.substr(path.size()), spelling);
  // A base that stays as it is keeps them.
  if (spelling.dots == Dots::kShortRooted && text.find(kRaw) == text.npos) RemoveDots(written);
  written += fragment;
  return written;
}

std::string AsUrl(std::string_view written) {
  std::string url;
  url.reserve(written.size());
  while (!written.empty()) {
    const size_t length = message::Utf8Length(written);
    if (length == 0 || http::IsControl(written.front())) {
      http::AppendEscape(written.front(), url);
    } else {
      url += written.substr(0, length);
    }
    written.remove_prefix(std::max<size_t>(length, 1));
  }
  return url;
}

}  // namespace fingerpost::follow
