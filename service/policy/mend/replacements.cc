#include "policy/mend/replacements.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "policy/document/file_descriptor.h"

namespace fingerpost::policy::mend {
namespace {

constexpr size_t kBuffer = size_t{1} << 20;

// Of the user and group, or at least of the group, through which the owner shares the file.
bool SetOwner(int file, const struct stat& is) {
  return fchown(file, is.st_uid, is.st_gid) == 0 ||
         fchown(file, static_cast<uid_t>(-1), is.st_gid) == 0;
}

class Output {
 public:
  explicit Output(int file) : file_(file) {}

  void Add(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= kBuffer) Flush();
  }
  void Flush() {
    std::string_view rest = buffer_;
    while (good_ && !rest.empty()) {
      const ssize_t written = write(file_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      good_ = written > 0;
      if (good_) rest.remove_prefix(static_cast<size_t>(written));
    }
    buffer_.clear();
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  int file_;
  std::string buffer_;
  bool good_ = true;
};

auto Why(const std::string& path, const char* what) {
  return message::Unexpected(path + ": " + what + ": " + std::strerror(errno));
}

}  // namespace

Replacements::~Replacements() {
  for (const File& file : files_) {
    if (!file.new_name.empty()) unlink(file.new_name.c_str());
    if (!file.old_name.empty()) unlink(file.old_name.c_str());
  }
}

message::Result<void> Replacements::Add(const std::string& path,
                                        absl::FunctionRef<bool(Write)> fill) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  struct stat is = {};
  if (error || stat(real.c_str(), &is) != 0) return Why(path, "cannot be read");
  // A rename would replace a file that its owner has protected.
  if (access(real.c_str(), W_OK) != 0) return Why(path, "cannot be written");
  // No pattern of `include` finds it.
  std::string name = (real.parent_path() / ("." + real.filename().string() + ".XXXXXX")).string();
  const document::FileDescriptor file(mkstemp(name.data()));
  if (file.get() < 0) return Why(path, "no file can be written beside it");
  files_.push_back({.shown = path, .path = real.string(), .new_name = name, .old_name = {}});
  Output out(file.get());
  const bool filled = fill([&out](std::string_view text) { out.Add(text); });
  out.Flush();
  if (!filled) return message::Unexpected(path + ": changed while it was read; try again");
  const bool done = out.good() && SetOwner(file.get(), is) &&
                    fchmod(file.get(), is.st_mode & 07777U) == 0 && fsync(file.get()) == 0;
  if (!done) return Why(path, "cannot be written");
  return {};
}

bool Replacements::SwapOne(File& file) {
  const std::string old = file.new_name + ".old";
  if (link(file.path.c_str(), old.c_str()) != 0) return false;
  file.old_name = old;
  if (std::rename(file.new_name.c_str(), file.path.c_str()) != 0) return false;
  file.new_name.clear();
  return true;
}

message::Result<void> Replacements::Swap() {
  for (File& file : files_) {
    if (SwapOne(file)) continue;
    auto why = Why(file.shown, "cannot be replaced");
    Undo();
    return why;
  }
  return {};
}

void Replacements::Undo() {
  for (File& file : files_) {
    if (!file.new_name.empty()) continue;  // Not swapped.
    // Should that fail, the old file stays under its other name.
    (void)std::rename(std::exchange(file.old_name, "").c_str(), file.path.c_str());
  }
}

}  // namespace fingerpost::policy::mend
