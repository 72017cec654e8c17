#include "policy_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace fingerpost {
namespace {

constexpr size_t kMostOctets = size_t{16} << 20;  // As much as a client takes from the service.

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

std::string Failed(const std::string& path, int error) {
  return path + ": " + std::generic_category().message(error);
}

bool WriteAll(int to, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = write(to, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    octets.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(to) == 0;
}

constexpr const char* kNotRegular = ": expected a regular file";

// Where a symbolic link leads, also if nothing is there yet.
std::string Target(const std::string& path) {
  constexpr int kMostLinks = 40;  // As the kernel's.
  std::filesystem::path target = path;
  std::error_code error;
  for (int i = 0; i < kMostLinks; ++i) {
    const auto next = std::filesystem::read_symlink(target, error);
    if (error) break;
    target = target.parent_path() / next;
  }
  return target.string();
}

}  // namespace

bool ReadPolicyFile(const std::string& path, std::string& octets,
                    std::chrono::system_clock::time_point& written, std::string& problem) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno != ENOENT) problem = Failed(path, errno);
    return false;
  }
  struct stat is {};
  if (fstat(file.get(), &is) != 0 || !S_ISREG(is.st_mode)) {
    problem = path + kNotRegular;
    return false;
  }
  written = std::chrono::system_clock::from_time_t(is.st_mtime);
  octets.clear();
  char piece[size_t{64} << 10];
  for (;;) {
    const ssize_t got = read(file.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) problem = Failed(path, errno);
    if (got <= 0) return got == 0;
    octets.append(piece, static_cast<size_t>(got));
    if (octets.size() > kMostOctets) {
      problem = path + ": has more than 16 MiB";
      return false;
    }
  }
}

bool WritePolicyFile(const std::string& path, std::string_view octets, std::string& problem) {
  const std::string target = Target(path);
  struct stat is {};
  if (lstat(target.c_str(), &is) == 0 && !S_ISREG(is.st_mode)) {
    problem = path + kNotRegular;
    return false;
  }
  std::string beside = target + ".XXXXXX";  // Another client may write the same file.
  const Descriptor file(mkostemp(beside.data(), O_CLOEXEC));
  if (file.get() >= 0 && WriteAll(file.get(), octets) &&
      std::rename(beside.c_str(), target.c_str()) == 0) {
    return true;
  }
  problem = Failed(path, errno);
  if (file.get() >= 0) unlink(beside.c_str());
  return false;
}

}  // namespace fingerpost
