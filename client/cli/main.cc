// fingerpost, the command-line client.
#include <absl/strings/str_join.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <string>
#include <vector>

#include "command.h"
#include "core/message/nearest.h"
#include "exit_code.h"
#include "output.h"
#include "version.h"

namespace fingerpost::cli {
namespace {

constexpr const char* kFooter =
    R"(Exit status:
  0  every question has its answer; REFUSE, PASS and a stop are answers
  1  a question is wrong, or one line of --input is; the error names the field
  2  the command line is wrong
  3  the server gave no answer, or is not serving
  4  the input cannot be read, or the output cannot be written
  5  trace: the chain does not end in a result, but in a loop, at a limit, ...
  6  trace: the chain ends in a 4xx or 5xx response
Several URLs of trace have the first of 4, 1, 3, 5 and 6 that any of them has.
Colours appear on a terminal only, and not with NO_COLOR.)";

// The first word that the deepest subcommand did not understand, and what it may have meant.
std::string Unexpected(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  const std::vector<std::string> words = app.remaining(true);
  if (words.empty()) return "";
  const std::string word = words.front().substr(0, words.front().find('='));
  message::Nearest nearest(word);
  if (word.starts_with("-")) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) nearest.Offer("--" + name);
    }
  } else {
    for (const CLI::App* known : command->get_subcommands({})) nearest.Offer(known->get_name());
  }
  std::string out = "unknown " + std::string(word.starts_with("-") ? "flag " : "argument ") + word;
  if (!nearest.Best().empty()) out += "; did you mean " + nearest.Best() + "?";
  return out;
}

// Breaks the lines of descriptions, which CLI11 does not do.
void WrapDescriptions(CLI::App& app) {
  constexpr size_t kColumns = 68;
  for (CLI::Option* option : app.get_options()) {
    option->description(absl::StrJoin(Wrapped(option->get_description(), kColumns), "\n"));
  }
  for (CLI::App* command : app.get_subcommands({})) WrapDescriptions(*command);
}

// Always one line, whatever CLI11 says.
int ReportUsage(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = Unexpected(app);
  if (text.empty() && app.get_subcommands().empty()) text = "expected a subcommand";
  if (text.empty()) text = error.what();
  Complain(text.substr(0, text.find('\n')) + " (see fingerpost --help)");
  return kUsage;
}

int Main(int argc, char** argv) {
  CLI::App app("The two answers about HTTP redirects: what to send, and what to request next.",
               "fingerpost");
  app.set_version_flag("--version", std::string("fingerpost ") + kVersion);
  app.footer(kFooter);
  app.require_subcommand(1);
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(MakeDecideCommand(app));
  commands.push_back(MakeFollowCommand(app));
  commands.push_back(MakeTraceCommand(app));
  commands.push_back(MakeHealthCommand(app));
  commands.push_back(MakePolicyCommand(app));
  commands.push_back(MakeProfilesCommand(app));
  WrapDescriptions(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return ReportUsage(app, error);
  }
  for (const auto& command : commands) {
    if (command->Asked()) return command->Run();
  }
  return kUsage;
}

}  // namespace
}  // namespace fingerpost::cli

int main(int argc, char** argv) {
  try {
    return fingerpost::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    // Out of memory, and what a library throws in spite of its promise.
    fingerpost::cli::Complain(error.what());
    return fingerpost::cli::kInputOutput;
  }
}
