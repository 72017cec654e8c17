// Certificates for a test, made by openssl in a separate directory.
#pragma once

#include <grpcpp/security/credentials.h>

#include <filesystem>
#include <memory>
#include <string>

namespace fingerpost::testing {

class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  // A certificate authority: NAME.pem and NAME.key.
  void MakeAuthority(const std::string& name) const;
  // NAME.pem and NAME.key, signed by `authority`; `alternative` as "DNS:localhost" or
  // "URI:spiffe://…". Negative days: expired.
  void Make(const std::string& name, const std::string& authority, const std::string& alternative,
            int days = 1) const;

  [[nodiscard]] std::string Path(const std::string& file) const;
  [[nodiscard]] std::string Read(const std::string& file) const;
  // Trusts `authority`; uses `client`'s certificate unless it is empty.
  [[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> Client(const std::string& authority,
                                                                 const std::string& client) const;

 private:
  void OpenSsl(const std::string& arguments) const;

  std::filesystem::path directory_;
};

}  // namespace fingerpost::testing
