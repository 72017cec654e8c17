// A policy as a file of another tool.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "policy/formats/exporters.h"

namespace fingerpost::policy::formats {

struct ExportFormat {
  std::string_view name;  // "netlify"
  std::string_view what;  // For --help.
  std::string (*write)(const OutgoingList& list, Told& told);
};

// By name.
[[nodiscard]] std::span<const ExportFormat> ExportFormats();

struct Export {
  std::string text;
  size_t written = 0;  // Rules and rows.
};

// The policy's file is the report's first.
[[nodiscard]] Export ExportAs(const ExportFormat& format, const Exported& exported, Report& report);

}  // namespace fingerpost::policy::formats
