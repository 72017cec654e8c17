// --server and how to reach it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "backend.h"

namespace fingerpost::cli {

struct ServerFlags {
  std::string server;
  std::string policy;  // a file, for answers given here
  bool insecure = false;
  bool tls = false;
  std::string ca;
  std::string certificate;
  std::string key;
  std::string name;
  double timeout_seconds = 5;

  void AddTo(CLI::App& command);

  // A client for `server`. The error: the flags contradict each other, or a file cannot be read.
  [[nodiscard]] message::Result<std::unique_ptr<Connection>> Connect() const;

  // The server, or this process without one. The error as above.
  [[nodiscard]] message::Result<std::unique_ptr<Backend>> MakeBackend() const;

  [[nodiscard]] CallOptions Options() const;

 private:
  [[nodiscard]] bool WithTls() const;
};

}  // namespace fingerpost::cli
