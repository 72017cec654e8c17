#include "server/daemon.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "directories.h"

namespace fingerpost::testing {
namespace {

constexpr char kListening[] = " listening on ";

[[noreturn]] void Throw(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::filesystem::path MakeDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "fingerpost-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) Throw("mkdtemp");
  return name;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Returns the reading end of a pipe for standard output; standard error goes to `err`.
int Spawn(const std::string& name, std::vector<std::string> arguments,
          const std::vector<std::string>& environment, const std::filesystem::path& err,
          pid_t& pid) {
  const std::string program = std::string(FINGERPOST_BIN_DIR) + "/" + name;
  arguments.insert(arguments.begin(), program);
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Throw("pipe2");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  if (err == "-") {
    posix_spawn_file_actions_addclose(&actions, STDERR_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  const int fault = posix_spawn(&pid, program.c_str(), &actions, nullptr,
                                Pointers(arguments).data(), Pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (fault != 0) {
    close(ends[0]);
    errno = fault;
    Throw("posix_spawn " + program);
  }
  return ends[0];
}

// Reads until `text` holds a whole line with `mark`, or to the end. False: the end came first.
bool ReadUntil(int fd, const char* mark, std::string& text) {
  char buffer[4096];
  while (true) {
    const size_t at = mark == nullptr ? std::string::npos : text.find(mark);
    if (at != std::string::npos && text.find('\n', at) != std::string::npos) return true;
    const ssize_t count = read(fd, buffer, sizeof buffer);
    if (count == 0) return false;
    if (count > 0) text.append(buffer, static_cast<size_t>(count));
    if (count < 0 && errno != EINTR) Throw("read");
  }
}

int ExitCodeOf(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) Throw("waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Output RunDaemon(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment) {
  const std::filesystem::path directory = MakeDirectory();
  pid_t pid = -1;
  Output output;
  const int out = Spawn("fingerpostd", arguments, environment, directory / "err", pid);
  ReadUntil(out, nullptr, output.out);
  close(out);
  output.code = ExitCodeOf(pid);
  output.err = ReadFile(directory / "err");
  std::filesystem::remove_all(directory);
  return output;
}

std::string OwnHost(int number) {
  constexpr int kHosts = 250;
  const int process = getpid();
  return "127." + std::to_string(1 + process / kHosts % kHosts) + "." +
         std::to_string(process % kHosts) + "." + std::to_string(number);
}

Daemon::Daemon(std::vector<std::string> arguments, const std::vector<std::string>& environment,
               std::filesystem::path errors, const std::string& program)
    : directory_(MakeDirectory()),
      errors_(errors.empty() ? directory_ / "err" : std::move(errors)) {
  if (std::find(arguments.begin(), arguments.end(), "--listen") == arguments.end()) {
    arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
  }
  out_ = Spawn(program, std::move(arguments), environment, errors_, pid_);
  if (!ReadUntil(out_, kListening, out_text_)) {
    const Output output = Wait();
    throw std::runtime_error(program + " ended with " + std::to_string(output.code) + ": " +
                             output.out + output.err);
  }
  address_ = After(kListening);
  http_address_ = After(" HTTP/JSON on ");
  site_address_ = After(" redirects on ");
  admin_address_ = After(" admin on ");
}

// NOLINTNEXTLINE(bugprone-exception-escape): without memory the test ends anyway.
Daemon::~Daemon() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    (void)ExitCodeOf(pid_);
  }
  if (out_ >= 0) close(out_);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string Daemon::After(const std::string& mark) const {
  const size_t at = out_text_.find(mark);
  if (at == std::string::npos) return "";
  const size_t begin = at + mark.size();
  return out_text_.substr(begin, out_text_.find_first_of(" ,\n", begin) - begin);
}

std::shared_ptr<grpc::Channel> Daemon::Channel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

void Daemon::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

Output Daemon::Wait() {
  Output output;
  ReadUntil(out_, nullptr, out_text_);
  output.code = ExitCodeOf(pid_);
  pid_ = -1;
  output.out = out_text_;
  output.err = Errors();
  return output;
}

std::string Daemon::Errors() const {
  return std::filesystem::is_regular_file(errors_) ? ReadFile(errors_) : std::string();
}

}  // namespace fingerpost::testing
