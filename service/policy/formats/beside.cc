#include "policy/formats/beside.h"

#include <algorithm>
#include <filesystem>

#include "policy/document/file.h"
#include "policy/formats/cat.h"

namespace fingerpost::policy::formats {
namespace {

namespace fs = std::filesystem;

// "*.conf" as file names go: one "*" for any text.
bool Fits(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == name;
  const std::string_view end = pattern.substr(star + 1);
  return name.size() >= star + end.size() && name.starts_with(pattern.substr(0, star)) &&
         name.ends_with(end);
}

bool IsBelow(const fs::path& path, const fs::path& directory) {
  const fs::path relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

Beside::Beside(const std::string& file) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::path(file), error);
  directory_ = whole.parent_path().string();
  read_.push_back(whole.string());
}

std::vector<std::pair<File, uint16_t>> Beside::Read(std::string_view name, Place place,
                                                    Report& report) {
  std::error_code error;
  const fs::path wanted = fs::path(directory_) / fs::path(std::string(name));
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(wanted.parent_path(), error)) {
    if (Fits(wanted.filename().string(), entry.path().filename().string())) {
      found.push_back(fs::weakly_canonical(entry.path(), error));
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::pair<File, uint16_t>> files;
  const auto refuse = [&](std::string_view why) {
    report.Skip(place, Cat("\"", name, "\" ", why),
                "put what it includes beside it, and include that by a relative name");
  };
  if (fs::path(std::string(name)).is_absolute() ||
      !IsBelow(wanted.lexically_normal(), directory_)) {
    refuse("leaves the directory of the file");
    return files;
  }
  if (found.empty() && name.find('*') == name.npos) refuse("is not there");
  for (const fs::path& path : found) {
    if (!IsBelow(path, directory_)) {
      refuse("leaves the directory of the file");
    } else if (std::count(read_.begin(), read_.end(), path.string()) > 0) {
      refuse("is read already");
    } else if (read_.size() == kMaxFiles) {
      refuse("is one file more than 1000");
    } else if (auto text = document::ReadFile(path.string(), kMaxFile); !text) {
      refuse(text.error());
    } else {
      read_.push_back(path.string());
      File file{path.lexically_relative(directory_).string(), *std::move(text)};
      const uint16_t index = report.AddFile(file.name);
      files.emplace_back(std::move(file), index);
    }
  }
  return files;
}

}  // namespace fingerpost::policy::formats
