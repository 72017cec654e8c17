#include "policy/formats/nginx_syntax.h"

#include <algorithm>
#include <optional>

#include "policy/formats/beside.h"

namespace fingerpost::policy::formats {
namespace {

constexpr int kMaxDepth = 16;
// As many as a policy has rows. The memory of each is some 150 octets, whatever it says.
constexpr size_t kMaxDirectives = 4'000'000;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Parser {
 public:
  // `read` counts the directives of all files.
  Parser(std::string_view text, uint16_t index, Beside& beside, size_t& read, Report& report)
      : text_(text), place_{1, index}, beside_(beside), read_(read), report_(report) {}

  // A block's directives, or the file's. `depth` is that of the first call where a file that is
  // included in a block begins.
  std::vector<Directive> Whole(int depth) {
    base_ = depth;
    return Block(depth);
  }

 private:
  std::vector<Directive> Block(int depth) {
    std::vector<Directive> block;
    while (!failed_) {
      std::optional<Directive> directive = Next(depth);
      if (!directive) break;
      if (++read_ > kMaxDirectives) {
        Fail(directive->place, "is one directive more than 4000000");
        break;
      }
      if (directive->name() == "include" && directive->words.size() == 2) {
        Include(*directive, depth, block);
      } else {
        block.push_back(std::move(*directive));
      }
    }
    return block;
  }

  void Include(const Directive& directive, int depth, std::vector<Directive>& block) {
    for (const auto& [file, index] : beside_.Read(directive.words[1], directive.place, report_)) {
      std::string_view text;
      if (!IsReadable(file, index, report_, text)) continue;
      for (Directive& included : Parser(text, index, beside_, read_, report_).Whole(depth)) {
        block.push_back(std::move(included));
      }
    }
  }

  void Fail(Place place, std::string_view why) {
    failed_ = true;
    report_.Skip(place, why, "correct it (nginx -t); what follows was not imported");
  }

  // nullopt: the end of the block or of the file.
  std::optional<Directive> Next(int depth) {
    Directive directive;
    while (true) {
      Blanks();
      if (directive.words.empty()) directive.place = place_;
      if (at_ == text_.size()) {
        if (!directive.words.empty() || depth > base_) {
          Fail(directive.place, "the file ends within a directive or a block");
        }
        return std::nullopt;
      }
      const char c = text_[at_];
      if (c == ';') {
        ++at_;
        if (!directive.words.empty()) return directive;
      } else if (c == '}') {
        ++at_;
        if (!directive.words.empty()) Fail(place_, "a directive has no \";\" at its end");
        if (depth == base_) Fail(place_, "a \"}\" closes no block");
        return std::nullopt;
      } else if (c == '{') {
        ++at_;
        if (directive.words.empty() || depth == kMaxDepth) {
          Fail(place_, directive.words.empty() ? "a block has no name" : "blocks nest too deep");
          return std::nullopt;
        }
        directive.has_block = true;
        directive.block = Block(depth + 1);
        return directive;
      } else if (!Word(directive)) {
        return std::nullopt;
      }
    }
  }

  void Blanks() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (!IsBlank(text_[at_])) {
        return;
      } else {
        place_.line += text_[at_++] == '\n' ? 1 : 0;
      }
    }
  }

  bool Word(Directive& directive) {
    const Place begin = place_;
    std::string word;
    const char quote = text_[at_] == '"' || text_[at_] == '\'' ? text_[at_++] : '\0';
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (quote != '\0' ? c == quote : IsBlank(c) || c == ';' || c == '{') {
        // "${name}" is a variable.
        if (c != '{' || word.empty() || word.back() != '$') break;
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        const char next = text_[++at_];
        if (next != '"' && next != '\'' && next != '\\') word += '\\';
        word += next;
        place_.line += next == '\n' ? 1 : 0;
        ++at_;
        continue;
      }
      place_.line += c == '\n' ? 1 : 0;
      word += c;
      ++at_;
      if (word.size() > kMaxLine) {
        Fail(begin, "a word is longer than 65536 octets");
        return false;
      }
    }
    if (quote != '\0' && at_ == text_.size()) {
      Fail(begin, "a quote does not end");
      return false;
    }
    if (quote != '\0') ++at_;
    directive.words.push_back(std::move(word));
    return true;
  }

  std::string_view text_;
  Place place_;
  Beside& beside_;
  size_t& read_;
  Report& report_;
  size_t at_ = 0;
  int base_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<Directive> ParseNginx(const File& file, uint16_t index, Report& report) {
  std::string_view text;
  if (!IsReadable(file, index, report, text)) return {};
  Beside beside(file.name);
  size_t read = 0;
  return Parser(text, index, beside, read, report).Whole(0);
}

}  // namespace fingerpost::policy::formats
