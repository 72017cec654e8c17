// The map blocks of nginx, whose variables stand in its redirects.
#pragma once

#include <absl/container/btree_map.h>

#include <string>
#include <vector>

#include "policy/formats/nginx_syntax.h"
#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

struct NginxMap {
  // One row: what it asks of a request, in the members of a redirect, and its value.
  struct Row {
    Redirect asks;
    std::string value;
    std::string labels;  // As NginxContext::labels.
  };
  std::vector<Row> rows;  // In the order in which nginx tries them, the default last.
};

// By variable, without its "$".
using NginxMaps = absl::btree_map<std::string, NginxMap, std::less<>>;

// Reads "map $uri $name { … }". What it looks at and the policy cannot is reported.
void ReadNginxMap(const Directive& map, NginxMaps& maps, Report& report);

// The variable of 'map $request_uri $name { "~^(?<path>[^?]*)" $path; }', the path as it came; ""
// of any other map.
[[nodiscard]] std::string RawPathOf(const Directive& map);

// Whether the directive is a row that stands alone, in a file for a map to include.
[[nodiscard]] bool IsMapRow(const Directive& directive);

// The rows of such a file, as those of a map of $uri.
[[nodiscard]] NginxMap RowsOf(const std::vector<Directive>& rows, Report& report);

}  // namespace fingerpost::policy::formats
