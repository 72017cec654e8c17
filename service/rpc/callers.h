// Who calls: the identity that a client certificate proves, and the list of those who may.
#pragma once

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>
#include <vector>

namespace fingerpost {

// The names of a verified client certificate: its SPIFFE id first, then the other subject
// alternative names. Empty without one.
[[nodiscard]] std::vector<std::string> CallerNames(const grpc::ServerContext& context);

class AllowedCallers {
 public:
  // Names as in the certificate; "*" at the end stands for any rest
  // ("spiffe://example.org/ns/shop/*"). Empty: everybody.
  explicit AllowedCallers(std::vector<std::string> patterns);

  [[nodiscard]] bool Allows(const grpc::ServerContext& context) const;
  [[nodiscard]] bool AllowsAnyOf(const std::vector<std::string>& names) const;

 private:
  [[nodiscard]] bool AllowsName(std::string_view name) const;

  std::vector<std::string> patterns_;
};

}  // namespace fingerpost
