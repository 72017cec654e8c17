// A file that lines are appended to, whatever a log rotation does to it: a renamed or removed one
// is left for a new one, a truncated one is continued.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "server/line_writer.h"

namespace fingerpost {

class LogFile final : public LineTarget {
 public:
  // Opens or creates the file, with the mode 0640. Throws Failure; `flag`: the setting with the
  // path.
  LogFile(std::string_view flag, std::string path);
  ~LogFile() override;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Waits while the file takes nothing, as on a full disk. A line is whole in one file.
  bool Write(std::string_view lines) override;

 private:
  using Moment = std::chrono::steady_clock::time_point;

  [[nodiscard]] int Open() const;
  enum class Path { kSame, kNew, kLost };
  // Opens the path again if it no longer names the open file. kLost: it cannot be opened, and the
  // old file stays.
  Path Follow();
  // Whether the file is shorter than before.
  [[nodiscard]] bool WasTruncated() const;
  // Counts it, and logs it once a minute at most.
  void Fail(int error);
  void Succeed();

  const std::string flag_;
  const std::string path_;
  int fd_ = -1;
  off_t size_ = 0;  // when it failed
  bool failing_ = false;
  Moment told_{};
};

}  // namespace fingerpost
