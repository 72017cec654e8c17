// A file descriptor that is closed at the end of its scope.
#pragma once

#include <unistd.h>

namespace fingerpost::policy::document {

class FileDescriptor {
 public:
  // What open() and its like returned; below 0 for none.
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
