// `fingerpost policy stats`.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>

#include "core/message/result.h"

namespace fingerpost::cli {

class StatsCommand {
 public:
  explicit StatsCommand(CLI::App& app);
  [[nodiscard]] bool Asked() const { return app_.parsed(); }
  // The exit code.
  [[nodiscard]] int Run() const;

 private:
  CLI::App& app_;
  std::string address_ = "127.0.0.1:9090";
  int rows_ = 20;
  double seconds_ = 10;
  bool json_ = false;
};

// The JSON of a server's /stats as tables for people. The error says what is wrong with it.
[[nodiscard]] message::Result<std::string> ShowStats(const std::string& json);

}  // namespace fingerpost::cli
