#include "policy/compiled/regex.h"

#include <string_view>

namespace fingerpost::policy::compiled {
namespace {

// The size of a program's instruction, in octets.
constexpr int64_t kInstruction = 16;

// What to write in place of a syntax that RE2 does not know.
std::string_view Advice(const RE2& regex) {
  const std::string& argument = regex.error_arg();
  if (argument.starts_with("(?<") && !argument.starts_with("(?<=") &&
      !argument.starts_with("(?<!")) {
    return "; a group is named (?P<name>…)";
  }
  return regex.error_code() == RE2::ErrorBadPerlOp
             ? "; RE2 has no look-around and no back-references"
             : "; see https://github.com/google/re2/wiki/Syntax";
}

}  // namespace

bool MayHaveAlternatives(std::string_view regex) {
  if (regex.find("\\Q") != regex.npos) return true;  // Quoted text would have to be understood.
  size_t depth = 0;
  bool in_class = false;
  for (size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    if (c == '\\') {
      ++i;
    } else if (in_class) {
      if (c == '[') return true;  // "[[:alpha:]": its "]" ends no class.
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (i + 1 < regex.size() && regex[i + 1] == '^') ++i;
      if (i + 1 < regex.size() && regex[i + 1] == ']') ++i;  // There it is a character.
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (depth-- == 0) return true;
    } else if (c == '|' && depth == 0) {
      return true;
    }
  }
  return depth != 0 || in_class;
}

std::shared_ptr<const RE2> RegexCompiler::Compile(const std::string& text, const message::Place& at,
                                                  message::Faults& faults, bool case_sensitive) {
  if (text.size() > kMaxRegex) {
    faults.Error(at, "is longer than 1024 octets; use a map for a list of paths");
    return nullptr;
  }
  if (left_ <= 0) {
    faults.Error(at,
                 "comes after regular expressions that take 64 MiB together; use paths, prefixes "
                 "or a map");
    return nullptr;
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  options.set_case_sensitive(case_sensitive);
  auto regex = std::make_shared<RE2>(text, options);
  if (!regex->ok()) {
    faults.Error(at, "is not an RE2 pattern: " + regex->error() + std::string(Advice(*regex)));
    return nullptr;
  }
  left_ -= int64_t{regex->ProgramSize()} * kInstruction;
  if (regex->NumberOfCapturingGroups() > kMaxCaptures) {
    faults.Error(at, "has more than 16 groups; write (?:…) for those that no target uses");
    return nullptr;
  }
  return regex;
}

}  // namespace fingerpost::policy::compiled
