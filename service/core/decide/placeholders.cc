#include "core/decide/placeholders.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/http/fields.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::decide {
namespace {

constexpr size_t kMaxName = 64;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsSlash(char c) { return c == '/' || c == '\\'; }

// The URL parser ignores leading spaces.
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

// The first placeholder at or after `from`; begin is npos if there is none.
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

// Where the parts of a target begin for the WHATWG parser, which reads "\" as "/", accepts any
// number of slashes before the host, and reads "https:host" without any.
struct Parts {
  size_t host;           // After the slashes, or 0 without an authority.
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
  parts.host = host;
  parts.authority_end = std::min(head.find_first_of("/\\", host), head.size());
  return parts;
}

// WHATWG URL Standard §4.1, "single-dot" and "double-dot URL path segment".
bool IsDotSegment(std::string_view segment) {
  int dots = 0;
  while (!segment.empty()) {
    if (segment[0] == '.') {
      segment.remove_prefix(1);
    } else if (http::StartsWithIgnoreCase(segment, "%2e")) {
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

// Whether the host is complete before the placeholder, so that a value that is empty or begins with
// "/" cannot change it.
bool FollowsHost(std::string_view target, const Parts& parts, const Placeholder& at) {
  if (parts.host == 0 || at.begin <= parts.host || at.end < parts.authority_end) return false;
  const std::string_view host = target.substr(parts.host, at.begin - parts.host);
  return host.find('{') == std::string_view::npos && host.back() != ':' && host.back() != '@';
}

// Whether a value there could still make a scheme. Only parameters cannot contain ":".
bool MayBeScheme(std::string_view before, ValueKind kind) {
  return kind != ValueKind::kParameter && before.find_first_of("/\\?#") == std::string_view::npos;
}

constexpr std::string_view kInAuthority = "a placeholder cannot stand in scheme, host or port";
constexpr std::string_view kPlusElsewhere =
    "\"{+name}\" can stand in the path only; write \"{name}\"";
constexpr std::string_view kDotSegment = "would be a dot segment (\".\" or \"..\") in the path of ";
constexpr std::string_view kPartOfHost = "would be a part of the host of ";
constexpr std::string_view kTwoSlashes =
    "its values make it start with \"//\", which would name a host";
constexpr std::string_view kTooLong = "at most 65536 octets with its values";

// Why no value of `kind` may stand there; "" if it may.
std::string_view Misplaced(std::string_view target, const Parts& parts, const Placeholder& at,
                           ValueKind kind) {
  if (at.begin < parts.authority_end) {
    return kind == ValueKind::kRest && FollowsHost(target, parts, at) ? std::string_view()
                                                                      : kInAuthority;
  }
  if (MayBeScheme(target.substr(0, at.begin), kind)) return kInAuthority;
  return at.keeps_slashes && at.begin >= parts.path_end ? kPlusElsewhere : std::string_view();
}

// Appends a part of a path as a part of a query's name or value.
void AppendToQuery(std::string_view capture, std::string& out) {
  for (const char c : capture) {
    if (c == '&' || c == '+' || c == '=' || c == ';') {
      http::AppendEncoded({&c, 1}, out);
    } else {
      out += c;
    }
  }
}

// Builds the filled-in text, and checks each path segment with a value.
class Filler {
 public:
  explicit Filler(std::vector<ValueFault>& faults) : faults_(faults) {}

  void Literal(std::string_view text, bool in_path) {
    if (!in_path) {
      out_ += text;
      return;
    }
    for (const char c : text) AppendToPath(c);
  }

  void ValueInPath(const Placeholder& at, std::string_view value, ValueKind kind) {
    touched_by_ = at.name;
    if (kind == ValueKind::kParameter && !at.keeps_slashes) {
      http::AppendEncoded(value, out_);
      return;
    }
    for (const char c : value) {
      if (kind == ValueKind::kParameter && c != '/') {
        http::AppendEncoded({&c, 1}, out_);
      } else {
        AppendToPath(c);
      }
      touched_by_ = at.name;
    }
  }

  void ValueElsewhere(std::string_view value, ValueKind kind, bool in_query) {
    if (kind == ValueKind::kParameter) {
      http::AppendEncoded(value, out_);
    } else if (in_query) {
      AppendToQuery(value, out_);
    } else {
      out_ += value;
    }
  }

  void EndSegment() {
    if (!touched_by_.empty() && IsDotSegment(std::string_view(out_).substr(segment_))) {
      faults_.push_back({touched_by_, kDotSegment});
    }
    touched_by_ = {};
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  void AppendToPath(char c) {
    if (IsSlash(c)) EndSegment();
    out_ += c;
    if (IsSlash(c)) segment_ = out_.size();
  }

  std::vector<ValueFault>& faults_;
  std::string out_;
  size_t segment_ = 0;
  std::string_view touched_by_;
};

auto FindCapture(std::span<const Capture> captures, std::string_view name) {
  return std::find_if(captures.begin(), captures.end(),
                      [name](const Capture& capture) { return capture.name == name; });
}

}  // namespace

std::vector<std::string_view> SortedNames(const Parameters& parameters) {
  std::vector<std::string_view> names;
  names.reserve(parameters.size());
  for (const auto& entry : parameters) names.emplace_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

void CollectPlaceholders(std::string_view target, std::vector<std::string_view>& names) {
  for (Placeholder at = Next(target, 0); at.begin != std::string_view::npos;
       at = Next(target, at.end)) {
    names.push_back(at.name);
  }
}

std::string_view BeforePlaceholders(std::string_view target) {
  return target.substr(0, Next(target, 0).begin);
}

std::optional<Values::Value> Values::Find(std::string_view name) const {
  if (parameters_ != nullptr) {
    const auto found = parameters_->find(std::string(name));
    if (found == parameters_->end()) return std::nullopt;
    return Value{found->second, ValueKind::kParameter};
  }
  const auto found = FindCapture(captures_, name);
  if (found == captures_.end()) return std::nullopt;
  return Value{values_[static_cast<size_t>(found - captures_.begin())], found->kind};
}

std::string MisplacedPlaceholder(std::string_view target, std::span<const Capture> captures) {
  target = WithoutLeadingSpaces(target);
  const Parts parts = Split(target);
  for (Placeholder at = Next(target, 0); at.begin != std::string_view::npos;
       at = Next(target, at.end)) {
    const auto capture = FindCapture(captures, at.name);
    const ValueKind kind = capture == captures.end() ? ValueKind::kParameter : capture->kind;
    const std::string_view why = Misplaced(target, parts, at, kind);
    if (why.empty()) continue;
    if (why != kInAuthority) return std::string(why);
    std::string text = "{";
    text += at.name;
    return text +=
           "} could choose the scheme, host or port; begin the target with \"/\" or with "
           "\"https://host/\"";
  }
  return {};
}

std::string FillPlaceholders(std::string_view target, const Values& values,
                             std::vector<ValueFault>& faults) {
  const size_t before = faults.size();
  target = WithoutLeadingSpaces(target);
  const Parts parts = Split(target);
  Filler filler(faults);
  size_t from = 0;
  const auto literal_until = [&](size_t end) {
    const size_t path = std::clamp(parts.authority_end, from, end);
    const size_t rest = std::clamp(parts.path_end, path, end);
    filler.Literal(target.substr(from, path - from), false);
    filler.Literal(target.substr(path, rest - path), true);
    if (rest < end) filler.EndSegment();
    filler.Literal(target.substr(rest, end - rest), false);
    from = end;
  };
  for (Placeholder at = Next(target, 0); at.begin != std::string_view::npos;
       at = Next(target, at.end)) {
    const auto found = values.Find(at.name);
    if (!found) continue;
    const ValueKind kind = found->kind;
    std::string_view value = found->text;
    literal_until(at.begin);
    from = at.end;
    if (const std::string_view why = Misplaced(target, parts, at, kind); !why.empty()) {
      faults.push_back({{}, why});
    } else if (filler.text().size() > http::kMaxUrl) {
      faults.push_back({{}, kTooLong});
      return {};
    } else if (at.begin >= parts.path_end) {
      filler.ValueElsewhere(value, kind, at.begin < parts.fragment);
    } else {
      if (kind == ValueKind::kRest && value.starts_with('/') && at.begin > 0 &&
          target[at.begin - 1] == '/') {
        value.remove_prefix(1);
      } else if (at.begin < parts.authority_end && !value.empty() && !value.starts_with('/')) {
        faults.push_back({at.name, kPartOfHost});
      }
      filler.ValueInPath(at, value, kind);
    }
  }
  literal_until(target.size());
  filler.EndSegment();
  if (faults.size() == before && StartsWithTwoSlashes(filler.text()) &&
      !StartsWithTwoSlashes(target)) {
    faults.push_back({{}, kTwoSlashes});
  }
  return filler.Take();
}

}  // namespace fingerpost::decide
