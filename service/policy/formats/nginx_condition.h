// "if (…)" of nginx.
#pragma once

#include <string>
#include <vector>

#include "policy/formats/nginx_syntax.h"
#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

// What holds where a directive stands: its server, its location and each "if" around it.
struct NginxContext {
  // The source, the hosts and the conditions that a redirect has there.
  Redirect asks;
  // The path of its location, as it is written; "" in the server itself.
  std::string location;
  bool http_only = false;
  std::string raw_path;  // The variable that has the path as it came; "" where there is none.
  std::string map;       // A map's variable that is not empty.
  std::string labels;    // The group or variable that is "*" of its hosts; "" where there is none.
  int maps = 0;          // How many maps led here.
};

// Adds what the condition asks. Returns what of it the policy cannot say, or nothing. The report
// has what the policy says otherwise.
[[nodiscard]] std::string AddCondition(const Directive& condition, NginxContext& context,
                                       Report& report);

}  // namespace fingerpost::policy::formats
