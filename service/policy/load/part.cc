#include "policy/load/part.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "policy/document/file.h"
#include "policy/document/yaml.h"
#include "policy/load/version_hash.h"

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;

std::string HashOf(std::string_view text) {
  return VersionHash(std::initializer_list<std::string_view>{text});
}

std::shared_ptr<const Parsed> Parse(std::string_view text, const std::string& file) {
  auto parsed = std::make_shared<Parsed>(text, file);
  if (parsed->policy.has_handed_out()) {
    message::Faults faults;
    faults.Error("handed_out",
                 "is set by the service alone, where it hands the policy out; remove it");
    parsed->document.AddFound(faults, parsed->faults);
    parsed->policy.clear_handed_out();
  }
  return parsed;
}

// Reads the text of `part` from `real`, the file behind all links.
PartPtr Read(Part part, const fs::path& real, uint64_t limit, const PartPtr& before) {
  const auto text = document::ReadFile(real.string(), limit);
  if (!text) {
    part.fault = text.error();
    return std::make_shared<const Part>(std::move(part));
  }
  part.octets = text->size();
  part.hash = HashOf(*text);
  const bool is_same = before != nullptr && before->hash == part.hash;
  part.parsed = is_same ? before->parsed : Parse(*text, part.shown);
  return std::make_shared<const Part>(std::move(part));
}

bool IsUnchanged(const PartPtr& before, const FileStamp& stamp) {
  return before != nullptr && before->stamp == stamp && IsAtRest(stamp);
}

}  // namespace

const v1::Policy& Part::policy() const {
  return parsed == nullptr ? v1::Policy::default_instance() : parsed->policy;
}

PartPtr ReadDocument(const std::string& path, const PartPtr& before) {
  // First, so that any later change has another stamp, and is read again.
  Part part = {.shown = path, .name = {}, .stamp = StampOf(path)};
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error) real = path;
  part.directory = real.parent_path();
  if (IsUnchanged(before, part.stamp) && before->directory == part.directory) return before;
  return Read(std::move(part), real, document::kMaxDocument, before);
}

PartPtr ReadIncluded(const Part& document, const std::string& name, const PartPtr& before) {
  const fs::path path = document.directory / name;
  Part part = {.shown = (fs::path(document.shown).parent_path() / name).string(),
               .name = name,
               .stamp = StampOf(path.string())};
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error) real = path;
  part.directory = real.parent_path();
  const auto [end, _] =
      std::mismatch(document.directory.begin(), document.directory.end(), real.begin(), real.end());
  if (end != document.directory.end()) {
    part.fault = "leads out of the policy's directory; put the file itself there";
    return std::make_shared<const Part>(std::move(part));
  }
  if (IsUnchanged(before, part.stamp) && before->directory == part.directory) return before;
  return Read(std::move(part), real, kMaxIncluded, before);
}

PartPtr TextPart(std::string_view text, const std::string& file) {
  Part part = {.shown = file, .name = {}, .stamp = {}};
  part.octets = text.size();
  part.hash = HashOf(text);
  part.parsed = Parse(text, file);
  return std::make_shared<const Part>(std::move(part));
}

PartPtr OctetsPart(std::string_view octets, std::string_view version) {
  if (octets.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return nullptr;
  auto parsed = std::make_shared<Parsed>();
  if (!parsed->policy.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
    return nullptr;
  }
  Part part = {.shown = {}, .name = {}};
  part.octets = octets.size();
  part.hash = version.empty() ? parsed->policy.handed_out().version() : std::string(version);
  if (part.hash.empty()) part.hash = HashOf(octets);
  part.is_handed_out = true;
  part.parsed = std::move(parsed);
  return std::make_shared<const Part>(std::move(part));
}

}  // namespace fingerpost::policy::load
