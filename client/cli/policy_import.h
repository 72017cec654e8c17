// `fingerpost policy import`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace fingerpost::cli {

class ImportCommand {
 public:
  explicit ImportCommand(CLI::App& app);
  [[nodiscard]] bool Asked() const { return app_.parsed(); }
  // The exit code.
  [[nodiscard]] int Run() const;

 private:
  CLI::App& app_;
  std::string format_;
  std::vector<std::string> files_;
  std::string directory_ = ".";
  std::vector<std::string> hosts_;
};

}  // namespace fingerpost::cli
