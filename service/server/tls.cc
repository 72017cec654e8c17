#include "server/tls.h"

#include <fmt/format.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <fstream>
#include <sstream>

#include "server/failure.h"
#include "server/listener.h"

namespace fingerpost {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw Failure(ExitCode::kFile, fmt::format("cannot read {}", path));
  return text.str();
}

Memory AsMemory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

Certificate ReadCertificate(const std::string& path) {
  const std::string text = ReadFile(path);
  Certificate found(PEM_read_bio_X509(AsMemory(text).get(), nullptr, nullptr, nullptr), X509_free);
  if (!found) throw Failure(ExitCode::kFile, fmt::format("{}: no PEM certificate in it", path));
  return found;
}

Key ReadKey(const std::string& path) {
  const std::string text = ReadFile(path);
  Key found(PEM_read_bio_PrivateKey(AsMemory(text).get(), nullptr, nullptr, nullptr),
            EVP_PKEY_free);
  if (!found) throw Failure(ExitCode::kFile, fmt::format("{}: no PEM private key in it", path));
  return found;
}

void CheckContradictions(const Settings& settings) {
  const auto refuse = [](const std::string& line) { throw Failure(ExitCode::kSettings, line); };
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    refuse("--tls-cert and --tls-key: one needs the other");
  }
  if (!settings.tls_client_ca.empty() && settings.tls_cert.empty()) {
    refuse("--tls-client-ca needs --tls-cert and --tls-key");
  }
  if (!settings.allow_caller.empty() && settings.tls_client_ca.empty()) {
    refuse("--allow-caller needs --tls-client-ca: without client certificates nobody is known");
  }
  const bool http_is_reached = !settings.http_listen.empty() && !IsLoopback(settings.http_listen);
  if (settings.insecure && !settings.tls_cert.empty() && !http_is_reached) {
    refuse("--insecure and --tls-cert contradict each other");
  }
  if (http_is_reached && !settings.insecure) {
    refuse(
        fmt::format("--http-listen {}: other machines reach this address, and HTTP/JSON is "
                    "plaintext: --insecure allows that",
                    settings.http_listen));
  }
  if (settings.tls_cert.empty() && !settings.insecure && !IsLoopback(settings.listen)) {
    refuse(
        fmt::format("--listen {}: other machines reach this address: it needs TLS (--tls-cert "
                    "and --tls-key), or --insecure to serve plaintext there",
                    settings.listen));
  }
}

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const Settings& settings) {
  using namespace grpc::experimental;
  CheckContradictions(settings);
  if (settings.tls_cert.empty()) return grpc::InsecureServerCredentials();

  // gRPC reports a file that it cannot use only when the first client fails.
  const Certificate certificate = ReadCertificate(settings.tls_cert);
  const Key key = ReadKey(settings.tls_key);
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    throw Failure(ExitCode::kFile,
                  fmt::format("{} is not the key of {}", settings.tls_key, settings.tls_cert));
  }
  if (!settings.tls_client_ca.empty()) (void)ReadCertificate(settings.tls_client_ca);

  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(settings.tls_refresh).count();
  TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      settings.tls_key, settings.tls_cert, settings.tls_client_ca, static_cast<unsigned>(seconds)));
  options.watch_identity_key_cert_pairs();
  if (!settings.tls_client_ca.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return TlsServerCredentials(options);
}

std::string TransportName(const Settings& settings) {
  if (settings.tls_cert.empty()) return "plaintext";
  return settings.tls_client_ca.empty() ? "TLS" : "mutual TLS";
}

int64_t CertificateExpiry(const std::string& path) {
  const Certificate certificate = ReadCertificate(path);
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    throw Failure(ExitCode::kFile, fmt::format("{}: its end is not a time", path));
  }
  return timegm(&end);
}

}  // namespace fingerpost
