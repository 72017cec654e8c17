// A file descriptor that is closed at the end of its scope.
#pragma once

#include <unistd.h>

namespace fingerpost::policy::document {

class FileDescriptor {
 public:
  // The result of open() or a similar call; below 0: none.
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace fingerpost::policy::document
