#include "policy/document/reporter.h"

#include <algorithm>

namespace fingerpost::policy::document {

std::string MemberPath(std::string_view map, std::string_view key) {
  const bool simple = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  return std::string(map) + (simple ? "." : "[\"") + std::string(key) + (simple ? "" : "\"]");
}

std::string ElementPath(std::string_view list, int index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

}  // namespace fingerpost::policy::document
