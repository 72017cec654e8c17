// What can be read on the HTTP/JSON port: the port's own description, and the policy that answers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "policy/load/store.h"
#include "rpc/callers.h"
#include "server/http/server.h"
#include "server/settings.h"

namespace fingerpost {

class Documents {
 public:
  static constexpr char kMethods[] = "GET, HEAD";

  // Makes the description, in about 10 ms.
  Documents(const policy::load::Store& store, const Settings& settings);

  [[nodiscard]] static bool Has(std::string_view path);
  // Requires Has(call.path). 200, or 304 if the client has it already (RFC 9110 §13.1.2).
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  // A representation; its content lives as long as `held`.
  struct Representation {
    std::string_view type;
    std::string tag;
    std::string_view content;
    std::shared_ptr<const void> held;
  };
  [[nodiscard]] Representation Policy(const HttpCall& call) const;

  const policy::load::Store& store_;
  const AllowedCallers callers_;
  const std::string openapi_;
  const std::string openapi_tag_;
};

}  // namespace fingerpost
