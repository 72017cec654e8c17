// "{name}" in a target: replaced by a parameter, encoded for its place.
//
// "{name}" becomes one piece of a path segment, of a query or of a fragment: everything but
// unreserved characters (RFC 3986 §2.3) is percent-encoded, "/" too. "{+name}" stands in the path
// only and keeps "/", for the rest of a path that moved as a whole. A name is 1 to 64 letters,
// digits, "_" or "-"; other braces stand for themselves. No value can reach scheme, host or port,
// add a dot segment, or make the target start with "//".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/violations.h"
#include "google/protobuf/map.h"

namespace fingerpost {

using Parameters = google::protobuf::Map<std::string, std::string>;

[[nodiscard]] inline bool MayHavePlaceholders(std::string_view target) {
  return target.find('{') != std::string_view::npos;
}

// Appends text with everything but unreserved characters percent-encoded.
void AppendEncoded(std::string_view text, std::string& out);

// Adds a violation at `path` for each placeholder in a place where none may be.
void CheckPlaceholders(std::string_view target, std::string_view path, Violations& violations);

// The names in `target`, in order.
void CollectPlaceholders(std::string_view target, std::vector<std::string_view>& names);

// `target`, which CheckPlaceholders accepts, with its values. Adds a violation at
// parameters["name"] for a missing or impossible one.
[[nodiscard]] std::string FillPlaceholders(std::string_view target, const Parameters& parameters,
                                           std::string_view path, Violations& violations);

// Protobuf maps have no order of their own; answers need one.
[[nodiscard]] std::vector<std::string_view> SortedNames(const Parameters& parameters);

// parameters["name"].
[[nodiscard]] std::string ParameterPath(std::string_view name);

}  // namespace fingerpost
