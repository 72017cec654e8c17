#include "core/http/accept_language.h"

#include <algorithm>
#include <array>

#include "core/http/field_syntax.h"

namespace fingerpost::http {
namespace {

constexpr size_t kMaxRanges = 64;
constexpr int kMaxQuality = 1000;
constexpr std::string_view kAny = "*";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// qvalue (RFC 9110 §12.4.2) in thousandths.
std::optional<int> ReadQuality(std::string_view text) {
  constexpr std::array<int, 3> kPlaces = {100, 10, 1};
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int quality = text[0] == '1' ? kMaxQuality : 0;
  text.remove_prefix(1);
  if (text.empty()) return quality;
  if (text[0] != '.' || text.size() > 1 + kPlaces.size()) return std::nullopt;
  text.remove_prefix(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    quality += kPlaces[i] * (text[i] - '0');
  }
  return quality <= kMaxQuality ? std::optional(quality) : std::nullopt;
}

// RFC 4647 §2.1: the first subtag has no digits.
bool IsRange(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('-'));
  return IsLanguageTag(text) && std::none_of(first.begin(), first.end(), IsDigit);
}

// "de-AT", "de;q=0.5", "*".
std::optional<LanguageRange> ReadRange(std::string_view member) {
  const size_t end = std::min(member.find(';'), member.size());
  LanguageRange range = {TrimWhitespace(member.substr(0, end)), kMaxQuality};
  if (range.tag != kAny && !IsRange(range.tag)) return std::nullopt;
  if (end == member.size()) return range;
  const std::string_view weight = TrimWhitespace(member.substr(end + 1));
  if (!StartsWithIgnoreCase(weight, "q=")) return std::nullopt;
  const auto quality = ReadQuality(weight.substr(2));
  if (!quality) return std::nullopt;
  range.quality = *quality;
  return range;
}

// Whether `tag` is `range` or begins with it, at a "-".
bool BeginsWith(std::string_view tag, std::string_view range) {
  return StartsWithIgnoreCase(tag, range) &&
         (tag.size() == range.size() || tag[range.size()] == '-');
}

bool IsBetter(const LanguageRange& range, const LanguageRange* best) {
  return range.quality > 0 && (best == nullptr || range.quality > best->quality);
}

// Of two equal ranges the better one counts, unless the first excludes.
bool Outdoes(const LanguageRange& range, const LanguageRange& same) {
  return same.quality > 0 && range.quality > same.quality;
}

// The range that a language fits; nullptr if it fits none, or an excluded one.
const LanguageRange* RangeOf(std::string_view language, const LanguageRanges& ranges) {
  const LanguageRange* any = nullptr;
  const LanguageRange* closest = nullptr;  // Of those that are not longer.
  const LanguageRange* longer = nullptr;   // The best of the others.
  for (const LanguageRange& range : ranges) {
    if (range.tag == kAny) {
      if (any == nullptr || Outdoes(range, *any)) any = &range;
    } else if (BeginsWith(language, range.tag)) {
      if (closest == nullptr || range.tag.size() > closest->tag.size() ||
          (range.tag.size() == closest->tag.size() && Outdoes(range, *closest))) {
        closest = &range;
      }
    } else if (BeginsWith(range.tag, language) && IsBetter(range, longer)) {
      longer = &range;
    }
  }
  const LanguageRange* best = closest;
  if (best != nullptr && best->quality == 0) return nullptr;
  if (longer != nullptr &&
      (IsBetter(*longer, best) || (longer->quality == best->quality && longer < best))) {
    best = longer;
  }
  if (best == nullptr) best = any;
  return best != nullptr && best->quality > 0 ? best : nullptr;
}

// How much of the range the language has: all of it, a part, or only what the range begins.
size_t Closeness(std::string_view language, const LanguageRange& range) {
  if (EqualsIgnoreCase(language, range.tag)) return range.tag.size() + 1;
  return BeginsWith(range.tag, language) ? language.size() : 0;
}

// The first of the ranges with the highest quality, among those that count.
const LanguageRange* Top(const LanguageRanges& ranges, std::span<const std::string> prefers,
                         std::span<const std::string> over) {
  const LanguageRange* top = nullptr;
  const auto offer = [&top](const LanguageRange* range) {
    if (range == nullptr || range->quality == 0) return;
    if (IsBetter(*range, top) || (range->quality == top->quality && range < top)) top = range;
  };
  if (over.empty()) {
    for (const LanguageRange& range : ranges) offer(&range);
    return top;
  }
  for (const std::string& language : prefers) offer(RangeOf(language, ranges));
  for (const std::string& language : over) offer(RangeOf(language, ranges));
  return top;
}

}  // namespace

LanguageRanges ReadAcceptLanguage(const Headers& headers) {
  LanguageRanges ranges;
  for (const v1::Header& header : headers) {
    if (!EqualsIgnoreCase(header.name(), kAcceptLanguage)) continue;
    std::string_view rest = ValueOf(header);
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view member = TrimWhitespace(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (member.empty()) continue;  // RFC 9110 §5.6.1.2.
      const auto range = ReadRange(member);
      if (!range) return {};
      if (ranges.size() < kMaxRanges) ranges.push_back(*range);
    }
  }
  return ranges;
}

std::optional<size_t> PreferredLanguage(const LanguageRanges& ranges,
                                        std::span<const std::string> prefers,
                                        std::span<const std::string> over) {
  const bool names_one = std::any_of(ranges.begin(), ranges.end(),
                                     [](const LanguageRange& range) { return range.tag != kAny; });
  if (!names_one) return std::nullopt;
  const LanguageRange* const top = Top(ranges, prefers, over);
  if (top == nullptr) return std::nullopt;
  std::optional<size_t> best;
  for (size_t i = 0; i < prefers.size(); ++i) {
    if (RangeOf(prefers[i], ranges) != top) continue;
    if (!best || Closeness(prefers[i], *top) > Closeness(prefers[*best], *top)) best = i;
  }
  if (!best) return std::nullopt;
  const bool others = std::any_of(over.begin(), over.end(), [&](const std::string& language) {
    return RangeOf(language, ranges) == top &&
           (top->tag == kAny || Closeness(language, *top) > Closeness(prefers[*best], *top));
  });
  return others ? std::nullopt : best;
}

}  // namespace fingerpost::http
