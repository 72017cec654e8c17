// `fingerpost policy export`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace fingerpost::cli {

class ExportCommand {
 public:
  explicit ExportCommand(CLI::App& app);
  [[nodiscard]] bool Asked() const { return app_.parsed(); }
  // The exit code.
  [[nodiscard]] int Run() const;

 private:
  CLI::App& app_;
  std::string format_;
  std::string policy_;
  std::string output_ = "-";
  std::vector<std::string> hosts_;
};

}  // namespace fingerpost::cli
