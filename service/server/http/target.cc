#include "server/http/target.h"

namespace fingerpost {

RequestTarget SplitTarget(std::string_view text) {
  RequestTarget target;
  const size_t colon = text.find("://");
  if (!text.starts_with('/') && colon != text.npos) {
    text.remove_prefix(colon + 3);
    target.authority = text.substr(0, text.find_first_of("/?"));
    text.remove_prefix(target.authority.size());
    if (text.empty()) text = "/";
  }
  const size_t mark = text.find('?');
  target.path = text.substr(0, mark);
  if (mark != text.npos) target.query = text.substr(mark + 1);
  return target;
}

std::string_view TargetIn(std::string_view octets) {
  const std::string_view line = octets.substr(0, octets.find_first_of("\r\n"));
  const size_t space = line.find(' ');
  if (space == line.npos) return {};
  const std::string_view rest = line.substr(space + 1);
  return rest.substr(0, rest.find(' '));
}

}  // namespace fingerpost
