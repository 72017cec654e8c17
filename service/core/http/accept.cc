#include "core/http/accept.h"

#include <algorithm>
#include <array>

namespace fingerpost::http {
namespace {

constexpr int kMaxQuality = 1000;

// How specifically a media range names a type; the most specific one wins (RFC 9110 §12.5.1).
enum Closeness { kNotNamed, kAnything, kAnySubtype, kRelative, kExact };

struct Candidate {
  Closeness closeness = kNotNamed;
  int quality = 0;

  void Consider(Closeness how, int q) {
    if (how == kNotNamed || how < closeness) return;
    quality = how == closeness ? std::max(quality, q) : q;
    closeness = how;
  }
};

// qvalue (RFC 9110 §12.4.2) in thousandths; an invalid one counts as 1.
int Quality(std::string_view text) {
  constexpr std::array<int, 3> kPlaces = {100, 10, 1};
  if (text.empty() || text[0] != '0') return kMaxQuality;
  int quality = 0;
  for (size_t i = 0; i < kPlaces.size() && i + 2 < text.size(); ++i) {
    const char digit = text[i + 2];
    if (text[1] != '.' || digit < '0' || digit > '9') return kMaxQuality;
    quality += kPlaces[i] * (digit - '0');
  }
  return quality;
}

// One member of the list: "text/html;level=1;q=0.5".
struct Range {
  std::string_view type;
  int quality = kMaxQuality;
};

Range ReadRange(std::string_view member) {
  Range range;
  size_t end = std::min(member.find(';'), member.size());
  range.type = TrimWhitespace(member.substr(0, end));
  while (end < member.size()) {
    member.remove_prefix(end + 1);
    end = std::min(member.find(';'), member.size());
    const std::string_view parameter = TrimWhitespace(member.substr(0, end));
    if (StartsWithIgnoreCase(parameter, "q=")) range.quality = Quality(parameter.substr(2));
  }
  return range;
}

Closeness Matches(std::string_view range, std::string_view type, std::string_view any_subtype) {
  if (EqualsIgnoreCase(range, type)) return kExact;
  if (EqualsIgnoreCase(range, any_subtype)) return kAnySubtype;
  return range == "*/*" ? kAnything : kNotNamed;
}

bool IsJsonRelative(std::string_view range) {
  constexpr std::string_view kSuffix = "+json";
  return range.size() > kSuffix.size() &&
         EqualsIgnoreCase(range.substr(range.size() - kSuffix.size()), kSuffix);
}

// The result of the Accept fields so far.
struct Reading {
  Candidate html;
  Candidate json;
  Candidate text;
  bool any = false;

  void Consider(const Range& range) {
    any = true;
    html.Consider(Matches(range.type, "text/html", "text/*"), range.quality);
    text.Consider(Matches(range.type, "text/plain", "text/*"), range.quality);
    json.Consider(IsJsonRelative(range.type)
                      ? kRelative
                      : Matches(range.type, "application/json", "application/*"),
                  range.quality);
  }
  [[nodiscard]] const Candidate& Of(Format format) const {
    if (format == Format::kHtml) return html;
    return format == Format::kJson ? json : text;
  }
  [[nodiscard]] Acceptable Result() const {
    if (!any) return {};
    return {.html = html.quality,
            .json = json.quality,
            .text = text.quality,
            .names_html = html.closeness >= kRelative,
            .names_json = json.closeness >= kRelative};
  }
};

// Visits the members of Accept until `visit` returns true.
template <typename Visit>
void ForEachRange(const Headers& headers, Visit visit) {
  for (const v1::Header& header : headers) {
    if (!EqualsIgnoreCase(header.name(), kAccept)) continue;
    std::string_view rest = ValueOf(header);
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const Range range = ReadRange(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (!range.type.empty() && visit(range)) return;
    }
  }
}

// Reads members until `done` returns true.
template <typename Done>
Acceptable Read(const Headers& headers, Done done) {
  Reading reading;
  ForEachRange(headers, [&](const Range& range) {
    reading.Consider(range);
    return done(reading);
  });
  return reading.Result();
}

Format Best(const Acceptable& acceptable, Format otherwise) {
  const auto quality = [&acceptable](Format format) {
    if (format == Format::kHtml) return acceptable.html;
    return format == Format::kJson ? acceptable.json : acceptable.text;
  };
  Format best = otherwise;
  for (const Format format : {Format::kHtml, Format::kJson, Format::kText}) {
    if (quality(format) > quality(best)) best = format;
  }
  return best;
}

}  // namespace

Acceptable ReadAccept(const Headers& headers) {
  return Read(headers, [](const Reading&) { return false; });
}

bool NamesMediaType(const Headers& headers, std::string_view type) {
  bool named = false;
  ForEachRange(headers, [&](const Range& range) {
    named = named || (range.quality > 0 && EqualsIgnoreCase(range.type, type));
    return named;
  });
  return named;
}

Format ChooseByAccept(const Headers& headers, Format otherwise) {
  // Nothing beats a fully named type with the highest quality, such as a browser's text/html.
  const auto settled = [otherwise](const Reading& reading) {
    const Candidate& candidate = reading.Of(otherwise);
    return candidate.closeness == kExact && candidate.quality == kMaxQuality;
  };
  return Best(Read(headers, settled), otherwise);
}

}  // namespace fingerpost::http
