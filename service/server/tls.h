// TLS of the gRPC port: files that are checked before the port opens and read again when they
// change.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "server/settings.h"

namespace fingerpost {

// Throws Failure when the settings contradict each other, when plaintext would reach other machines
// unasked, or when a file cannot be used.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const Settings& settings);

// "plaintext", "TLS" or "mutual TLS".
[[nodiscard]] std::string TransportName(const Settings& settings);

// When the first certificate of a PEM file ends, in seconds since 1970-01-01 UTC. Throws Failure
// when there is none.
[[nodiscard]] int64_t CertificateExpiry(const std::string& path);

}  // namespace fingerpost
