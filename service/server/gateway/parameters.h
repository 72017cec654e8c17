// The parameters of /v1/gateway?pass=204&wrap=401.
#pragma once

#include <optional>
#include <string_view>

namespace fingerpost {

struct GatewayParameters {
  int pass = 204;
  std::optional<int> wrap = {};
};

// `pass`: the status without the parameter. nullopt unless the query is empty or has only these two
// parameters, each at most once and from 200 to 599.
[[nodiscard]] std::optional<GatewayParameters> ReadParameters(std::string_view query, int pass);

}  // namespace fingerpost
