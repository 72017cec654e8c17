#include "program.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "directories.h"

namespace fingerpost {
namespace {

const std::string kBinaries = FINGERPOST_BIN_DIR;

void Check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

// Replaces this process, a fresh child.
[[noreturn]] void Execute(const std::vector<std::string>& command, const Environment& environment) {
  // The developer's setting for colours must not affect a test.
  unsetenv("NO_COLOR");
  setenv("TERM", "xterm", 1);
  setenv("PATH", (kBinaries + ":/usr/bin:/bin").c_str(), 1);
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

std::vector<std::string> Fingerpost(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {kBinaries + "/fingerpost"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

int Wait(pid_t process) {
  int status = 0;
  Check(waitpid(process, &status, 0) == process, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// An unnamed temporary file.
class Scratch {
 public:
  Scratch() : file_(std::tmpfile()) { Check(file_ != nullptr, "tmpfile"); }
  ~Scratch() { std::fclose(file_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] int file() const { return fileno(file_); }

  void Write(const std::string& text) {
    Check(std::fwrite(text.data(), 1, text.size(), file_) == text.size(), "fwrite");
    Check(std::fflush(file_) == 0 && lseek(file(), 0, SEEK_SET) == 0, "fflush");
  }

  std::string Read() {
    std::string out(static_cast<size_t>(lseek(file(), 0, SEEK_END)), '\0');
    Check(pread(file(), out.data(), out.size(), 0) == static_cast<ssize_t>(out.size()), "pread");
    return out;
  }

 private:
  std::FILE* file_;
};

Outcome RunCommand(const std::vector<std::string>& command, const std::string& input,
                   const Environment& environment) {
  Scratch in, out, err;
  in.Write(input);
  const pid_t process = fork();
  Check(process >= 0, "fork");
  if (process == 0) {
    dup2(in.file(), STDIN_FILENO);
    dup2(out.file(), STDOUT_FILENO);
    dup2(err.file(), STDERR_FILENO);
    Execute(command, environment);
  }
  const int status = Wait(process);
  return {status, out.Read(), err.Read()};
}

// One line, without its end; "" at the end of the file.
std::string ReadLine(int file) {
  std::string line;
  char c = 0;
  while (read(file, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

struct Pipe {
  Pipe() { Check(pipe2(ends, O_CLOEXEC) == 0, "pipe2"); }
  int ends[2] = {-1, -1};
};

}  // namespace

Outcome RunFingerpost(const std::vector<std::string>& arguments, const std::string& input,
                      const Environment& environment) {
  return RunCommand(Fingerpost(arguments), input, environment);
}

Outcome RunShell(const std::string& command) {
  return RunCommand({"/bin/sh", "-c", command}, "", {});
}

Outcome RunOnTerminal(const std::vector<std::string>& arguments, const Environment& environment) {
  int terminal = -1;
  const pid_t process = forkpty(&terminal, nullptr, nullptr, nullptr);
  Check(process >= 0, "forkpty");
  if (process == 0) Execute(Fingerpost(arguments), environment);
  Outcome outcome;
  char buffer[4096];
  // A read fails if the other side has closed.
  for (ssize_t got = 0; (got = read(terminal, buffer, sizeof buffer)) > 0;) {
    outcome.out.append(buffer, static_cast<size_t>(got));
  }
  close(terminal);
  outcome.status = Wait(process);
  return outcome;
}

TemporaryFile::TemporaryFile(const std::string& content)
    : path_(std::string(P_tmpdir) + "/fingerpost-test.XXXXXX") {
  const int file = mkstemp(path_.data());
  Check(file >= 0, "mkstemp");
  const auto size = static_cast<ssize_t>(content.size());
  Check(write(file, content.data(), content.size()) == size, "write");
  close(file);
}

TemporaryFile::~TemporaryFile() { unlink(path_.c_str()); }

Conversation::Conversation(const std::vector<std::string>& arguments) {
  const Pipe in, out;
  process_ = fork();
  Check(process_ >= 0, "fork");
  if (process_ == 0) {
    dup2(in.ends[0], STDIN_FILENO);
    dup2(out.ends[1], STDOUT_FILENO);
    Execute(Fingerpost(arguments), {});
  }
  close(in.ends[0]);
  close(out.ends[1]);
  to_ = in.ends[1];
  from_ = out.ends[0];
}

Conversation::~Conversation() {
  close(to_);
  close(from_);
  waitpid(process_, nullptr, 0);
}

void Conversation::Say(const std::string& text) const {
  Check(write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "write");
}

std::string Conversation::Hear() const { return ReadLine(from_); }

Server::Server(const std::vector<std::string>& flags) {
  const Pipe out;
  process_ = fork();
  Check(process_ >= 0, "fork");
  if (process_ == 0) {
    dup2(out.ends[1], STDOUT_FILENO);
    std::vector<std::string> command = {kBinaries + "/fingerpostd", "--listen", "127.0.0.1:0",
                                        "--drain-delay", "0"};
    command.insert(command.end(), flags.begin(), flags.end());
    Execute(command, {});
  }
  close(out.ends[1]);
  from_ = out.ends[0];
  // "fingerpostd 0.1.0 listening on 127.0.0.1:4711 (plaintext)"
  const std::string line = ReadLine(from_);
  const std::string before = "listening on ";
  const size_t start = line.find(before);
  Check(start != std::string::npos, "the server does not say where it listens");
  address_ = line.substr(start + before.size());
  address_ = address_.substr(0, address_.find(' '));
}

TlsSite::TlsSite(const std::string& certificate, const std::string& key) {
  const Pipe out;
  process_ = fork();
  Check(process_ >= 0, "fork");
  if (process_ == 0) {
    dup2(out.ends[1], STDOUT_FILENO);
    Execute({"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate, "-key",
             key},
            {});
  }
  close(out.ends[1]);
  from_ = out.ends[0];
  // "ACCEPT 127.0.0.1:4711", after remarks.
  const std::string before = "ACCEPT ";
  std::string line;
  do {
    line = ReadLine(from_);
    Check(!line.empty(), "openssl does not say where it listens");
  } while (!line.starts_with(before));
  origin_ = "https://" + line.substr(before.size());
}

TlsSite::~TlsSite() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  close(from_);
}

Server::~Server() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  close(from_);
}

}  // namespace fingerpost
