// `fingerpost policy diff`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace fingerpost::cli {

class DiffCommand {
 public:
  explicit DiffCommand(CLI::App& app);
  [[nodiscard]] bool Asked() const { return app_.parsed(); }
  // 0: the same answers; 1: some differ; 2: trouble.
  [[nodiscard]] int Run() const;

 private:
  CLI::App& app_;
  std::string old_, new_;
  std::string requests_;
  std::string host_;
};

}  // namespace fingerpost::cli
