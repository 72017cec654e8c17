// Redirects that live in another tool's files, as a policy.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/report.h"
#include "policy/formats/text.h"
#include "policy/formats/writer.h"

namespace fingerpost::policy::formats {

struct Format {
  std::string_view name;  // "netlify"
  std::string_view what;  // "_redirects of Netlify", for --help
  // Appends what the file has, in the order in which the tool tries it.
  void (*read)(const File& file, uint16_t index, Redirects& redirects, Report& report);
};

// By name.
[[nodiscard]] std::span<const Format> Formats();

struct SourceFile {
  const Format* format;
  File file;
};

struct Import {
  std::string name;                // The new files' name without extension.
  std::vector<std::string> hosts;  // Those of redirects that name none. Empty: every host.
};

// Several files are read as one, in their order, whatever their formats are.
[[nodiscard]] Written Convert(const Import& import, const std::vector<SourceFile>& sources,
                              Report& report);

}  // namespace fingerpost::policy::formats
