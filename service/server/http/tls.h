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

// TLS 1.2 and later, HTTP/1.1 by ALPN, no resumption: each connection proves who it is. `identity`:
// key and chain, PEM. `authorities`, PEM: each client needs a certificate of theirs; "": none is
// asked for one. Throws std::exception.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> MakeHttpTls(
    const std::string& identity, const std::string& authorities);

// The names of the verified client certificate, as rpc/callers.h has them. Empty without one.
[[nodiscard]] std::vector<std::string> CallerNames(const SSL* connection);

}  // namespace fingerpost
