#include "golden/cli_transport.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "directories.h"

namespace fingerpost::golden {
namespace {

// The client's possible statuses: every question answered, or one of them wrong.
constexpr int kAnswered = 0;
constexpr int kWrongQuestion = 1;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fingerpost-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

int RunToItsEnd(std::vector<std::string> arguments, const std::filesystem::path& directory) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const auto open_as = [&](int fd, const char* name, int flags) {
    posix_spawn_file_actions_addopen(&actions, fd, (directory / name).c_str(), flags, 0600);
  };
  open_as(STDIN_FILENO, "in", O_RDONLY);
  open_as(STDOUT_FILENO, "out", O_WRONLY | O_CREAT);
  open_as(STDERR_FILENO, "err", O_WRONLY | O_CREAT);
  pid_t pid = -1;
  const int fault = posix_spawn(&pid, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (fault != 0) throw std::runtime_error("cannot run " + arguments[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw std::runtime_error("waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

template <typename Answer>
Answer ReadAnswer(const std::string& line) {
  Answer answer;
  const Value json = ParseJson(line);
  const Value* error = Member(json, "error");
  answer.ok = error == nullptr;
  const std::string fault =
      answer.ok ? FromJson(json, answer.response) : FromJson(*error, answer.error);
  if (!fault.empty()) throw std::runtime_error(line + ": " + fault);
  return answer;
}

template <typename Answer, typename Question>
std::vector<Answer> Ask(const std::string& command, const std::string& address,
                        const std::vector<Question>& questions) {
  const TemporaryDirectory directory;
  {
    std::ofstream in(directory.path() / "in");
    for (const Question& question : questions) in << question.json << '\n';
  }
  std::vector<std::string> arguments = {std::string(FINGERPOST_BIN_DIR) + "/fingerpost", command,
                                        "--input", "-"};
  // Patient, because the machine may be busy with other tests.
  if (!address.empty()) {
    arguments.insert(arguments.end(), {"--server", address, "--timeout", "60"});
  }
  const int code = RunToItsEnd(arguments, directory.path());
  std::vector<Answer> answers;
  bool failed = false;
  std::ifstream out(directory.path() / "out");
  for (std::string line; std::getline(out, line);) {
    answers.push_back(ReadAnswer<Answer>(line));
    failed = failed || !answers.back().ok;
  }
  if (code != (failed ? kWrongQuestion : kAnswered)) {
    throw std::runtime_error("fingerpost " + command + " ended with " + std::to_string(code) +
                             ": " + ReadFile(directory.path() / "err"));
  }
  return answers;
}

}  // namespace

std::vector<DecideAnswer> CliTransport::Decide(const std::vector<DecideQuestion>& questions) {
  return Ask<DecideAnswer>("decide", address_, questions);
}

std::vector<FollowAnswer> CliTransport::Follow(const std::vector<FollowQuestion>& questions) {
  return Ask<FollowAnswer>("follow", address_, questions);
}

}  // namespace fingerpost::golden
