#include "policy/compiled/names.h"

#include <algorithm>
#include <vector>

#include "core/message/nearest.h"

namespace fingerpost::policy::compiled {

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

void CheckName(std::string_view name, const message::Place& at, message::Faults& faults) {
  if (name.empty()) {
    faults.Error(at, "is missing; give it a name such as \"blog-moved\"");
  } else if (!IsName(name)) {
    faults.Error(at, "is not a name; use letters, digits, \"-\", \"_\" and \".\", at most 64");
  }
}

std::string OneOf(const google::protobuf::Map<std::string, v1::NamedIntent>& intents,
                  std::string_view meant) {
  constexpr size_t kShown = 8;
  if (intents.empty()) return "a name under intents, which is empty";
  message::Nearest nearest(meant);
  std::vector<std::string> names;
  for (const auto& [name, intent] : intents) {
    nearest.Offer(name);
    names.push_back(name);
  }
  if (!nearest.Best().empty()) return '"' + nearest.Best() + '"';
  std::sort(names.begin(), names.end());
  std::string text = "one of ";
  for (size_t i = 0; i < names.size() && i < kShown; ++i) {
    if (i > 0) text += ", ";
    text += names[i];
  }
  return names.size() > kShown ? text + ", …" : text;
}

}  // namespace fingerpost::policy::compiled
