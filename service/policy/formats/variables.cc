#include "policy/formats/variables.h"

#include <algorithm>

#include "policy/formats/cat.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Takes "$name" or "${name}" off the front; "" where there is none.
std::string_view TakeVariable(std::string_view& text) {
  const bool braces = text.starts_with("${");
  const size_t begin = braces ? 2 : 1;
  size_t end = begin;
  // "$1" is one digit, whatever follows.
  while (end < text.size() && IsWord(text[end])) {
    ++end;
    if (text[begin] >= '0' && text[begin] <= '9') break;
  }
  const std::string_view name = text.substr(begin, end - begin);
  text.remove_prefix(std::min(end + (braces ? 1 : 0), text.size()));
  return name;
}

bool IsHost(std::string_view name) {
  return name == "host" || name == "http_host" || name == "server_name";
}

}  // namespace

FilledTarget FillVariables(std::string_view target, std::string_view host,
                           const std::vector<std::string>& names) {
  FilledTarget out;
  if (target.starts_with("$scheme://")) {
    out.same_scheme = true;
    target.remove_prefix(std::string_view("$scheme").size());
    std::string_view rest = target.substr(3);
    if (rest.starts_with('$') && IsHost(TakeVariable(rest)) &&
        (rest.empty() || rest[0] == '/' || rest[0] == '$')) {
      target = rest;  // The request's own host.
      if (target.empty()) target = "/";
    } else {
      out.text = "https";
    }
  }
  while (!target.empty()) {
    if (target[0] != '$') {
      const std::string_view literal = target.substr(0, target.find('$'));
      out.text += WithoutPlaceholders(literal);
      target.remove_prefix(literal.size());
      continue;
    }
    const std::string_view name = TakeVariable(target);
    if (IsHost(name) && !host.empty()) {
      out.text += host.starts_with("*.") ? Cat("{0}", host.substr(1)) : std::string(host);
    } else if (name == kLabels) {
      out.text += "{0}";
    } else if (name == "request_uri" || name == "uri" || name == "document_uri") {
      out.text += "/{path}";
      out.whole_path = true;
      out.keeps_query = out.keeps_query || name == "request_uri";
    } else if (name == "is_args" &&
               (target.starts_with("$args") || target.starts_with("$query_string"))) {
      TakeVariable(target);
      out.keeps_query = true;
    } else if ((name == "args" || name == "query_string") && out.text.ends_with('?')) {
      out.text.pop_back();
      out.keeps_query = true;
    } else if ((!name.empty() && name[0] >= '1' && name[0] <= '9') ||
               std::find(names.begin(), names.end(), name) != names.end()) {
      Append(out.text, "{", name, "}");
    } else {
      out.unknown = Cat("$", name);
      return out;
    }
  }
  return out;
}

}  // namespace fingerpost::policy::formats
