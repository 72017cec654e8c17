// Callers: the identity that a client certificate proves, and the list of allowed ones.
#pragma once

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost {

// The subject alternative names of a certificate (RFC 5280 §4.2.1.6).
struct AlternativeNames {
  std::vector<std::string> uris;
  std::vector<std::string> others;  // DNS names and mail addresses
  std::vector<std::string> addresses;
};

// The names that may identify a caller, URIs first. A SPIFFE id counts if it is well-formed and the
// only URI (X509-SVID §2). A URI with a dot segment never counts, nor does a DNS name or mail
// address with a colon or a slash.
[[nodiscard]] std::vector<std::string> NamesOf(const AlternativeNames& certificate);

// NamesOf() the verified client certificate. Empty without one.
[[nodiscard]] std::vector<std::string> CallerNames(const grpc::ServerContext& context);

// The error for a caller that is not on the list.
[[nodiscard]] v1::Error NotAllowed();

class AllowedCallers {
 public:
  // Names as in the certificate; a final "*" stands for any rest
  // ("spiffe://example.org/ns/shop/*"). Empty: everybody.
  explicit AllowedCallers(std::vector<std::string> patterns);

  [[nodiscard]] bool Allows(const grpc::ServerContext& context) const;
  [[nodiscard]] bool AllowsAnyOf(const std::vector<std::string>& names) const;

 private:
  [[nodiscard]] bool AllowsName(std::string_view name) const;

  std::vector<std::string> patterns_;
};

}  // namespace fingerpost
