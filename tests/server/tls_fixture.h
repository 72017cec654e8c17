// Shared by the tests of TLS on every port: the certificates.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/certificates.h"

namespace fingerpost::testing {

inline constexpr char kShop[] = "spiffe://example.org/ns/shop/sa/web";

class TlsFixture : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = std::make_unique<Certificates>();
    files_->MakeAuthority("ca");
    files_->MakeAuthority("other-ca");
    files_->Make("server", "ca", "DNS:localhost");
    files_->Make("renewed", "ca", "DNS:localhost");
    files_->Make("shop", "ca", std::string("URI:") + kShop);
    files_->Make("mail", "ca", "DNS:mail.example.org");
    files_->Make("stranger", "other-ca", std::string("URI:") + kShop);
    files_->Make("expired", "ca", std::string("URI:") + kShop, -1);
  }
  static void TearDownTestSuite() { files_.reset(); }

  // The server's arguments, after `more`.
  static std::vector<std::string> ServeTls(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--tls-cert", files_->Path("server.pem"), "--tls-key",
                             files_->Path("server.key")});
    return more;
  }
  static std::vector<std::string> ServeMutualTls(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--tls-client-ca", files_->Path("ca.pem")});
    return ServeTls(std::move(more));
  }

  static inline std::unique_ptr<Certificates> files_;
};

}  // namespace fingerpost::testing
