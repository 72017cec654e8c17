#include "policy/formats/ids.h"

#include <string_view>

#include "policy/formats/cat.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxId = 40;

// A pattern without what is no text.
std::string Readable(std::string_view pattern) {
  std::string out;
  int depth = 0;
  for (const char c : pattern) {
    depth += c == '(' || c == '[' ? 1 : 0;
    if (depth == 0) out += c;
    depth -= (c == ')' || c == ']') && depth > 0 ? 1 : 0;
  }
  return out;
}

}  // namespace

std::string Ids::For(const Redirect& redirect) {
  std::string id;
  for (const char c :
       redirect.source == Source::kPattern ? Readable(redirect.path) : redirect.path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool upper = c >= 'A' && c <= 'Z';
    if (id.size() == kMaxId) break;
    if (letter || upper) {
      id += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  while (id.ends_with('-')) id.pop_back();
  if (id == "null") id = "path-null";  // YAML's nothing.
  if (id.empty()) id = redirect.source == Source::kExact ? "start" : "everything";
  const size_t count = ++used_[id];
  return count == 1 ? id : For(redirect, Cat(id, "-", count));
}

std::string Ids::For(const Redirect& redirect, const std::string& id) {
  return used_[id]++ == 0 ? id : For(redirect, Cat(id, "-", redirect.place.line));
}

}  // namespace fingerpost::policy::formats
