#include "core/placeholders.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/fields.h"

namespace fingerpost {
namespace {

constexpr size_t kMaxName = 64;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsUnreserved(char c) {
  return IsAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
bool IsSlash(char c) { return c == '/' || c == '\\'; }

// The URL parser does not see them, so what follows them is the beginning.
std::string_view WithoutLeadingSpaces(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

struct Placeholder {
  size_t begin;  // of "{"
  size_t end;    // after "}"
  std::string_view name;
  bool keeps_slashes;
};

// The first placeholder at or after `from`; begin is npos when there is none.
Placeholder Next(std::string_view text, size_t from) {
  for (size_t open = text.find('{', from); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    size_t i = open + 1;
    const bool plus = i < text.size() && text[i] == '+';
    if (plus) ++i;
    const size_t name = i;
    while (i < text.size() && i - name < kMaxName &&
           (IsAlphanumeric(text[i]) || text[i] == '_' || text[i] == '-')) {
      ++i;
    }
    if (i > name && i < text.size() && text[i] == '}') {
      return {open, i + 1, text.substr(name, i - name), plus};
    }
  }
  return {std::string_view::npos, 0, {}, false};
}

// Where the parts of a target begin, as the WHATWG parser will see them: it takes "\" for "/", any
// number of slashes before the host, and "https:host" without any.
struct Parts {
  size_t authority_end;  // Scheme and authority are before it; 0 without either.
  size_t path_end;       // "?" or "#" or the end.
  size_t fragment;       // "#" or the end.
};

Parts Split(std::string_view text) {
  Parts parts{};
  parts.fragment = std::min(text.find('#'), text.size());
  parts.path_end = std::min(text.find('?'), parts.fragment);
  const std::string_view head = text.substr(0, parts.path_end);
  const size_t first = head.find_first_of(":/\\");
  if (first == std::string_view::npos) return parts;
  size_t host = 0;
  if (head[first] == ':') {
    host = first + 1;
  } else if (first != 0 || head.size() < 2 || !IsSlash(head[1])) {
    return parts;
  }
  while (host < head.size() && IsSlash(head[host])) ++host;
  parts.authority_end = std::min(head.find_first_of("/\\", host), head.size());
  return parts;
}

// WHATWG URL Standard §4.1, "single-dot" and "double-dot URL path segment".
bool IsDotSegment(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    if (segment[0] == '.') {
      segment.remove_prefix(1);
    } else if (StartsWithIgnoreCase(segment, "%2e")) {
      segment.remove_prefix(3);
    } else {
      return false;
    }
    ++dots;
  }
  return dots == 1 || dots == 2;
}

bool StartsWithTwoSlashes(std::string_view text) {
  return text.size() >= 2 && IsSlash(text[0]) && IsSlash(text[1]);
}

// Builds the filled-in text and watches each path segment that a value went into.
class Filler {
 public:
  Filler(std::string_view path, Violations& violations) : path_(path), violations_(violations) {}

  void Literal(std::string_view text, bool in_path) {
    for (const char c : text) {
      if (in_path && IsSlash(c)) EndSegment();
      out_ += c;
      if (in_path && IsSlash(c)) segment_ = out_.size();
    }
  }

  void Value(const Placeholder& placeholder, std::string_view value, bool in_path) {
    if (!in_path) {
      AppendEncoded(value, out_);
      return;
    }
    touched_by_ = placeholder.name;
    while (placeholder.keeps_slashes) {
      const size_t slash = value.find('/');
      if (slash == std::string_view::npos) break;
      AppendEncoded(value.substr(0, slash), out_);
      Literal("/", true);
      touched_by_ = placeholder.name;
      value.remove_prefix(slash + 1);
    }
    AppendEncoded(value, out_);
  }

  void EndSegment() {
    if (!touched_by_.empty() && IsDotSegment(std::string_view(out_).substr(segment_))) {
      violations_.Add(
          ParameterPath(touched_by_),
          "would be a dot segment (\".\" or \"..\") in the path of " + std::string(path_));
    }
    touched_by_ = {};
  }

  [[nodiscard]] size_t size() const { return out_.size(); }
  std::string Take() { return std::move(out_); }

 private:
  std::string_view path_;
  Violations& violations_;
  std::string out_;
  size_t segment_ = 0;
  std::string_view touched_by_;
};

}  // namespace

void AppendEncoded(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      const auto octet = static_cast<uint8_t>(c);
      out += '%';
      out += kHex[octet >> 4];
      out += kHex[octet & 15];
    }
  }
}

std::string ParameterPath(std::string_view name) {
  std::string path = "parameters[\"";
  path += name;
  path += "\"]";
  return path;
}

std::vector<std::string_view> SortedNames(const Parameters& parameters) {
  std::vector<std::string_view> names;
  names.reserve(parameters.size());
  for (const auto& entry : parameters) names.emplace_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

void CheckPlaceholders(std::string_view target, std::string_view path, Violations& violations) {
  target = WithoutLeadingSpaces(target);
  const Parts parts = Split(target);
  for (Placeholder at = Next(target, 0); at.begin != std::string_view::npos;
       at = Next(target, at.end)) {
    if (at.begin < parts.authority_end) {
      violations.Add(path, "a placeholder cannot stand in scheme, host or port");
      return;
    }
    if (at.keeps_slashes && at.begin >= parts.path_end) {
      violations.Add(path, "\"{+name}\" can stand in the path only; write \"{name}\"");
      return;
    }
  }
}

void CollectPlaceholders(std::string_view target, std::vector<std::string_view>& names) {
  for (Placeholder at = Next(target, 0); at.begin != std::string_view::npos;
       at = Next(target, at.end)) {
    names.push_back(at.name);
  }
}

std::string FillPlaceholders(std::string_view target, const Parameters& parameters,
                             std::string_view path, Violations& violations) {
  const int faults = violations.size();
  target = WithoutLeadingSpaces(target);
  const Parts parts = Split(target);
  Filler filler(path, violations);
  filler.Literal(target.substr(0, parts.authority_end), false);
  size_t from = parts.authority_end;
  const auto literal_until = [&](size_t end) {
    const size_t in_path = std::clamp(parts.path_end, from, end);
    filler.Literal(target.substr(from, in_path - from), true);
    if (in_path < end) filler.EndSegment();
    filler.Literal(target.substr(in_path, end - in_path), false);
  };
  for (Placeholder at = Next(target, from); at.begin != std::string_view::npos;
       at = Next(target, at.end)) {
    literal_until(at.begin);
    if (filler.size() > kMaxUrl) {
      violations.Add(path, "at most 65536 octets with its parameters");
      return {};
    }
    const auto value = parameters.find(std::string(at.name));
    if (value == parameters.end()) {
      violations.Add(ParameterPath(at.name),
                     "required: " + std::string(path) + " has {" + std::string(at.name) + "}");
    } else {
      filler.Value(at, value->second, at.begin < parts.path_end);
    }
    from = at.end;
  }
  literal_until(target.size());
  filler.EndSegment();
  std::string filled = filler.Take();
  if (violations.size() == faults && StartsWithTwoSlashes(filled) &&
      !StartsWithTwoSlashes(target)) {
    violations.Add(path, "its parameters make it start with \"//\", which would name a host");
  }
  return filled;
}

}  // namespace fingerpost
