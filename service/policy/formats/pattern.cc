#include "policy/formats/pattern.h"

#include "policy/compiled/regex.h"
#include "policy/formats/spelling.h"

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

// Where the group of that number begins, with its "("; npos without.
size_t GroupAt(std::string_view pattern, int number) {
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (in_class) {
      in_class = pattern[i] != ']';
    } else if (pattern[i] == '[') {
      in_class = true;
    } else if (pattern[i] == '(' && !pattern.substr(i).starts_with("(?") && --number == 0) {
      return i;
    }
  }
  return pattern.npos;
}

constexpr size_t kBehindScheme = std::string_view("https://").size();
constexpr std::string_view kEncodedBlank = "%20";

}  // namespace

bool FindsAll(std::string_view expression) {
  for (const std::string_view all : {"", "^", ".*", "^.*", "^.*$", "^/", "/", "^/.*", "^/.*$"}) {
    if (expression == all) return true;
  }
  return false;
}

bool KeepFromHost(std::string& pattern, std::string& target) {
  const size_t host = target.find("{0}");  // No group of the pattern.
  const size_t brace = target.find('{', host == target.npos ? 0 : host + 1);
  const bool behind_host =
      IsAbsolute(target) ? target.find('/', kBehindScheme) >= brace : brace == 0;
  if (brace == target.npos || !behind_host || brace + 2 >= target.size() ||
      !IsDigit(target[brace + 1])) {
    return true;
  }
  const size_t open = GroupAt(pattern, target[brace + 1] - '0');
  if (open == pattern.npos) return false;
  const std::string_view group = std::string_view(pattern).substr(open + 1);
  const size_t before = pattern.starts_with("(?i)") ? 4 : 0;
  if (group.starts_with('/')) {
    const size_t close = pattern.find(')', open);
    const bool optional = close + 1 < pattern.size() && pattern[close + 1] == '?';
    if (optional) pattern.insert(close, ")");
    pattern.replace(open, 2, optional ? "(?:/(" : "/(");
  } else if (group.starts_with(".*") && open == before) {
    pattern.insert(open, "/");
  } else {
    return false;
  }
  target.insert(brace, "/");
  return true;
}

std::optional<std::string> OnlyText(std::string_view pattern) {
  std::string text;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
      if (letter || IsDigit(next)) return std::nullopt;
      text += next;
    } else if (std::string_view(".+*?()[]{}^$|\\").find(pattern[i]) != std::string_view::npos) {
      return std::nullopt;
    } else {
      text += pattern[i];
    }
  }
  return text;
}

std::string SearchDecoded(std::string_view expression) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (size_t i = 0; i < expression.size(); ++i) {
    const auto octet = static_cast<unsigned char>(expression[i]);
    const bool escaped = expression[i] == '\\' && i + 1 < expression.size();
    if (escaped && (expression[i + 1] == 's' || expression[i + 1] == ' ')) {
      out += kEncodedBlank;
      ++i;
    } else if (escaped) {
      out += expression.substr(i++, 2);
    } else if (octet == ' ') {
      out += kEncodedBlank;
    } else if (octet >= 0x80 || octet == '%') {
      out += '%';
      out += kHex[octet >> 4];
      out += kHex[octet & 0xF];
    } else {
      out += expression[i];
    }
  }
  return SearchPattern(out);
}

std::string SearchPattern(std::string_view perl) {
  // Named groups, as RE2 writes them.
  std::string renamed;
  for (size_t i = 0; i < perl.size(); ++i) {
    renamed += perl[i];
    const bool named = perl.substr(i).starts_with("(?<") && i + 3 < perl.size() &&
                       perl[i + 3] != '=' && perl[i + 3] != '!';
    if (!named) continue;
    renamed += "?P";
    ++i;
  }
  std::string_view expression = renamed;
  if (compiled::MayHaveAlternatives(expression)) return ".*(?:" + std::string(expression) + ").*";
  const bool begins = expression.starts_with('^');
  if (begins) expression.remove_prefix(1);
  const bool ends = EndsInDollar(expression);
  if (ends) expression.remove_suffix(1);
  const bool any = begins || expression.starts_with(".*") || expression.starts_with("(.*)");
  std::string out = (any ? "" : ".*") + std::string(expression);
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
