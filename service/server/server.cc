#include "server/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "rpc/budget.h"
#include "rpc/caller_counts.h"
#include "rpc/goaway.h"
#include "rpc/grpc_server.h"
#include "rpc/redirect_service.h"
#include "server/accept_loop.h"
#include "server/access_log.h"
#include "server/admin.h"
#include "server/certificate_files.h"
#include "server/cpu_limit.h"
#include "server/documents.h"
#include "server/failure.h"
#include "server/gateway/certificates.h"
#include "server/gateway/gateway.h"
#include "server/gateway/site.h"
#include "server/grpc_limits.h"
#include "server/http/server.h"
#include "server/http_ports.h"
#include "server/json_bridge.h"
#include "server/listener.h"
#include "server/listening_sockets.h"
#include "server/memory.h"
#include "server/otlp/traces.h"
#include "server/policy_keeper.h"
#include "server/self_check.h"
#include "server/tls.h"

namespace fingerpost {
namespace {

// The accept loop makes a round every second. After so long without one, it hangs for good.
constexpr std::chrono::milliseconds kLongestStanding{10'000};

std::unique_ptr<SiteCertificates> OpenSiteCertificates(const Settings& settings) {
  if (SitePairs(settings).empty()) return nullptr;
  return std::make_unique<SiteCertificates>(settings);
}

std::unique_ptr<CertificateFiles> OpenCertificates(const Settings& settings) {
  CheckTransport(settings);
  if (settings.tls_cert.empty()) return nullptr;
  return std::make_unique<CertificateFiles>(settings);
}

Limits LimitsOf(const Settings& settings) {
  return {.max_batch = settings.max_batch,
          .request = {.max_fields = settings.max_fields,
                      .max_field_length = static_cast<size_t>(settings.max_field_length),
                      .max_url_length = static_cast<size_t>(settings.max_url_length)}};
}

int ThreadCount(const Settings& settings) {
  if (settings.threads > 0) return settings.threads;
  return CpuLimit();
}

ConnectionLimits ConnectionLimitsOf(const Settings& settings, const DescriptorLimit& files) {
  const int64_t unasked = UnaskedLimit(settings);
  return {.all = std::min(settings.max_connections, files.connections),
          .per_peer = settings.max_connections_per_peer,
          .unasked = unasked,
          .unasked_in_all = std::max<int64_t>(settings.max_memory / 4, 2 * unasked),
          .unread = settings.write_timeout};
}

State::Certificates Summed(const CertificateFiles::State& files) {
  return {.end = files.end, .reloads = files.reloads, .failures = files.failures};
}

bool WantsReflection(const Settings& settings) {
  return settings.reflection == "always" ||
         (settings.reflection == "loopback" && IsLoopback(settings.listen));
}

// The reflection library, once linked, registers itself with every builder.
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
  Impl(const Settings& settings, const Outputs& outputs)
      : settings_(settings),
        outputs_(outputs),
        certificates_(OpenCertificates(settings)),
        site_certificates_(OpenSiteCertificates(settings)),
        policy_(settings.policy, budget_),
        access_log_(settings, outputs.access_log),
        traces_(MakeTraces(settings, certificates_ != nullptr, access_log_)),
        service_(policy_.store(), LimitsOf(settings), &meters_, SystemClock, &policy_.counts()),
        grpc_(service_,
              {.threads = ThreadCount(settings),
               .max_calls = settings.max_calls,
               .max_message_size = static_cast<size_t>(settings.max_message_size),
               .allow_callers = settings.allow_caller,
               .patience = {.idle = settings.stream_idle, .unread = settings.write_timeout},
               .envoy = settings.envoy,
               .usage = &usage_,
               .meters = &meters_,
               .observer = Observer(),
               .caller_counts = KnowsCallers() ? &callers_ : nullptr,
               .traffic = &traffic_,
               .budget = &budget_,
               .news = &policy_.news()}),
        gateway_(service_,
                 DoorOf("gateway", Method::kGateway, settings.allow_caller,
                        KnowsCallers() ? &callers_ : nullptr),
                 certificates_ == nullptr ? "http" : "https", settings.gateway_pass),
        bridge_(service_, {.allow_callers = settings.allow_caller,
                           .usage = &usage_,
                           .budget = &budget_,
                           .report = HttpReports()}),
        trials_(policy_.store(), Limits{}),
        site_(service_, trials_, DoorOf("site", Method::kSite, {}, nullptr),
              site_certificates_ == nullptr ? "http" : "https", settings.redirect_acme),
        admin_(meters_, policy_.counts(), access_log_, trials_,
               {.state = [this] { return Now(); },
                .is_alive = [this] { return accept_loop_->standing() < kLongestStanding; },
                .is_ready = [this] { return serving_ && self_check_->Passes(); }}) {}

  // If this throws, the destructor stops what has started, in order.
  void Start() {
    ListenForGrpc();
    grpc_.Start();
    accept_loop_->Start();
    self_check_ = std::make_unique<SelfCheck>(address_, certificates_ != nullptr);
    serving_ = true;
    if (!settings_.http_listen.empty()) ListenForHttp();
    if (!settings_.redirect_listen.empty()) ListenForWebClients();
    if (!settings_.admin_listen.empty()) ListenForAdmin();
    // The admin port's answers count the connections of all servers.
    for (HttpServer* server : HttpServers()) server->Start();
    WritePortFile();
    if (files_.connections < settings_.max_connections) {
      spdlog::warn("open files: at most {}, so that {} connections are served, not {}", files_.now,
                   files_.connections, settings_.max_connections);
    }
  }

  ~Impl() { FinishDrain(); }

  [[nodiscard]] std::string Addresses() const {
    std::string text = fmt::format("{} ({})", address_, TransportName(settings_));
    if (http_server_) text += fmt::format(", HTTP/JSON on {}", http_server_->address());
    if (site_server_) text += fmt::format(", redirects on {}", site_server_->address());
    if (admin_server_) text += fmt::format(", admin on {}", admin_server_->address());
    return text;
  }

  void ReloadPolicy() { policy_.Reload(); }

  [[nodiscard]] uint64_t StartedCalls() const {
    uint64_t sum = 0;
    for (size_t i = 0; i < kMethods.size(); ++i) {
      const auto method = static_cast<Method>(i);
      if (kMethods[i].IsGrpc()) sum += meters_.Calls(method).started;
    }
    return sum;
  }

  void Hold(std::chrono::milliseconds more_than) { grpc_.Hold(more_than); }

  void SendAway() { grpc_.SendAway(); }

  void BeginDrain() {
    serving_ = false;
    if (http_server_) http_server_->Drain();
    if (site_server_) site_server_->Drain();
    grpc_.SetServing(false);
  }

  void FinishDrain() {
    if (server_ == nullptr) return;
    if (http_server_) http_server_->End(settings_.drain_timeout);
    if (site_server_) site_server_->End(settings_.drain_timeout);
    // gRPC never closes connections that it is handed after this.
    accept_loop_->Stop();
    sockets_.reset();
    grpc_.Drain();
    {
      const Goaway goaway(*server_);
      grpc_.Release();
      server_->Shutdown(std::chrono::system_clock::now() + settings_.drain_timeout);
    }
    grpc_.Stop();
    server_.reset();
    for (HttpServer* server : HttpServers()) server->Stop();
    if (traces_) traces_->exporter.Close();
  }

 private:
  [[nodiscard]] CallObserver* Observer() {
    if (traces_) return &traces_->tracer;
    return &access_log_;
  }

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

  void ListenForGrpc() {
    // Both must precede the first builder.
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    if (settings_.channelz) grpc::channelz::experimental::InitChannelzService();
    grpc::ServerBuilder builder;
    if (!WantsReflection(settings_)) builder.SetOption(std::make_unique<WithoutReflection>());
    sockets_ = std::make_unique<ListeningSockets>("--listen", settings_.listen);
    auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        MakeCredentials(certificates_.get()));
    SetLimits(settings_, builder);
    grpc_.Register(builder);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) throw Failure(ExitCode::kListen, "gRPC does not start");
    accept_loop_ = std::make_unique<AcceptLoop>(*sockets_, std::move(acceptor), traffic_,
                                                ConnectionLimitsOf(settings_, files_),
                                                [this] { return grpc_.Answering(); });
    port_ = sockets_->port();
    address_ = WithPort(settings_.listen, port_);
  }

  void ListenForHttp() {
    HttpOptions options = PublicPort(settings_, files_, "--http-listen", settings_.http_listen);
    options.methods = fmt::format("{}, {}", Documents::kMethods, JsonBridge::kMethods);
    if (certificates_ != nullptr) options.tls = [this] { return certificates_->http_tls(); };
    options.takes_long = Documents::TakesLong;
    options.is_open = Gateway::Serves;
    options.on_refused = [this](const HttpCall& call, HttpAnswer refusal) {
      return gateway_.Refused(call, std::move(refusal));
    };
    documents_ = std::make_unique<Documents>(policy_.news(), settings_, HttpReports());
    http_server_ = std::make_unique<HttpServer>(std::move(options), [this](const HttpCall& call) {
      if (Gateway::Serves(call.path)) return gateway_.Answer(call);
      return Documents::Has(call.path) ? documents_->Answer(call) : bridge_.Answer(call);
    });
  }

  void ListenForWebClients() {
    HttpOptions options =
        PublicPort(settings_, files_, "--redirect-listen", settings_.redirect_listen);
    options.methods = Site::kMethods;
    options.is_open = [](std::string_view) { return true; };
    options.on_refused = [this](const HttpCall&, HttpAnswer refusal) {
      return site_.Refused(std::move(refusal));
    };
    if (site_certificates_ != nullptr) options.tls = [this] { return site_certificates_->tls(); };
    site_server_ = std::make_unique<HttpServer>(
        std::move(options), [this](const HttpCall& call) { return site_.Answer(call); });
  }

  // Always plaintext: the port is for probes and scrapers of the cluster.
  void ListenForAdmin() {
    HttpOptions options = AdminPort(settings_, files_);
    options.methods = Admin::kMethods;
    admin_server_ = std::make_unique<HttpServer>(
        std::move(options), [this](const HttpCall& call) { return admin_.Answer(call); });
  }

  [[nodiscard]] std::vector<HttpServer*> HttpServers() const {
    std::vector<HttpServer*> servers = {http_server_.get(), site_server_.get(),
                                        admin_server_.get()};
    std::erase(servers, nullptr);
    return servers;
  }

  [[nodiscard]] Door::Setup DoorOf(std::string_view name, Method method,
                                   std::vector<std::string> allow_callers, CallerCounts* callers) {
    return {.name = name,
            .method = method,
            .allow_callers = std::move(allow_callers),
            .meters = &meters_,
            .observer = Observer(),
            .caller_counts = callers,
            .budget = &budget_};
  }

  [[nodiscard]] HttpReport::To HttpReports() {
    return {.meters = &meters_,
            .observer = Observer(),
            .caller_counts = KnowsCallers() ? &callers_ : nullptr};
  }

  [[nodiscard]] bool KnowsCallers() const { return !settings_.tls_client_ca.empty(); }

  // For the metrics and the page.
  [[nodiscard]] State Now() {
    State state;
    state.serving = serving_;
    state.calls = grpc_.calls();
    state.calls_gave_way = grpc_.gave_way();
    state.calls_timed_out = grpc_.timed_out();
    state.connections = accept_loop_->counts();
    for (const HttpServer* server : HttpServers()) state.http.push_back(server->counts());
    if (http_server_) state.passages.push_back(gateway_.counts());
    if (site_server_) state.passages.push_back(site_.counts());
    for (const auto part : {Budget::kAll, Budget::kLarge, Budget::kExplained}) {
      state.memory.push_back({Budget::NameOf(part), budget_.held(part), budget_.refused_calls(part),
                              budget_.refused_octets(part)});
    }
    policy_.Describe(state);
    state.usage = usage_.counts();
    state.log_lines_lost = outputs_.log.lost();
    if (!settings_.access_log_file.empty()) {
      state.access_log = {outputs_.access_log.lost(), outputs_.access_log.errors()};
    }
    if (traces_) state.spans = traces_->exporter.counts();
    state.started_at = started_at_;
    if (certificates_ != nullptr) state.certificates = Summed(certificates_->state());
    if (site_certificates_ != nullptr) {
      state.site_certificates = Summed(site_certificates_->state());
    }
    state.knows_callers = KnowsCallers();
    state.caller_counters = callers_.Counters();
    state.top_callers = callers_.Top();
    return state;
  }

  const Settings settings_;
  const Outputs outputs_;
  const int64_t started_at_ = SystemClock().seconds();
  std::atomic<bool> serving_{false};
  const std::unique_ptr<CertificateFiles> certificates_;
  const std::unique_ptr<SiteCertificates> site_certificates_;
  const DescriptorLimit files_ = RaiseDescriptorLimit();
  Meters meters_;
  Traffic traffic_;
  Budget budget_{CallMemory(settings_)};
  MemoryKeeper memory_{budget_};
  CallerCounts callers_;
  PolicyKeeper policy_;
  AccessLog access_log_;
  const std::unique_ptr<Traces> traces_;  // null: off
  UsageService usage_{policy_.counts(), meters_};
  RedirectService service_;
  GrpcServer grpc_;
  std::unique_ptr<ListeningSockets> sockets_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<AcceptLoop> accept_loop_;
  std::string address_;
  int port_ = 0;
  std::unique_ptr<SelfCheck> self_check_;
  Gateway gateway_;
  JsonBridge bridge_;
  std::unique_ptr<Documents> documents_;
  RedirectService trials_;
  Site site_;
  Admin admin_;
  std::unique_ptr<HttpServer> http_server_;
  std::unique_ptr<HttpServer> site_server_;
  std::unique_ptr<HttpServer> admin_server_;
};

Server::Server(const Settings& settings, const Outputs& outputs)
    : impl_(std::make_unique<Impl>(settings, outputs)) {
  impl_->Start();
}
Server::~Server() = default;
std::string Server::Addresses() const { return impl_->Addresses(); }
uint64_t Server::StartedCalls() const { return impl_->StartedCalls(); }
void Server::ReloadPolicy() { impl_->ReloadPolicy(); }
void Server::Hold(std::chrono::milliseconds more_than) { impl_->Hold(more_than); }
void Server::SendAway() { impl_->SendAway(); }
void Server::BeginDrain() { impl_->BeginDrain(); }
void Server::FinishDrain() { impl_->FinishDrain(); }

}  // namespace fingerpost
