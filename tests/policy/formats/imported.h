// A file of another tool, imported as the command line does it.
#pragma once

#include <algorithm>
#include <ostream>
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
  Written written = Convert({"site", hosts}, {{&*found, {"file", text}}}, report);
  Imported imported{written.files[0].content, written.files[1].content, {}, report.Text()};
  for (size_t i = 2; i < written.files.size(); ++i) imported.rows += written.files[i].content;
  return imported;
}

// A part of what an import gives.
struct Row {
  const char* format;
  const char* text;
  const char* expected;  // A part of the policy, its rows or the report.
};

inline std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.format << ": " << row.text;
}

inline std::string ImportOf(const Row& row) {
  const Imported imported = ImportAs(row.format, row.text);
  return imported.policy + imported.rows + imported.report;
}

}  // namespace fingerpost::policy::formats
