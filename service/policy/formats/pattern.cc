#include "policy/formats/pattern.h"

namespace fingerpost::policy::formats {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Whether the "$" at the end is the end of the text.
bool EndsInDollar(std::string_view text) {
  if (!text.ends_with('$')) return false;
  size_t slashes = 0;
  while (slashes + 1 < text.size() && text[text.size() - 2 - slashes] == '\\') ++slashes;
  return slashes % 2 == 0;
}

// Whether it has a "|" outside of all groups: anchors then hold for a part of it only.
bool HasAlternatives(std::string_view text) {
  int depth = 0;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '|' && depth == 0) {
      return true;
    } else {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
  }
  return false;
}

}  // namespace

std::string SearchPattern(std::string_view expression) {
  if (HasAlternatives(expression)) return ".*(?:" + std::string(expression) + ").*";
  const bool begins = expression.starts_with('^');
  if (begins) expression.remove_prefix(1);
  const bool ends = EndsInDollar(expression);
  if (ends) expression.remove_suffix(1);
  std::string out = (begins ? "" : ".*") + std::string(expression);
  const bool open = !ends && !expression.ends_with(".*") && !expression.ends_with("(.*)");
  return open ? out + ".*" : out;
}

std::string GroupTarget(std::string_view target) {
  std::string out;
  for (size_t i = 0; i < target.size(); ++i) {
    const bool group =
        (target[i] == '$' || target[i] == '\\') && i + 1 < target.size() && IsDigit(target[i + 1]);
    if (group) {
      out += '{';
      out += target[++i];
      out += '}';
    } else {
      out += target[i];
    }
  }
  return out;
}

}  // namespace fingerpost::policy::formats
