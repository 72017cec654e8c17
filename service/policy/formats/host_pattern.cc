#include "policy/formats/host_pattern.h"

#include <re2/re2.h>

#include "policy/formats/cat.h"
#include "policy/formats/pattern.h"

namespace fingerpost::policy::formats {
namespace {

// What stands before the domain.
struct Begin {
  std::string pattern;
  enum { kItself, kWww, kBoth, kBelow, kOneLabelBelow } is;
};

std::vector<Begin> Begins() {
  const std::string open = R"((?:\((?:\?:|\?P?<(?P<name>\w+)>)?)?)";
  const std::string any = R"(\.[+*]\??)";
  const std::string label = R"((?:\[\^\\?\.\]|\[(?:a-z|A-Z|0-9|_|\\w|\\d|\\?-)+\]|\\w)[+*]\??)";
  return {
      {R"(\^\((?:\?:)?www\\\.\)\?)", Begin::kWww},
      {Cat(R"(\^)", open, any, R"(\\\.\)[?*])"), Begin::kBoth},
      {R"(\\\.)", Begin::kBelow},
      {Cat(R"(\^)", open, any, R"(\)?\\\.)"), Begin::kBelow},
      {Cat(R"(\^)", open, label, R"(\)?\\\.)"), Begin::kOneLabelBelow},
      {R"(\^)", Begin::kItself},
  };
}

// Whether a label may have letters and digits there: "[0-9]+" is for few names below the domain.
bool IsAnyLabel(std::string_view start) {
  const auto has = [start](std::string_view text) { return start.find(text) != start.npos; };
  const bool word = has("\\w") || has("[^");
  return word || ((has("a-z") || has("A-Z")) && (has("0-9") || has("\\d")));
}

}  // namespace

std::optional<HostPattern> ReadHostPattern(std::string_view expression) {
  static const std::vector<Begin> begins = Begins();
  for (const Begin& begin : begins) {
    const RE2 regex(Cat("(", begin.pattern, ")(.*)\\$"));
    std::vector<re2::StringPiece> groups(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
    if (!regex.Match(expression, 0, expression.size(), RE2::ANCHOR_BOTH, groups.data(),
                     static_cast<int>(groups.size()))) {
      continue;
    }
    const std::string_view start(groups[1].data(), groups[1].size());
    const auto domain = OnlyText({groups.back().data(), groups.back().size()});
    if (!domain || domain->empty()) continue;
    HostPattern out;
    if (begin.is == Begin::kOneLabelBelow && !IsAnyLabel(start)) continue;
    const bool captures = start.find('(') != start.npos && start.find("(?:") == start.npos;
    out.groups = captures ? 1 : 0;
    switch (begin.is) {
      case Begin::kItself:
        out.hosts = {*domain};
        break;
      case Begin::kWww:
        out.hosts = {*domain, "www." + *domain};
        break;
      case Begin::kBoth:
        out.hosts = {"." + *domain};
        break;
      case Begin::kBelow:
      case Begin::kOneLabelBelow:
        out.hosts = {"*." + *domain};
        out.one_label = begin.is == Begin::kOneLabelBelow;
        if (captures) {
          const re2::StringPiece name = groups[2];
          out.labels = name.empty() ? "1" : std::string(name.data(), name.size());
        }
    }
    return out;
  }
  return std::nullopt;
}

void TellMoreLabels(const HostPattern& pattern, Place place, Report& report) {
  if (!pattern.one_label) return;
  const std::string domain = pattern.hosts[0].substr(2);
  report.Change(place, Cat("answers for a.b.", domain, ", too, where its pattern has one label"),
                "nothing needs to be done where there is no such host");
}

}  // namespace fingerpost::policy::formats
