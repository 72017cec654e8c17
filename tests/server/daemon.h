// A real fingerpostd for a test: on a free port, its output at hand, and gone when the test is
// over.
#pragma once

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace fingerpost::testing {

struct Output {
  int code = -1;  // exit code; 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

// Runs fingerpostd to its end, for starts that fail.
[[nodiscard]] Output RunDaemon(const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment = {});

// Loopback address `number` of this process: a port of it that a test gives up and takes again is
// taken by nobody meanwhile.
[[nodiscard]] std::string OwnHost(int number);

class Daemon {
 public:
  // With --listen 127.0.0.1:0 unless the arguments say otherwise. Returns when it listens; throws
  // std::runtime_error with its output when it ends first. Standard error goes to the file `errors`
  // instead of one of its own; "-": it is closed.
  explicit Daemon(std::vector<std::string> arguments = {},
                  const std::vector<std::string>& environment = {},
                  std::filesystem::path errors = {});
  ~Daemon();  // NOLINT(bugprone-exception-escape): as there.
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // "127.0.0.1:43210".
  [[nodiscard]] const std::string& address() const { return address_; }
  // Of --http-listen and --admin-listen, "" without.
  [[nodiscard]] const std::string& http_address() const { return http_address_; }
  [[nodiscard]] const std::string& admin_address() const { return admin_address_; }
  // A connection of its own, not shared with other channels.
  [[nodiscard]] std::shared_ptr<grpc::Channel> Channel() const;

  void Signal(int signal) const;
  // Its end.
  Output Wait();
  [[nodiscard]] pid_t pid() const { return pid_; }
  // What it has written to standard error so far.
  [[nodiscard]] std::string Errors() const;

 private:
  // The word that follows `mark` in the line that says where it listens.
  [[nodiscard]] std::string After(const std::string& mark) const;

  pid_t pid_ = -1;
  int out_ = -1;
  std::string out_text_;
  std::filesystem::path directory_;
  std::filesystem::path errors_;
  std::string address_;
  std::string http_address_;
  std::string admin_address_;
};

}  // namespace fingerpost::testing
