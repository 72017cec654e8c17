#include "policy/formats/path_to_regexp.h"

#include <algorithm>

#include "policy/formats/cat.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view TakeName(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && IsNameCharacter(text[end])) ++end;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  return name;
}

// "(…)" off the front, with its parentheses; "" without one that ends.
std::string_view TakeGroup(std::string_view& text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && --depth == 0) {
      const std::string_view group = text.substr(0, i + 1);
      text.remove_prefix(i + 1);
      return group;
    }
  }
  return {};
}

}  // namespace

std::string_view PathToRegexp::Read(std::string_view source, Redirect& redirect) {
  if (!source.starts_with('/')) return "its source is no path";
  if (source.find_first_of(":({*") == source.npos) {
    redirect.path = source;
    return {};
  }
  redirect.source = Source::kPattern;
  std::string& pattern = redirect.path;
  std::string literal;
  const auto flush = [&]() {
    if (literal.empty()) return true;
    // Begins with "/" here only, so that it is a path.
    const bool begins = literal.starts_with('/');
    const auto quoted = LiteralPattern(begins ? literal : "/" + literal);
    if (quoted) pattern += begins ? *quoted : quoted->substr(1);
    literal.clear();
    return quoted.has_value();
  };
  while (!source.empty()) {
    const char c = source[0];
    if (c == '{' || c == '}' || c == '*') return "has a group \"{…}\" or a lone \"*\"";
    if (c == ':' || c == '(') {
      const bool slash = literal.ends_with('/');
      if (slash) literal.pop_back();
      if (!flush()) return "its source is no path of a URL";
      if (const std::string_view fault = Part(source, pattern, slash ? "/" : ""); !fault.empty()) {
        return fault;
      }
      continue;
    }
    if (c == '\\' && source.size() > 1) source.remove_prefix(1);
    literal += source[0];
    source.remove_prefix(1);
  }
  return flush() ? std::string_view() : "its source is no path of a URL";
}

// ":name", "(regex)" or ":name(regex)" with "?", "*" or "+"; the slash before it belongs to it.
std::string_view PathToRegexp::Part(std::string_view& source, std::string& pattern,
                                    std::string_view slash) {
  std::string_view name;
  if (source.starts_with(':')) {
    source.remove_prefix(1);
    name = TakeName(source);
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return "has a \":\" without a name";
  }
  std::string inner = "[^/]+";
  if (source.starts_with('(')) {
    const std::string_view group = TakeGroup(source);
    if (group.empty()) return "has a group that does not end";
    inner = group.substr(1, group.size() - 2);
    if (inner.starts_with("?!") || inner.starts_with("?=") || inner.starts_with("?<")) {
      return "has a look-around, which no pattern of a policy has";
    }
    if (inner.find('(') != std::string::npos) inner = Cat("(?:", inner, ")");
  }
  const char how = source.empty() ? '\0' : source[0];
  if (how == '?' || how == '*' || how == '+') source.remove_prefix(1);
  if (std::find(names_.begin(), names_.end(), name) != names_.end() && !name.empty()) {
    return "has the same name twice";
  }
  names_.emplace_back(name);
  if (how == '*' || how == '+') inner = Cat("(?:", inner, ")(?:/(?:", inner, "))*");
  const std::string group =
      name.empty() ? Cat("(", inner, ")") : Cat("(?P<", name, ">", inner, ")");
  const bool optional = how == '?' || how == '*';
  Append(pattern, optional ? Cat("(?:", slash, group, ")?") : Cat(slash, group));
  return {};
}

std::string PathToRegexp::Target(std::string_view destination, std::string_view labels) const {
  std::string out;
  while (!destination.empty()) {
    const char c = destination[0];
    std::string_view rest = destination.substr(1);
    const std::string_view name = c == ':' || c == '$' ? TakeName(rest) : std::string_view();
    const auto found = std::find(names_.begin(), names_.end(), name);
    const bool number = !name.empty() && name[0] >= '1' && name[0] <= '9' &&
                        static_cast<size_t>(name[0] - '0') <= names_.size();
    if (!name.empty() && c == ':' && name == labels) {
      out += "{0}";
    } else if (!name.empty() && c == ':' && found != names_.end()) {
      Append(out, "{", name, "}");
      if (!rest.empty() && (rest[0] == '*' || rest[0] == '+' || rest[0] == '?')) {
        const bool query = rest[0] == '?' && rest.find('=') != rest.npos;
        if (!query) rest.remove_prefix(1);
      }
    } else if (number) {
      const std::string& group = names_[static_cast<size_t>(name[0] - '1')];
      Append(out, "{", group.empty() ? name.substr(0, 1) : std::string_view(group), "}");
      rest = destination.substr(2);
    } else {
      out += WithoutPlaceholders({&c, 1});
      rest = destination.substr(1);
    }
    destination = rest;
  }
  return out;
}

}  // namespace fingerpost::policy::formats
