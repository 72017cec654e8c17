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

  // A client for `server`. Null: the flags contradict each other or a file cannot be read, and
  // `problem` says so.
  [[nodiscard]] std::unique_ptr<Connection> Connect(std::string& problem) const;

  // The server, or this process without one. Null as above.
  [[nodiscard]] std::unique_ptr<Backend> MakeBackend(std::string& problem) const;

  [[nodiscard]] CallOptions Options() const;

 private:
  [[nodiscard]] bool WithTls() const;
};

}  // namespace fingerpost::cli
