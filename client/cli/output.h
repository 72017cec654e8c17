// Standard output and standard error.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::cli {

// Writes all of `text` to standard output. False: it cannot be written; standard error has the
// reason, unless the reader has gone (EPIPE).
[[nodiscard]] bool Print(std::string_view text);

// Writes all of `content` to the file at `path`. False: standard error has the reason.
[[nodiscard]] bool WriteFile(const std::filesystem::path& path, std::string_view content);

// One line on standard error: "fingerpost: ...".
void Complain(std::string_view text);

// Lines on standard error, as they are but for what is not Harmless.
void Remark(std::string_view lines);

// `error` as one line: every wrong field with what was expected, or the code and the sentence.
[[nodiscard]] std::string Describe(const v1::Error& error);

// {"error":{...}}
[[nodiscard]] std::string ErrorJson(const v1::Error& error);

// Untrusted text for a terminal: control characters, and those that reverse the direction of
// writing, become "\x1b" or "\u{202e}", so that the text cannot move the cursor or disguise itself.
[[nodiscard]] std::string Harmless(std::string_view text);

// `text` in lines of at most `columns` characters, broken at its blanks; a longer word has a line
// of its own.
[[nodiscard]] std::vector<std::string> Wrapped(std::string_view text, size_t columns);

enum class Style { kPlain, kBold, kDim, kGood, kWarning, kBad };

// Colours text, if at all.
class Palette {
 public:
  explicit Palette(bool colours) : colours_(colours) {}

  // Colours if standard output is a terminal that has them and NO_COLOR (no-color.org) is not set.
  [[nodiscard]] static Palette ForStandardOutput();

  [[nodiscard]] std::string Paint(Style style, std::string_view text) const;

 private:
  bool colours_;
};

}  // namespace fingerpost::cli
