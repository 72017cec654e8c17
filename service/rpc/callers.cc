#include "rpc/callers.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <utility>

namespace fingerpost {

std::vector<std::string> CallerNames(const grpc::ServerContext& context) {
  const auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) return {};
  std::vector<std::string> names;
  for (const char* property : {GRPC_PEER_SPIFFE_ID_PROPERTY_NAME, GRPC_X509_SAN_PROPERTY_NAME}) {
    for (const grpc::string_ref& value : auth->FindPropertyValues(property)) {
      std::string name(value.data(), value.size());
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

AllowedCallers::AllowedCallers(std::vector<std::string> patterns)
    : patterns_(std::move(patterns)) {}

bool AllowedCallers::Allows(const grpc::ServerContext& context) const {
  return patterns_.empty() || AllowsAnyOf(CallerNames(context));
}

bool AllowedCallers::AllowsAnyOf(const std::vector<std::string>& names) const {
  return patterns_.empty() || std::any_of(names.begin(), names.end(),
                                          [this](const auto& name) { return AllowsName(name); });
}

bool AllowedCallers::AllowsName(std::string_view name) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [name](std::string_view pattern) {
    if (pattern.empty() || pattern.back() != '*') return name == pattern;
    pattern.remove_suffix(1);
    return name.substr(0, pattern.size()) == pattern;
  });
}

}  // namespace fingerpost
