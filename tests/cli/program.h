// Runs programs as a user would.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace fingerpost {

struct Outcome {
  int status = -1;  // exit code; 128 + signal, as a shell has it
  std::string out;
  std::string err;
};

using Environment = std::map<std::string, std::string>;

// Runs build/bin/fingerpost with `input` as its standard input and waits for its end.
[[nodiscard]] Outcome RunFingerpost(const std::vector<std::string>& arguments,
                                    const std::string& input = "",
                                    const Environment& environment = {});

// Runs a shell command with build/bin first in PATH.
[[nodiscard]] Outcome RunShell(const std::string& command);

// Runs build/bin/fingerpost on a terminal; `out` has its output.
[[nodiscard]] Outcome RunOnTerminal(const std::vector<std::string>& arguments,
                                    const Environment& environment = {});

// A temporary file.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// build/bin/fingerpost with pipes, for a conversation.
class Conversation {
 public:
  explicit Conversation(const std::vector<std::string>& arguments);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  void Say(const std::string& text) const;
  // Waits for the next line of the answer.
  [[nodiscard]] std::string Hear() const;

 private:
  pid_t process_;
  int to_;
  int from_;
};

// build/bin/fingerpostd on a free port of the loopback interface, until destroyed.
class Server {
 public:
  explicit Server(const std::vector<std::string>& flags = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // "127.0.0.1:4711"
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  pid_t process_;
  int from_;
  std::string address_;
};

// openssl's own server on a free port of the loopback interface, with the certificate and key of
// these PEM files, until destroyed. It answers every GET with a page.
class TlsSite {
 public:
  TlsSite(const std::string& certificate, const std::string& key);
  ~TlsSite();
  TlsSite(const TlsSite&) = delete;
  TlsSite& operator=(const TlsSite&) = delete;
  // "https://127.0.0.1:4711"
  [[nodiscard]] const std::string& origin() const { return origin_; }

 private:
  pid_t process_;
  int from_;
  std::string origin_;
};

}  // namespace fingerpost
