// TLS of the gRPC port and of HTTP/JSON, and what the settings must say before anything is served
// in plaintext.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "server/certificate_files.h"
#include "server/settings.h"

namespace fingerpost {

// Throws Failure when the settings contradict each other, or when plaintext would reach other
// machines unasked.
void CheckTransport(const Settings& settings);

// Plaintext without `files`, which outlive the server.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> MakeCredentials(
    const CertificateFiles* files);

// "plaintext", "TLS" or "mutual TLS".
[[nodiscard]] std::string TransportName(const Settings& settings);

}  // namespace fingerpost
