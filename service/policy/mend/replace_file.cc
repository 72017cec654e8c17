#include "policy/mend/replace_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "policy/document/file_descriptor.h"

namespace fingerpost::policy::mend {
namespace {

constexpr size_t kBuffer = size_t{1} << 20;

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

std::string Why(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

message::Result<void> ReplaceFile(const std::string& path, absl::FunctionRef<bool(Write)> fill) {
  std::error_code error;
  const std::string real = std::filesystem::canonical(path, error).string();
  struct stat is = {};
  if (error || stat(real.c_str(), &is) != 0) return message::Unexpected(Why("cannot be read"));
  std::string name = real + ".XXXXXX";
  const document::FileDescriptor file(mkstemp(name.data()));
  if (file.get() < 0) return message::Unexpected(Why("no file can be written beside it"));
  Output out(file.get());
  const bool filled = fill([&out](std::string_view text) { out.Add(text); });
  out.Flush();
  const bool done = filled && out.good() && fchmod(file.get(), is.st_mode & 07777U) == 0 &&
                    fsync(file.get()) == 0 && std::rename(name.c_str(), real.c_str()) == 0;
  if (done) return {};
  std::string why = filled ? Why("cannot be written") : "changed while it was read; try again";
  unlink(name.c_str());
  return message::Unexpected(std::move(why));
}

}  // namespace fingerpost::policy::mend
