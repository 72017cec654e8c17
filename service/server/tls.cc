#include "server/tls.h"

#include <fmt/format.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>

#include "server/failure.h"
#include "server/listener.h"

namespace fingerpost {
namespace {

// How often gRPC checks its copy of the files, in seconds; the minimum.
constexpr unsigned kGrpcRefresh = 1;

void CheckPlaintext(std::string_view flag, const std::string& address) {
  if (address.empty() || IsLoopback(address)) return;
  throw Failure(
      ExitCode::kSettings,
      fmt::format("{} {}: other machines reach this address: it needs TLS (--tls-cert and "
                  "--tls-key), or --insecure to serve plaintext there",
                  flag, address));
}

// Two of them cannot listen on one port; which one failed would depend on the order.
void CheckDistinct(const Settings& settings) {
  const std::pair<std::string_view, const std::string&> listeners[] = {
      {"--listen", settings.listen},
      {"--http-listen", settings.http_listen},
      {"--redirect-listen", settings.redirect_listen},
      {"--admin-listen", settings.admin_listen}};
  for (const auto& [flag, address] : listeners) {
    for (const auto& [other, taken] : listeners) {
      if (flag == other) break;
      if (address != taken || address.empty() || address.ends_with(":0")) continue;
      throw Failure(
          ExitCode::kSettings,
          fmt::format("{} and {} are both {}: give each its own port", other, flag, address));
    }
  }
}

}  // namespace

void CheckTransport(const Settings& settings) {
  const auto refuse = [](const std::string& line) { throw Failure(ExitCode::kSettings, line); };
  CheckDistinct(settings);
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    refuse("--tls-cert and --tls-key: one needs the other");
  }
  if (!settings.tls_client_ca.empty() && settings.tls_cert.empty()) {
    refuse("--tls-client-ca needs --tls-cert and --tls-key");
  }
  if (!settings.allow_caller.empty() && settings.tls_client_ca.empty()) {
    refuse("--allow-caller needs --tls-client-ca: without client certificates nobody is known");
  }
  if (settings.otlp_endpoint.empty() &&
      (!settings.otlp_tls_ca.empty() || settings.otlp_sample > 0)) {
    refuse("--otlp-tls-ca and --otlp-sample need --otlp-endpoint");
  }
  if (settings.insecure && !settings.tls_cert.empty()) {
    refuse("--insecure and --tls-cert contradict each other");
  }
  if (settings.redirect_listen.empty() && !settings.redirect_tls_cert.empty()) {
    refuse("--redirect-tls-cert needs --redirect-listen");
  }
  if (settings.tls_cert.empty() && !settings.insecure) {
    CheckPlaintext("--listen", settings.listen);
    CheckPlaintext("--http-listen", settings.http_listen);
  }
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const CertificateFiles* files) {
  using grpc::experimental::FileWatcherCertificateProvider;
  using grpc::experimental::TlsServerCredentialsOptions;
  if (files == nullptr) return grpc::InsecureServerCredentials();
  const std::string identity = files->identity_path();
  TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      identity, identity, files->authorities_path(), kGrpcRefresh));
  options.watch_identity_key_cert_pairs();
  if (!files->authorities_path().empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

std::string TransportName(const Settings& settings) {
  if (settings.tls_cert.empty()) return "plaintext";
  return settings.tls_client_ca.empty() ? "TLS" : "mutual TLS";
}

}  // namespace fingerpost
