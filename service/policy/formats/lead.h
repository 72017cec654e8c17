// Redirects whose target has variables of a server: "https://$host$request_uri".
#pragma once

#include <string>

#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

class Leads {
 public:
  Leads(Redirects& redirects, Report& report) : redirects_(redirects), report_(report) {}

  // Appends `asks`, which has a source, hosts and conditions, with this target in nginx's
  // variables; once for each host where the target depends on the host. `http_only`: https never
  // asks.
  void Add(const Redirect& asks, std::string target, int code, v1::QueryMode query, bool http_only,
           Place place);
  // Appends it as it is.
  void Emit(Redirect redirect, std::string target, int code, v1::QueryMode query, Place place);

 private:
  void AddForHost(const Redirect& asks, const std::string& target, const std::string& host,
                  int code, v1::QueryMode query, Place place);

  Redirects& redirects_;
  Report& report_;
};

}  // namespace fingerpost::policy::formats
