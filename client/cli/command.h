// The subcommands.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace fingerpost::cli {

class Command {
 public:
  virtual ~Command() = default;
  // The exit code.
  virtual int Run() = 0;

  // Whether the command line asked for this one.
  [[nodiscard]] bool Asked() const { return app_->parsed(); }

 protected:
  explicit Command(CLI::App* app) : app_(app) {}

 private:
  CLI::App* app_;
};

// Each adds itself to `app`, which must outlive it.
[[nodiscard]] std::unique_ptr<Command> MakeDecideCommand(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> MakeFollowCommand(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> MakeHealthCommand(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> MakeTraceCommand(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> MakePolicyCommand(CLI::App& app);
[[nodiscard]] std::unique_ptr<Command> MakeProfilesCommand(CLI::App& app);

}  // namespace fingerpost::cli
