// Regular expressions for hosts, in the forms that people write.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

struct HostPattern {
  std::vector<std::string> hosts;  // As Match.hosts.
  // Its group that is all that "*" stands for: "1", or its name. "" without.
  std::string labels;
  int groups = 0;
  bool one_label = false;  // "*" stands for one label only, or for some of its characters.
};

// `expression` is found anywhere in a host, without regard to case: "^(www\.)?x\.example$" is
// x.example and www.x.example, "^(.+)\.x\.example$" is "*.x.example". nullopt: it is another form.
[[nodiscard]] std::optional<HostPattern> ReadHostPattern(std::string_view expression);

// Reports that hosts of more labels answer, too, where the pattern says one_label.
void TellMoreLabels(const HostPattern& pattern, Place place, Report& report);

}  // namespace fingerpost::policy::formats
