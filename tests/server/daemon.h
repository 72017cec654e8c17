// A real fingerpostd for a test: on a free port, with its output, until the end of the test.
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

// Runs fingerpostd to its end, for failing starts.
[[nodiscard]] Output RunDaemon(const std::vector<std::string>& arguments,
                               const std::vector<std::string>& environment = {});

// Loopback address `number` of this process. If a test releases a port of it, nobody else takes the
// port meanwhile.
[[nodiscard]] std::string OwnHost(int number);

class Daemon {
 public:
  // With --listen 127.0.0.1:0 unless the arguments say otherwise. Returns when it listens; throws
  // std::runtime_error with its output if it ends first. `errors`: a file for standard error; "-":
  // it is closed. `program`: another that says where it listens.
  explicit Daemon(std::vector<std::string> arguments = {},
                  const std::vector<std::string>& environment = {},
                  std::filesystem::path errors = {}, const std::string& program = "fingerpostd");
  ~Daemon();  // NOLINT(bugprone-exception-escape): as in the definition.
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // "127.0.0.1:43210".
  [[nodiscard]] const std::string& address() const { return address_; }
  // The addresses of --http-listen, --redirect-listen and --admin-listen; "" without.
  [[nodiscard]] const std::string& http_address() const { return http_address_; }
  [[nodiscard]] const std::string& site_address() const { return site_address_; }
  [[nodiscard]] const std::string& admin_address() const { return admin_address_; }
  // A separate connection, not shared with other channels.
  [[nodiscard]] std::shared_ptr<grpc::Channel> Channel() const;

  void Signal(int signal) const;
  // Waits for its end.
  Output Wait();
  [[nodiscard]] pid_t pid() const { return pid_; }
  // Its standard error so far.
  [[nodiscard]] std::string Errors() const;

 private:
  // The word after `mark` in the line with its addresses.
  [[nodiscard]] std::string After(const std::string& mark) const;

  pid_t pid_ = -1;
  int out_ = -1;
  std::string out_text_;
  std::filesystem::path directory_;
  std::filesystem::path errors_;
  std::string address_;
  std::string http_address_;
  std::string site_address_;
  std::string admin_address_;
};

}  // namespace fingerpost::testing
