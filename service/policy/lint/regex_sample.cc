#include "policy/lint/regex_sample.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace fingerpost::policy::lint {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxCopies = 64;

// Reads the expression once from left to right, and takes the first branch of each choice. What it
// does not understand makes a text that does not match, which is found out at the end.
class Sampler {
 public:
  Sampler(std::string_view regex, Optional optional, char letter)
      : rest_(regex), optional_(optional), letter_(letter) {}

  std::string Run() { return Choice(0); }

 private:
  std::string Choice(int depth) {
    std::string first = Sequence(depth);
    while (rest_.starts_with('|')) {
      rest_.remove_prefix(1);
      (void)Sequence(depth);
    }
    return first;
  }

  std::string Sequence(int depth) {
    std::string out;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const std::string atom = Atom(depth);
      for (int copies = Copies(); copies > 0; --copies) out += atom;
    }
    return out;
  }

  // How often the atom before it is taken.
  int Copies() {
    const int few = optional_ == Optional::kThere ? 1 : 0;
    int copies = 1;
    if (rest_.starts_with('*') || rest_.starts_with('?')) {
      copies = few;
      rest_.remove_prefix(1);
    } else if (rest_.starts_with('+')) {
      rest_.remove_prefix(1);
    } else if (rest_.starts_with('{')) {
      int least = 0;
      (void)std::from_chars(rest_.data() + 1, rest_.data() + rest_.size(), least);
      copies = std::min(std::max(least, few), kMaxCopies);
      rest_.remove_prefix(std::min(rest_.find('}'), rest_.size() - 1) + 1);
    }
    if (rest_.starts_with('?')) rest_.remove_prefix(1);  // Not greedy.
    return copies;
  }

  std::string Atom(int depth) {
    if (rest_.starts_with('(')) return Group(depth);
    if (rest_.starts_with('^') || rest_.starts_with('$')) {
      rest_.remove_prefix(1);
      return {};
    }
    size_t size = 1;
    if (rest_.starts_with('[')) size = EndOfClass();
    if (rest_.starts_with('\\')) size = 2;
    const std::string_view atom = rest_.substr(0, size);
    rest_.remove_prefix(atom.size());
    const bool is_literal = atom.size() == 1 && atom != ".";
    return is_literal ? std::string(atom) : OneOf(atom);
  }

  std::string Group(int depth) {
    rest_.remove_prefix(1);
    if (depth == kMaxDepth) return {};
    if (rest_.starts_with('?')) {
      // "?:", "?P<name>", "?i:", "?i)".
      const size_t end = rest_.find_first_of(":>)");
      if (end == rest_.npos) return {};
      const bool is_flag = rest_[end] == ')';
      rest_.remove_prefix(end + 1);
      if (is_flag) return {};
    }
    std::string out = Choice(depth + 1);
    if (rest_.starts_with(')')) rest_.remove_prefix(1);
    return out;
  }

  [[nodiscard]] size_t EndOfClass() const {
    size_t i = 1;
    if (i < rest_.size() && rest_[i] == '^') ++i;
    if (i < rest_.size() && rest_[i] == ']') ++i;
    while (i < rest_.size() && rest_[i] != ']') i += rest_[i] == '\\' ? 2 : 1;
    return std::min(i + 1, rest_.size());
  }

  // A character that the class, "." or escape matches; "" for "\b" and the like.
  [[nodiscard]] std::string OneOf(std::string_view atom) const {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 one(re2::StringPiece(atom.data(), atom.size()), options);
    if (one.ok() && RE2::FullMatch(re2::StringPiece(&letter_, 1), one)) return {letter_};
    constexpr std::string_view kTried =
        "1aX-_./ ~!$&'()*+,;=:@%?#[]{}^|\\\"<>`0234567bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
        "UVWYZ89";
    for (const char& c : kTried) {
      if (one.ok() && RE2::FullMatch(re2::StringPiece(&c, 1), one)) return {c};
    }
    return {};
  }

  std::string_view rest_;
  Optional optional_;
  char letter_;
};

}  // namespace

std::optional<std::string> SampleOf(const RE2& regex, Optional optional, char letter) {
  std::string sample = Sampler(regex.pattern(), optional, letter).Run();
  if (!RE2::FullMatch(sample, regex)) return std::nullopt;
  return sample;
}

}  // namespace fingerpost::policy::lint
