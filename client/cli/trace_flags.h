// What to walk, and how, spelled as flags.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "follow_options.h"
#include "http_client.h"
#include "trace.h"

namespace fingerpost::cli {

class TraceFlags {
 public:
  void AddTo(CLI::App& command);

  // Finds flags that contradict each other, and a file of --data that cannot be read. Called once,
  // before the first journey. Returns the exit code; `problem` says why it is not 0.
  [[nodiscard]] int Prepare(bool input_is_standard, std::string& problem);

  // The journey that begins at `url`. False: a flag's value is wrong; `error` names the field.
  [[nodiscard]] message::Done Plan(const std::string& url, Journey& journey) const;

  [[nodiscard]] const Transport& transport() const { return transport_; }

 private:
  void AddRequestFlags(CLI::App& command);
  void AddTransportFlags(CLI::App& command);
  void ReadRequest(const std::string& url, FlagReader& reader, v1::HttpRequest& request) const;

  std::string method_;
  bool head_ = false;
  std::vector<std::string> headers_;
  std::optional<std::string> agent_;
  std::string user_;
  std::optional<std::string> data_;  // after Prepare, the content
  FollowOptionFlags options_;
  double timeout_seconds_ = 30;
  Transport transport_;
  bool insecure_ = false;
};

}  // namespace fingerpost::cli
