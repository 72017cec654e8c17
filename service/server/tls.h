// TLS of the gRPC port and of HTTP/JSON, and the conditions for plaintext.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "server/certificate_files.h"
#include "server/settings.h"

namespace fingerpost {

// Throws Failure if the settings contradict each other, or if other machines could reach plaintext
// without --insecure.
void CheckTransport(const Settings& settings);

// Plaintext without `files`, which must outlive the server.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> MakeCredentials(
    const CertificateFiles* files);

// "plaintext", "TLS" or "mutual TLS".
[[nodiscard]] std::string TransportName(const Settings& settings);

}  // namespace fingerpost
