#include "policy/formats/apache_syntax.h"

#include <algorithm>

#include "core/http/fields.h"
#include "policy/formats/cat.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxDepth = 16;

// Words, in quotes or not. False: a quote does not end.
bool Split(std::string_view line, std::vector<std::string>& words) {
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) return true;
    std::string word;
    const char quote = line[0] == '"' || line[0] == '\'' ? line[0] : '\0';
    size_t i = quote == '\0' ? 0 : 1;
    while (i < line.size() &&
           (quote == '\0' ? line[i] != ' ' && line[i] != '\t' : line[i] != quote)) {
      // A backslash is for the quote and for itself, or for the regular expression.
      const bool escapes = line[i] == '\\' && i + 1 < line.size() &&
                           (line[i + 1] == '\\' || line[i + 1] == quote) && quote != '\0';
      if (escapes) ++i;
      word += line[i++];
      const bool blank = quote == '\0' && word.back() == '\\' && i < line.size() && line[i] == ' ';
      if (blank) word += line[i++];
    }
    if (quote != '\0' && i == line.size()) return false;
    line.remove_prefix(std::min(i + (quote == '\0' ? 0 : 1), line.size()));
    words.push_back(std::move(word));
  }
}

bool IsTransparent(const std::string& name) {
  return http::EqualsIgnoreCase(name, "<IfModule") || http::EqualsIgnoreCase(name, "<IfDefine") ||
         http::EqualsIgnoreCase(name, "<IfVersion") || http::EqualsIgnoreCase(name, "<IfFile") ||
         http::EqualsIgnoreCase(name, "<IfDirective") || http::EqualsIgnoreCase(name, "<IfSection");
}

class Parser {
 public:
  Parser(const File& file, uint16_t index, Beside& beside, Report& report)
      : lines_(file, index, report), beside_(beside), report_(report) {}

  std::vector<Directive> Run() {
    std::vector<Directive> open(1);  // The file, and the sections that are open.
    std::string text;
    for (std::string_view line; lines_.Next(line);) {
      if (text.empty()) {
        first_ = lines_.place();
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.starts_with('#')) continue;
      }
      text += line;
      if (text.size() > kMaxLine) {
        report_.Skip(first_, "is longer than 65536 octets", "divide it");
        text.clear();
      } else if (text.ends_with('\\')) {  // Goes on in the next line.
        text.pop_back();
      } else {
        if (!Line(text, open)) return std::move(open[0].block);
        text.clear();
      }
    }
    if (!text.empty()) {
      report_.Skip(first_, "ends with \"\\\", and no line follows",
                   "see that the file was not cut");
    }
    if (open.size() > 1) {
      report_.Skip(open.back().place, Cat(open.back().name(), "> does not end"),
                   "see that the file was not cut");
    }
    while (open.size() > 1) Close(open);
    return std::move(open[0].block);
  }

 private:
  // False: there is no use in going on.
  bool Line(std::string_view text, std::vector<Directive>& open) {
    const bool section = text.starts_with('<');
    while (section && !text.empty() && (text.back() == '>' || text.back() == ' ')) {
      text.remove_suffix(1);
    }
    Directive directive;
    directive.place = first_;
    if (!Split(text, directive.words)) {
      report_.Skip(first_, "a quote does not end", "close it");
      return true;
    }
    if (directive.words.empty()) return true;
    if (directive.name().starts_with("</")) {
      if (open.size() == 1) {
        report_.Skip(first_, Cat(directive.name(), "> closes nothing"), "correct it");
      } else {
        Close(open);
      }
      return true;
    }
    if (http::EqualsIgnoreCase(directive.name(), "Include") ||
        http::EqualsIgnoreCase(directive.name(), "IncludeOptional")) {
      if (directive.words.size() > 1) Include(directive, open.back());
      return true;
    }
    if (!section) {
      open.back().block.push_back(std::move(directive));
      return true;
    }
    if (open.size() == kMaxDepth) {
      report_.Skip(first_, "sections nest too deep", "correct it; what follows was not imported");
      return false;
    }
    directive.has_block = true;
    open.push_back(std::move(directive));
    return true;
  }

  static void Close(std::vector<Directive>& open) {
    Directive section = std::move(open.back());
    open.pop_back();
    std::vector<Directive>& block = open.back().block;
    if (!IsTransparent(section.name())) {
      block.push_back(std::move(section));
      return;
    }
    for (Directive& directive : section.block) block.push_back(std::move(directive));
  }

  void Include(const Directive& directive, Directive& into) {
    for (const auto& [file, index] : beside_.Read(directive.words[1], first_, report_)) {
      for (Directive& one : Parser(file, index, beside_, report_).Run()) {
        into.block.push_back(std::move(one));
      }
    }
  }

  Lines lines_;
  Beside& beside_;
  Report& report_;
  Place first_;  // Of the directive that is read.
};

}  // namespace

std::vector<Directive> ParseApache(const File& file, uint16_t index, Beside& beside,
                                   Report& report) {
  return Parser(file, index, beside, report).Run();
}

}  // namespace fingerpost::policy::formats
