#include "server/gateway/parameters.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace fingerpost {
namespace {

std::optional<int> ReadStatus(std::string_view text) {
  int status = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, status);
  if (fault != std::errc() || stop != end || text.size() != 3 || status < 200 || status > 599)
    return {};
  return status;
}

}  // namespace

std::optional<GatewayParameters> ReadParameters(std::string_view query, int pass) {
  GatewayParameters parameters{.pass = pass};
  bool has_pass = false;
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    const std::optional<int> status =
        ReadStatus(one.substr(std::min(one.find('=') + 1, one.size())));
    if (!status) return {};
    if (one.starts_with("pass=") && !std::exchange(has_pass, true)) {
      parameters.pass = *status;
    } else if (one.starts_with("wrap=") && !parameters.wrap) {
      parameters.wrap = status;
    } else {
      return {};
    }
  }
  return parameters;
}

}  // namespace fingerpost
