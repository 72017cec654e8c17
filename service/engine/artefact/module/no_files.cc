// What core and policy ask of the system, in the module: it has no files. Nothing here is reached:
// a policy from octets or text has no directory, and so asks for no other file.
#include <filesystem>

#include "engine/fingerpost.h"
#include "policy/document/file.h"
#include "policy/load/includes.h"
#include "policy/load/stamp.h"

namespace fingerpost::policy {
namespace {

constexpr char kNoFiles[] = "is a file, and this Fingerpost reads none";

}  // namespace

namespace document {

message::Result<void> ReadFile(const std::string&, uint64_t,
                               absl::FunctionRef<bool(std::string_view)>) {
  return message::Unexpected(kNoFiles);
}

message::Result<std::string> ReadFile(const std::string&, uint64_t) {
  return message::Unexpected(kNoFiles);
}

}  // namespace document

namespace load {

FileStamp StampOf(std::string path) { return {.path = std::move(path), .state = "absent"}; }

bool IsAtRest(const FileStamp&) { return false; }

bool HasChanged(const FileStamp&) { return false; }

bool IsBeside(const std::string&) { return false; }

bool HasWildcard(const std::string&) { return false; }

Found Find(const std::string& directory, const std::string& pattern) {
  return {.stamp = {.path = directory, .state = {}, .pattern = pattern}, .fault = kNoFiles};
}

Includes FindIncludes(const Part&, const std::vector<std::string>&, message::Faults&) { return {}; }

}  // namespace load
}  // namespace fingerpost::policy

_LIBCPP_BEGIN_NAMESPACE_FILESYSTEM

path __canonical(const path& given, error_code* error) {
  if (error != nullptr) *error = make_error_code(errc::not_supported);
  return given;
}

_LIBCPP_END_NAMESPACE_FILESYSTEM
