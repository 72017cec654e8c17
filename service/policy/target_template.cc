#include "policy/target_template.h"

#include <algorithm>

#include "core/fields.h"

namespace fingerpost {
namespace {

constexpr size_t kMaxPlaceholder = 64;  // As in core/placeholders.h.

struct Placeholder {
  size_t begin;  // Of "{".
  size_t end;    // After "}".
  std::string_view name;
};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::optional<Placeholder> FindPlaceholder(std::string_view text, size_t from) {
  for (size_t open = text.find('{', from); open != text.npos; open = text.find('{', open + 1)) {
    const size_t name = text.substr(open + 1).starts_with('+') ? open + 2 : open + 1;
    size_t end = name;
    while (end < text.size() && end - name < kMaxPlaceholder && IsNameCharacter(text[end])) ++end;
    if (end > name && end < text.size() && text[end] == '}') {
      return Placeholder{open, end + 1, text.substr(name, end - name)};
    }
  }
  return std::nullopt;
}

std::string Quoted(std::string_view name) {
  std::string quoted = "{";
  quoted += name;
  return quoted += '}';
}

std::string Known(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + Quoted(name);
  return list;
}

bool IsSlash(std::string_view text, size_t at) {
  return at < text.size() && (text[at] == '/' || text[at] == '\\');
}

bool IsBareAuthority(std::string_view before) {
  return before.starts_with("https://") || before.starts_with("http://");
}

// Whether what follows `before` can no longer be a part of the scheme or the authority, as the
// WHATWG parser sees it: it takes "\\" for "/", skips slashes before a host, and drops tabs and
// line breaks.
bool AuthorityIsClosed(std::string_view before) {
  if (HasControl(before)) return false;
  if (IsBareAuthority(before)) {
    const size_t host = before.find("://") + 3;
    return !IsSlash(before, host) && before.find_first_of("/?#", host) != before.npos;
  }
  return before.starts_with('/') && !IsSlash(before, 1);
}

// A part of a path that becomes a part of a query's name or value.
void AppendToQuery(std::string_view capture, std::string& out) {
  for (const char c : capture) {
    switch (c) {
      case '&':
        out += "%26";
        break;
      case '+':
        out += "%2B";
        break;
      case '=':
        out += "%3D";
        break;
      case ';':
        out += "%3B";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

std::optional<TargetTemplate> TargetTemplate::Compile(std::string_view target,
                                                      std::span<const std::string> names,
                                                      std::optional<size_t> begins_with_slash,
                                                      std::string& what) {
  TargetTemplate result;
  size_t done = 0;
  for (auto found = FindPlaceholder(target, 0); found;
       found = FindPlaceholder(target, found->end)) {
    const std::string quoted = Quoted(found->name);
    const auto name = std::find(names.begin(), names.end(), found->name);
    if (name == names.end()) {
      what = quoted + " is not captured by the rule's match; " +
             (names.empty()
                  ? "match with path_prefix, path_glob or path_regex to capture a part of the path"
                  : "expected one of " + Known(names));
      return std::nullopt;
    }
    const auto capture = static_cast<size_t>(name - names.begin());
    const std::string_view before = target.substr(0, found->begin);
    if (!AuthorityIsClosed(before) && !(capture == begins_with_slash && IsBareAuthority(before))) {
      what = quoted +
             " could choose the scheme, host or port; begin the target with \"/\" or with "
             "\"https://host/\"";
      return std::nullopt;
    }
    const Place place = before.find('#') != before.npos   ? Place::kFragment
                        : before.find('?') != before.npos ? Place::kQuery
                                                          : Place::kPath;
    result.pieces_.push_back({std::string(before.substr(done)), capture, place});
    done = found->end;
  }
  result.tail_ = target.substr(done);
  return result;
}

std::string TargetTemplate::Expand(std::span<const std::string_view> captures) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.literal;
    std::string_view capture = captures[piece.capture];
    if (piece.place == Place::kQuery) {
      AppendToQuery(capture, out);
      continue;
    }
    if (piece.place == Place::kPath && out.ends_with('/')) {
      // "/{rest}" and "/a" make "/a": never "//a", which would be a host.
      capture.remove_prefix(std::min(capture.find_first_not_of('/'), capture.size()));
    }
    out += capture;
  }
  return out + tail_;
}

}  // namespace fingerpost
