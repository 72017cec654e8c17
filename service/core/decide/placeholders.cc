#include "core/decide/placeholders.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/http/fields.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::decide {
namespace {

constexpr size_t kMaxName = 64;
constexpr std::string_view kLower = "|lower";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsNameChar(char c) { return IsAlphanumeric(c) || c == '_' || c == '-'; }
bool IsSlash(char c) { return c == '/' || c == '\\'; }

// The URL parser ignores leading spaces.
std::string_view WithoutLeadingSpaces(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
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
// "/" cannot change it. `placed`: the placeholders before it that stand in the host.
bool FollowsHost(std::string_view target, const Parts& parts, const Placeholder& at, int placed) {
  if (parts.host == 0 || at.begin <= parts.host || at.end < parts.authority_end) return false;
  const std::string_view host = target.substr(parts.host, at.begin - parts.host);
  return std::count(host.begin(), host.end(), '{') == placed && host.back() != ':' &&
         host.back() != '@';
}

// Whether the placeholder stands in a host as whole labels before a fixed end.
bool StandsInHost(std::string_view target, const Parts& parts, const Placeholder& at) {
  if (parts.host == 0 || at.begin < parts.host || at.end >= parts.authority_end) return false;
  const std::string_view authority = target.substr(0, parts.authority_end);
  const std::string_view before = authority.substr(parts.host, at.begin - parts.host);
  const std::string_view after = authority.substr(at.end);
  return after.starts_with('.') && after.size() > 1 && after[1] != '{' &&
         (before.empty() || before.back() == '.') &&
         before.find_first_of("{:") == std::string_view::npos &&
         authority.find('@') == std::string_view::npos;
}

// Whether they are labels that change neither what is before nor what is after them.
bool AreLabels(std::string_view text) {
  const auto is_label_char = [](char c) { return IsNameChar(c) || c == '.'; };
  return !text.empty() && !text.starts_with('.') && !text.ends_with('.') &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), is_label_char);
}

// Whether the value is text, which is encoded as a whole.
bool IsText(ValueKind kind) { return kind == ValueKind::kParameter || kind == ValueKind::kHost; }

// Whether a value there could still make a scheme. Only encoded text cannot contain ":".
bool MayBeScheme(std::string_view before, ValueKind kind) {
  return !IsText(kind) && before.find_first_of("/\\?#") == std::string_view::npos;
}

constexpr std::string_view kInAuthority = "a placeholder cannot stand in scheme, host or port";
constexpr std::string_view kPlusElsewhere =
    "\"{+name}\" can stand in the path only; write \"{name}\"";
constexpr std::string_view kDotSegment = "would be a dot segment (\".\" or \"..\") in the path of ";
constexpr std::string_view kPartOfHost = "would be a part of the host of ";
constexpr std::string_view kNoLabels = "is not whole labels of a host in ";
constexpr std::string_view kControl = "has a control character in ";
constexpr std::string_view kTwoSlashes =
    "its values make it start with \"//\", which would name a host";
constexpr std::string_view kTooLong = "at most 65536 octets with its values";

// Why no value of `kind` may stand there; "" if it may. `placed` as in FollowsHost.
std::string_view Misplaced(std::string_view target, const Parts& parts, const Placeholder& at,
                           ValueKind kind, int placed) {
  if (at.begin < parts.authority_end) {
    const bool fits = kind == ValueKind::kHost   ? StandsInHost(target, parts, at)
                      : kind == ValueKind::kRest ? FollowsHost(target, parts, at, placed)
                                                 : false;
    if (!fits) return kInAuthority;
    return at.keeps_slashes && kind == ValueKind::kHost ? kPlusElsewhere : std::string_view();
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
    if (IsText(kind) && !at.keeps_slashes) {
      http::AppendEncoded(value, out_);
      return;
    }
    for (const char c : value) {
      if (IsText(kind) && c != '/') {
        http::AppendEncoded({&c, 1}, out_);
      } else {
        AppendToPath(c);
      }
      touched_by_ = at.name;
    }
  }

  void ValueElsewhere(std::string_view value, ValueKind kind, bool in_query) {
    if (IsText(kind)) {
      http::AppendEncoded(value, out_);
    } else if (in_query) {
      AppendToQuery(value, out_);
    } else {
      out_ += value;
    }
  }

  void Labels(const Placeholder& at, std::string_view value) {
    if (!AreLabels(value)) faults_.push_back({at.name, kNoLabels});
    out_ += value;
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

Placeholder NextPlaceholder(std::string_view text, size_t from) {
  for (size_t open = text.find('{', from); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    size_t i = open + 1;
    const bool plus = i < text.size() && text[i] == '+';
    if (plus) ++i;
    const size_t name = i;
    while (i < text.size() && i - name < kMaxName && IsNameChar(text[i])) ++i;
    const size_t end = i;
    const bool lower = text.substr(i).starts_with(kLower);
    if (lower) i += kLower.size();
    if (end > name && i < text.size() && text[i] == '}') {
      return {open, i + 1, text.substr(name, end - name), plus, lower};
    }
  }
  return {std::string_view::npos, 0, {}, false, false};
}

std::string_view UnknownTransformation(std::string_view text) {
  for (size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const size_t close = text.find_first_of("{}", open + 1);
    if (close == std::string_view::npos || text[close] != '}') continue;
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    const size_t bar = inside.find('|');
    if (bar == std::string_view::npos || bar == 0) continue;
    const std::string_view name = inside.substr(inside.starts_with('+') ? 1 : 0, bar);
    if (!name.empty() && IsNameChar(name.front()) && inside.substr(bar) != kLower) {
      return text.substr(open, close + 1 - open);
    }
  }
  return {};
}

void LowerValue(ValueKind kind, std::string& value) {
  if (IsText(kind)) {
    value = http::ToLowerAscii(value);
  } else {
    http::LowerCase(value);
  }
}

std::vector<std::string_view> SortedNames(const Parameters& parameters) {
  std::vector<std::string_view> names;
  names.reserve(parameters.size());
  for (const auto& entry : parameters) names.emplace_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

void CollectPlaceholders(std::string_view target, std::vector<std::string_view>& names) {
  for (Placeholder at = NextPlaceholder(target, 0); at.begin != std::string_view::npos;
       at = NextPlaceholder(target, at.end)) {
    names.push_back(at.name);
  }
}

std::string_view BeforePlaceholders(std::string_view target) {
  return target.substr(0, NextPlaceholder(target, 0).begin);
}

std::optional<std::string_view> HostAfterPlaceholder(std::string_view target) {
  target = WithoutLeadingSpaces(target);
  const Parts parts = Split(target);
  const Placeholder at = NextPlaceholder(target, 0);
  if (at.begin == std::string_view::npos || !StandsInHost(target, parts, at)) return std::nullopt;
  const size_t end = std::min(NextPlaceholder(target, at.end).begin, parts.authority_end);
  return target.substr(at.end, end - at.end);
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
  int placed = 0;
  for (Placeholder at = NextPlaceholder(target, 0); at.begin != std::string_view::npos;
       at = NextPlaceholder(target, at.end)) {
    const auto capture = FindCapture(captures, at.name);
    const ValueKind kind = capture == captures.end() ? ValueKind::kParameter : capture->kind;
    const std::string_view why = Misplaced(target, parts, at, kind, placed);
    if (kind == ValueKind::kHost) ++placed;
    if (why.empty()) continue;
    if (why != kInAuthority) return std::string(why);
    std::string text = "{";
    text += at.name;
    return text += kind == ValueKind::kHost
                       ? "} may be whole labels at the beginning of the host only, before a fixed "
                         "domain; write \"https://{1}.example.com/\""
                       : "} could choose the scheme, host or port; begin the target with \"/\" or "
                         "with \"https://host/\"";
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
  int placed = 0;
  std::string lowered;
  const auto literal_until = [&](size_t end) {
    const size_t path = std::clamp(parts.authority_end, from, end);
    const size_t rest = std::clamp(parts.path_end, path, end);
    filler.Literal(target.substr(from, path - from), false);
    filler.Literal(target.substr(path, rest - path), true);
    if (rest < end) filler.EndSegment();
    filler.Literal(target.substr(rest, end - rest), false);
    from = end;
  };
  for (Placeholder at = NextPlaceholder(target, 0); at.begin != std::string_view::npos;
       at = NextPlaceholder(target, at.end)) {
    const auto found = values.Find(at.name);
    if (!found) continue;
    const ValueKind kind = found->kind;
    std::string_view value = found->text;
    if (at.lower) {
      lowered.assign(value);
      LowerValue(kind, lowered);
      value = lowered;
    }
    literal_until(at.begin);
    from = at.end;
    if (const std::string_view why = Misplaced(target, parts, at, kind, placed); !why.empty()) {
      faults.push_back({{}, why});
    } else if (kind == ValueKind::kHost && at.begin < parts.authority_end) {
      ++placed;
      filler.Labels(at, value);
    } else if (!values.are_parameters() && IsText(kind) && http::HasControl(value)) {
      faults.push_back({at.name, kControl});
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
