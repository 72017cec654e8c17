#include "server/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "policy/default_policy.h"
#include "policy/store.h"
#include "rpc/grpc_server.h"
#include "rpc/redirect_service.h"
#include "server/failure.h"
#include "server/grpc_limits.h"
#include "server/listener.h"
#include "server/tls.h"

namespace fingerpost {
namespace {

int ThreadCount(const Settings& settings) {
  if (settings.threads > 0) return settings.threads;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

bool WantsReflection(const Settings& settings) {
  return settings.reflection == "always" ||
         (settings.reflection == "loopback" && IsLoopback(settings.listen));
}

// The reflection library registers itself for every builder when it is linked.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins,
                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

}  // namespace

class Server::Impl {
 public:
  explicit Impl(const Settings& settings)
      : settings_(settings),
        policy_(DefaultPolicy()),
        service_(policy_, Limits{.max_batch = settings.max_batch}),
        grpc_(service_, {.threads = ThreadCount(settings),
                         .max_calls = settings.max_calls,
                         .allow_callers = settings.allow_caller}) {
    Listen();
    grpc_.Start();
  }

  ~Impl() { FinishDrain(); }

  void WritePortFile() const {
    if (settings_.port_file.empty()) return;
    std::ofstream file(settings_.port_file);
    file << port_ << '\n';
    file.close();
    if (!file) {
      throw Failure(ExitCode::kFile,
                    fmt::format("--port-file: cannot write {}", settings_.port_file));
    }
  }

  [[nodiscard]] const std::string& address() const { return address_; }

  void BeginDrain() { grpc_.SetServing(false); }

  void FinishDrain() {
    if (server_ == nullptr) return;
    grpc_.Drain();
    server_->Shutdown(std::chrono::system_clock::now() + settings_.drain_timeout);
    grpc_.Stop();
    server_.reset();
  }

 private:
  void Listen() {
    grpc::ServerBuilder builder;
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    if (!WantsReflection(settings_)) builder.SetOption(std::make_unique<WithoutReflection>());
    int port = 0;
    builder.AddListeningPort(settings_.listen, MakeCredentials(settings_), &port);
    SetLimits(settings_, builder);
    grpc_.Register(builder);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      throw Failure(ExitCode::kListen,
                    fmt::format("--listen {}: {}", settings_.listen, WhyNot(settings_.listen)));
    }
    address_ = WithPort(settings_.listen, port);
    port_ = port;
  }

  const Settings settings_;
  Store policy_;
  RedirectService service_;
  GrpcServer grpc_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  int port_ = 0;
};

Server::Server(const Settings& settings) : impl_(std::make_unique<Impl>(settings)) {
  impl_->WritePortFile();  // If it fails, what runs is stopped in order.
}
Server::~Server() = default;
const std::string& Server::address() const { return impl_->address(); }
void Server::BeginDrain() { impl_->BeginDrain(); }
void Server::FinishDrain() { impl_->FinishDrain(); }

}  // namespace fingerpost
