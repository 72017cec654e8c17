// TLS of an HTTP port: the same certificate and client authorities as gRPC's.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace fingerpost {

// TLS 1.2 and later, HTTP/1.1 by ALPN, no resumption, so that each connection authenticates.
// `identity`: key and chain, PEM. `authorities`: PEM; each client needs a certificate signed by one
// of them; "": clients need none. Throws std::exception.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> MakeHttpTls(
    const std::string& identity, const std::string& authorities);

// The names in the verified client certificate, as in rpc/callers.h. Empty without one.
[[nodiscard]] std::vector<std::string> CallerNames(const SSL* connection);

}  // namespace fingerpost
