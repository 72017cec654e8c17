#include "policy/document/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "policy/document/file_descriptor.h"

namespace fingerpost::policy::document {
namespace {

constexpr size_t kPiece = size_t{1} << 20;

std::string ErrorText(int error) {
  return error == ENOENT ? "is not there; give the path of a file that is"
                         : "cannot be read: " + std::generic_category().message(error);
}

// These reveal a writer that truncates and writes in place. The change time does not count: it also
// moves when another file is renamed over this one, which is still whole.
bool IsSame(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

message::Result<void> ReadFile(const std::string& path, uint64_t limit,
                               absl::FunctionRef<bool(std::string_view)> consume) {
  // O_NONBLOCK: opening a pipe without a writer would block.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat before = {};
  if (file.get() < 0 || fstat(file.get(), &before) != 0) {
    return message::Unexpected(ErrorText(errno));
  }
  if (!S_ISREG(before.st_mode)) {
    return message::Unexpected(S_ISDIR(before.st_mode)
                                   ? "is a directory; give the path of a file in it"
                                   : "is not a regular file");
  }
  std::vector<char> piece(kPiece);
  uint64_t size = 0;
  for (;;) {
    const ssize_t got = read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return message::Unexpected(ErrorText(errno));
    }
    if (got == 0) break;
    size += static_cast<uint64_t>(got);
    if (size > limit) {
      return message::Unexpected("is larger than " + std::to_string(limit >> 20) + " MiB");
    }
    if (!consume({piece.data(), static_cast<size_t>(got)})) return {};
  }
  struct stat after = {};
  if (fstat(file.get(), &after) != 0 || !IsSame(before, after)) {
    return message::Unexpected(
        "changed while it was read; write a new file and rename it into place");
  }
  return {};
}

message::Result<std::string> ReadFile(const std::string& path, uint64_t limit) {
  std::string content;
  return ReadFile(path, limit,
                  [&content](std::string_view piece) {
                    content += piece;
                    return true;
                  })
      .map([&content] { return std::move(content); });
}

}  // namespace fingerpost::policy::document
