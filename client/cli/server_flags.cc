#include "server_flags.h"

#include <google/protobuf/util/time_util.h>
#include <grpc/support/log.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/http/hosts.h"
#include "core/http/url.h"
#include "flag_reader.h"
#include "policy/load/default_policy.h"
#include "policy/load/loader.h"

namespace fingerpost::cli {
namespace {

// Whether traffic to `server` stays on this machine.
bool IsLocal(const std::string& server) {
  if (server.starts_with("unix:") || server.starts_with("unix-abstract:")) return true;
  const auto url = http::ParseUrl("http://" + server + "/");
  if (!url) return false;
  const std::string_view host = url->get_hostname();
  return host == "localhost" || host == "[::1]" ||
         (http::IsIpAddress(*url) && host.starts_with("127."));
}

// Empty without a path.
message::Result<std::string> ReadFile(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file || text.empty()) return message::Unexpected("cannot read " + path);
  return text;
}

}  // namespace

void ServerFlags::AddTo(CLI::App& command) {
  const std::string group = "Server";
  command.add_option("--server", server, "Ask this server over gRPC, instead of answering here")
      ->type_name("HOST:PORT")
      ->group(group);
  command.add_flag("--insecure", insecure, "Without TLS to a server on another machine")
      ->group(group);
  command.add_flag("--tls", tls, "With TLS, trusting the system's certificate authorities")
      ->group(group);
  command.add_option("--tls-ca", ca, "With TLS, trusting the authorities in this PEM file")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--tls-cert", certificate, "This client's certificate (mutual TLS), PEM")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--tls-key", key, "The key of --tls-cert, PEM")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--tls-name", name, "The name in the server's certificate; default: HOST")
      ->type_name("NAME")
      ->group(group);
  command.add_option("--timeout", timeout_seconds, "Longest wait for the server")
      ->type_name("SECONDS")
      ->check(CLI::Validator(CheckTimeout, ""))
      ->capture_default_str()
      ->group(group);
}

bool ServerFlags::WithTls() const {
  return tls || !ca.empty() || !certificate.empty() || !key.empty() || !name.empty();
}

message::Result<std::unique_ptr<Connection>> ServerFlags::Connect() const {
  const bool with_tls = WithTls();
  if (with_tls && insecure) {
    return message::Unexpected("--insecure and --tls contradict each other");
  }
  if (certificate.empty() != key.empty()) {
    return message::Unexpected("--tls-cert and --tls-key belong together");
  }
  if (!with_tls && !insecure && !IsLocal(server)) {
    return message::Unexpected(
        "--server " + server +
        " is on another machine: choose --tls, --tls-ca FILE, or --insecure for plain text");
  }
  Transport::Certificates files;
  for (const auto& [path, text] :
       {std::pair{&ca, &files.roots}, {&certificate, &files.certificate}, {&key, &files.key}}) {
    auto read = ReadFile(*path);
    if (!read) return message::Unexpected(std::move(read).error());
    *text = *std::move(read);
  }
  files.server_name = name;
  // gRPC's own log would clutter the one line that says what is wrong.
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
  return std::make_unique<Connection>(server,
                                      with_tls ? Transport::Tls(files) : Transport::Plaintext());
}

CallOptions ServerFlags::Options() const {
  return {.timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds * 1000))};
}

message::Result<std::unique_ptr<Backend>> ServerFlags::MakeBackend() const {
  if (!server.empty() && !policy.empty()) {
    return message::Unexpected("--policy is for answers given here: the server has its own");
  }
  if (!policy.empty()) {
    const policy::load::Loaded loaded =
        policy::load::FromFile(policy, google::protobuf::util::TimeUtil::GetCurrentTime());
    if (!message::HasErrors(loaded.problems)) return MakeLocal(loaded.snapshot);
    return message::Unexpected(
        message::ToString(message::FirstError(loaded.problems)) +
        (loaded.problems.size() == 1 ? "" : " (and more: fingerpost policy check)"));
  }
  if (server.empty()) {
    if (!insecure && !WithTls()) return MakeLocal(policy::load::DefaultPolicy());
    return message::Unexpected("--insecure and --tls need --server");
  }
  return Connect().map([this](std::unique_ptr<Connection> client) {
    return MakeRemote(std::move(client), Options());
  });
}

}  // namespace fingerpost::cli
