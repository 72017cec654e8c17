// A policy as another tool's file, and what such a file answers when it is imported again.
#pragma once

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/message/enum_names.h"
#include "policy/formats/exports.h"
#include "policy/formats/formats.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::policy::formats {

// A directory for the files of one policy.
class PolicyFiles {
 public:
  explicit PolicyFiles(const std::string& policy, const std::string& rows = "") {
    std::string name = std::filesystem::temp_directory_path() / "fingerpost-export-XXXXXX";
    directory_ = mkdtemp(name.data());
    Write("site.yaml", policy);
    Write("pages.csv", rows);
  }
  ~PolicyFiles() { std::filesystem::remove_all(directory_); }
  PolicyFiles(const PolicyFiles&) = delete;
  PolicyFiles& operator=(const PolicyFiles&) = delete;

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(directory_ / name) << content;
  }
  [[nodiscard]] load::Loaded LoadAll() const {
    auto loaded = load::FromFile(directory_ / "site.yaml");
    for (const auto& problem : loaded.problems) {
      if (loaded.snapshot == nullptr) ADD_FAILURE() << message::ToString(problem);
    }
    return loaded;
  }
  [[nodiscard]] compiled::SnapshotPtr Load() const { return LoadAll().snapshot; }

 private:
  std::filesystem::path directory_;
};

struct ExportedFile {
  std::string text, report;
  size_t written = 0;
};

inline ExportedFile ExportOf(std::string_view name, const PolicyFiles& files,
                             const std::vector<std::string>& hosts = {}) {
  const load::Loaded loaded = files.LoadAll();
  if (loaded.snapshot == nullptr) return {};
  const v1::Policy& policy = loaded.merged->policy();
  Report report({"site.yaml"});
  std::vector<uint16_t> maps;
  for (const v1::MapFile& map : policy.maps()) maps.push_back(report.AddFile(map.file()));
  const auto where = [&loaded](const message::Place& place) {
    return Place{static_cast<uint32_t>(loaded.merged->WhereIs(place).position.line), 0};
  };
  for (const ExportFormat& format : ExportFormats()) {
    if (format.name != name) continue;
    const Export written = ExportAs(format, {policy, *loaded.snapshot, where, hosts, maps}, report);
    return {written.text, report.Text(), written.written};
  }
  ADD_FAILURE() << "no format " << name;
  return {};
}

// "308 https://a.example/b", "410", "pass"
inline std::string AnswerTo(const compiled::Snapshot& snapshot, const std::string& url,
                            const std::string& method = "GET") {
  v1::DecideRequest asked;
  asked.mutable_request()->set_method(method);
  asked.mutable_request()->set_url(url);
  v1::DecideResponse answer;
  if (const auto done = resolve::Decide(snapshot, asked, answer); !done)
    return done.error().message();
  std::string out = answer.status() == 0 ? message::ShortEnumName(answer.outcome())
                                         : std::to_string(answer.status());
  for (const v1::Header& header : answer.headers()) {
    if (header.name() == "Location") out += " " + header.value();
  }
  return out;
}

}  // namespace fingerpost::policy::formats
