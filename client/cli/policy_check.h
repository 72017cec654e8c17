// `fingerpost policy check`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace fingerpost::cli {

class CheckCommand {
 public:
  explicit CheckCommand(CLI::App& app);
  [[nodiscard]] bool Asked() const { return app_.parsed(); }
  // The exit code.
  [[nodiscard]] int Run() const;

 private:
  CLI::App& app_;
  std::string file_;
  bool strict_ = false;
  bool fix_ = false;
};

}  // namespace fingerpost::cli
