#include "policy/load/includes.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>
#include <fnmatch.h>

#include <filesystem>
#include <system_error>

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;

constexpr message::Place kPlace{"include"};

class Finding {
 public:
  Finding(const Part& document, const std::vector<std::string>& before, message::Faults& faults)
      : document_(document), before_(before), faults_(faults) {}

  Includes Run() && {
    const auto& includes = document_.policy().include();
    if (includes.size() > kMaxIncludes) {
      faults_.Error(kPlace, absl::StrCat("has ", includes.size(), " entries; expected at most ",
                                         kMaxIncludes));
      return {};
    }
    for (int i = 0; i < includes.size(); ++i) {
      owners_.push_back(std::make_shared<const compiled::Owner>(includes[i], kPlace[i], faults_));
      CheckOwner(i);
      if (IsPattern(includes[i].files(), i)) AddFiles(includes[i].files(), i);
    }
    return std::move(result_);
  }

 private:
  void CheckOwner(int i) {
    for (int other = 0; other < i; ++other) {
      if (!owners_[static_cast<size_t>(i)]->Meets(*owners_[static_cast<size_t>(other)])) continue;
      faults_.Error(kPlace[i], absl::StrCat("owns some of what include[", other,
                                            "] owns, too; give each its own hosts or paths"));
      return;
    }
  }

  bool IsPattern(const std::string& files, int i) {
    const message::Place at = kPlace.Element(i, "files");
    if (!IsBeside(files)) {
      faults_.Error(at,
                    "is not a file below the document's directory; expected a relative path "
                    "without \"..\", such as \"teams/*.yaml\"");
      return false;
    }
    if (files.find("**") != files.npos) {
      faults_.Error(at, "has \"**\"; write a \"*\" for each directory, as in \"teams/*/*.yaml\"");
      return false;
    }
    return true;
  }

  // With a wildcard the document itself is not meant.
  [[nodiscard]] bool IsDocument(const std::string& name) const {
    std::error_code error;
    return fs::equivalent(document_.directory / name, document_.stamp.path, error);
  }

  void AddFiles(const std::string& pattern, int i) {
    const message::Place at = kPlace.Element(i, "files");
    Found found = Find(document_.directory.string(), pattern);
    if (!found.fault.empty()) {
      faults_.Warning(at, "may not have found all: " + found.fault);
      for (const std::string& name : before_) {
        if (fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE | FNM_PATHNAME) == 0)
          found.files.push_back(name);
      }
    }
    size_t count = 0;
    for (std::string& name : found.files) {
      const bool is_document = IsDocument(name);
      if (is_document && HasWildcard(pattern)) continue;
      if (is_document) {
        faults_.Error(at, "is this document, which cannot include itself");
        continue;
      }
      ++count;
      AddFile(std::move(name), i, count);
    }
    if (count == 0 && HasWildcard(pattern) && found.fault.empty()) {
      faults_.Warning(at, "finds no file");
    }
    result_.patterns.push_back(std::move(found.stamp));
  }

  void AddFile(std::string name, int i, size_t count) {
    if (count > kMaxFilesOfInclude + 1) return;
    const auto [first, is_new] = entry_of_.try_emplace(name, i);
    if (!is_new) {
      if (first->second == i) return;
      faults_.Warning(kPlace.Element(i, "files"),
                      absl::StrCat("finds ", name, ", which belongs to include[", first->second,
                                   "]; keep one"));
      return;
    }
    result_.files.push_back({.name = std::move(name),
                             .owner = owners_[static_cast<size_t>(i)],
                             .owned = document_.policy().include(i).SerializeAsString()});
    if (count > kMaxFilesOfInclude) {
      result_.files.back().fault = absl::StrCat("is file ", count, " of include[", i,
                                                "], which may have 64; those from here on are "
                                                "not read: join some");
    }
  }

  const Part& document_;
  const std::vector<std::string>& before_;
  message::Faults& faults_;
  std::vector<std::shared_ptr<const compiled::Owner>> owners_;
  absl::flat_hash_map<std::string, int> entry_of_;
  Includes result_;
};

}  // namespace

Includes FindIncludes(const Part& document, const std::vector<std::string>& before,
                      message::Faults& faults) {
  return Finding(document, before, faults).Run();
}

}  // namespace fingerpost::policy::load
