// One request over TLS with a real client.
#pragma once

#include <string>

namespace fingerpost::testing {

struct TlsAnswer {
  std::string fault;  // "" for none
  long status = 0;
  std::string head;
  std::string server;  // the subject of its certificate
};

// GET https://HOST/PATH from `address`. `authorities`: PEM, whom the client trusts. `client`: its
// certificate and key without ".pem" and ".key"; "" for none.
[[nodiscard]] TlsAnswer AskOverTls(const std::string& address, const std::string& host,
                                   const std::string& path, const std::string& authorities,
                                   const std::string& client = "");

}  // namespace fingerpost::testing
