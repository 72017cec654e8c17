// A file of another tool, imported as the command line does it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "policy/formats/formats.h"

namespace fingerpost::policy::formats {

struct Imported {
  std::string policy, tests, rows;
  std::string report;
};

inline Imported ImportAs(std::string_view format, const std::string& text,
                         const std::vector<std::string>& hosts = {}) {
  const auto all = Formats();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Format& one) { return one.name == format; });
  Report report({"file"});
  Written written = Convert({*found, "site", hosts}, {{"file", text}}, report);
  Imported imported{written.files[0].content, written.files[1].content, {}, report.Text()};
  for (size_t i = 2; i < written.files.size(); ++i) imported.rows += written.files[i].content;
  return imported;
}

}  // namespace fingerpost::policy::formats
