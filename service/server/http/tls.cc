#include "server/http/tls.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <iterator>

#include "rpc/callers.h"

namespace fingerpost {
namespace {

namespace ssl = boost::asio::ssl;

constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int ChooseProtocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* length,
                   const unsigned char* offered, unsigned offered_length, void* /*unused*/) {
  unsigned char* out = nullptr;
  if (SSL_select_next_proto(&out, length, kAlpn, sizeof kAlpn, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 §3.2
  }
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

std::string TextOf(const ASN1_STRING* text) {
  const auto* octets = ASN1_STRING_get0_data(text);
  return {octets, octets + ASN1_STRING_length(text)};
}

// "" if it is not an address.
std::string AddressOf(const ASN1_OCTET_STRING* octets) {
  const int family = ASN1_STRING_length(octets) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(octets) != 16) return {};
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, ASN1_STRING_get0_data(octets), text, sizeof text) == nullptr ? "" : text;
}

void Add(const GENERAL_NAME& name, AlternativeNames& names) {
  switch (name.type) {
    case GEN_URI:
      names.uris.push_back(TextOf(name.d.uniformResourceIdentifier));
      break;
    case GEN_DNS:
      names.others.push_back(TextOf(name.d.dNSName));
      break;
    case GEN_EMAIL:
      names.others.push_back(TextOf(name.d.rfc822Name));
      break;
    case GEN_IPADD:
      names.addresses.push_back(AddressOf(name.d.iPAddress));
      break;
    default:
      break;
  }
}

}  // namespace

std::shared_ptr<ssl::context> MakeHttpTls(const std::string& identity,
                                          const std::string& authorities) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->use_certificate_chain(boost::asio::buffer(identity));
  context->use_private_key(boost::asio::buffer(identity), ssl::context::pem);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_alpn_select_cb(native, ChooseProtocol, nullptr);
  if (!authorities.empty()) {
    context->add_certificate_authority(boost::asio::buffer(authorities));
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }
  return context;
}

std::vector<std::string> CallerNames(const SSL* connection) {
  const X509* const certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr || SSL_get_verify_mode(connection) == SSL_VERIFY_NONE) return {};
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> found(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  AlternativeNames names;
  // In gRPC's order: calls are counted by the first name.
  for (const int type : {GEN_URI, GEN_DNS, GEN_EMAIL, GEN_IPADD}) {
    for (int i = 0; i < sk_GENERAL_NAME_num(found.get()); ++i) {
      const GENERAL_NAME& name = *sk_GENERAL_NAME_value(found.get(), i);
      if (name.type == type) Add(name, names);
    }
  }
  std::erase(names.addresses, "");
  return NamesOf(names);
}

}  // namespace fingerpost
