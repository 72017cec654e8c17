// `fingerpost policy graph`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace fingerpost::cli {

class GraphCommand {
 public:
  explicit GraphCommand(CLI::App& app);
  [[nodiscard]] bool Asked() const { return app_.parsed(); }
  // The exit code.
  [[nodiscard]] int Run() const;

 private:
  CLI::App& app_;
  std::string file_;
  std::string format_ = "dot";
};

}  // namespace fingerpost::cli
