// What can be read on the HTTP/JSON port: the port's own description, and the policy that answers.
#pragma once

#include <string>
#include <string_view>

#include "core/message/result.h"
#include "rpc/callers.h"
#include "rpc/policy_news.h"
#include "server/http/server.h"
#include "server/http_report.h"
#include "server/settings.h"

namespace fingerpost {

class Documents {
 public:
  static constexpr char kMethods[] = "GET, HEAD";

  // Makes the description, in about 10 ms. `news` must outlive it.
  Documents(PolicyNews& news, const Settings& settings, const HttpReport::To& report = {});

  [[nodiscard]] static bool Has(std::string_view path);
  // Whether to answer may take milliseconds: a form of a large policy is made when it is first
  // asked for.
  [[nodiscard]] static bool TakesLong(std::string_view path);
  // Requires Has(call.path). 200, or 304 if the client has it already (RFC 9110 §13.1.2).
  [[nodiscard]] HttpAnswer Answer(const HttpCall& call) const;

 private:
  using Result = message::Result<HttpAnswer, v1::Error>;
  // Of the policy, or of the part that the query selects.
  [[nodiscard]] Result Policy(const HttpCall& call) const;
  [[nodiscard]] Result OpenApi(const HttpCall& call) const;

  PolicyNews& news_;
  const HttpReport::To report_;
  const AllowedCallers callers_;
  const std::string openapi_;
  const std::string openapi_tag_;
};

}  // namespace fingerpost
