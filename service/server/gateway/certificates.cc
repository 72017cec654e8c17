#include "server/gateway/certificates.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ssl/context.hpp>
#include <cstring>

#include "server/failure.h"

namespace fingerpost {
namespace {

using Files = std::vector<std::unique_ptr<CertificateFiles>>;

int Choose(SSL* connection, int* /*alert*/, void* files) {
  const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const auto& each : *static_cast<const Files*>(files)) {
    const auto context = each->http_tls();
    X509* const certificate = SSL_CTX_get0_certificate(context->native_handle());
    if (X509_check_host(certificate, name, std::strlen(name), 0, nullptr) != 1) continue;
    SSL_set_SSL_CTX(connection, context->native_handle());
    return SSL_TLSEXT_ERR_OK;
  }
  // A client that knows another name is told so by the certificate, not by a failure.
  return SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

std::vector<Settings> SitePairs(const Settings& settings) {
  const auto& certificates = settings.redirect_tls_cert;
  const auto& keys = settings.redirect_tls_key;
  if (certificates.size() != keys.size()) {
    throw Failure(ExitCode::kSettings,
                  "--redirect-tls-cert and --redirect-tls-key: expected a key for each "
                  "certificate, in the same order");
  }
  std::vector<Settings> pairs(certificates.size(), settings);
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].tls_cert = certificates[i];
    pairs[i].tls_key = keys[i];
    pairs[i].tls_client_ca.clear();
  }
  return pairs;
}

SiteCertificates::SiteCertificates(const Settings& settings) {
  for (const Settings& pair : SitePairs(settings)) {
    files_.push_back(std::make_unique<CertificateFiles>(pair));
  }
}

std::shared_ptr<boost::asio::ssl::context> SiteCertificates::tls() const {
  auto context = files_.front()->http_tls();
  SSL_CTX_set_tlsext_servername_callback(context->native_handle(), Choose);
  SSL_CTX_set_tlsext_servername_arg(context->native_handle(), const_cast<Files*>(&files_));
  return context;
}

CertificateFiles::State SiteCertificates::state() const {
  CertificateFiles::State sum;
  for (const auto& each : files_) {
    const CertificateFiles::State one = each->state();
    sum.end = sum.end == 0 ? one.end : std::min(sum.end, one.end);
    sum.reloads += one.reloads;
    sum.failures += one.failures;
  }
  return sum;
}

}  // namespace fingerpost
