#include "output.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_split.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/message/json.h"
#include "core/message/utf8.h"

namespace fingerpost::cli {
namespace {

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool Print(std::string_view text) {
  if (WriteAll(STDOUT_FILENO, text)) return true;
  if (errno != EPIPE) Complain(absl::StrCat("cannot write the output: ", std::strerror(errno)));
  return false;
}

bool WriteFile(const std::filesystem::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  out.close();
  if (out) return true;
  Complain(absl::StrCat("cannot write ", path.string(), ": ", std::strerror(errno)));
  return false;
}

void Complain(std::string_view text) {
  // If this fails, there is nobody to tell.
  (void)WriteAll(STDERR_FILENO, absl::StrFormat("fingerpost: %s\n", Harmless(text)));
}

void Remark(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    absl::StrAppend(&out, Harmless(line), "\n");
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  (void)WriteAll(STDERR_FILENO, out);
}

std::string Describe(const v1::Error& error) {
  if (error.violations().empty()) return absl::StrCat(error.code(), ": ", error.message());
  std::string out;
  for (const auto& violation : error.violations()) {
    absl::StrAppend(&out, out.empty() ? "" : "; ", violation.field(),
                    violation.field().empty() ? "" : ": ", violation.description());
  }
  return out;
}

std::string ErrorJson(const v1::Error& error) {
  return absl::StrCat("{\"error\":", message::ToJson(error), "}\n");
}

std::string Harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = message::Utf8Length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(sequence.size());
    if (length != 0 && !message::IsDeceptive(message::CodePoint(sequence))) {
      out += sequence;
    } else if (sequence.size() == 1) {
      absl::StrAppendFormat(&out, "\\x%02x", static_cast<uint8_t>(sequence[0]));
    } else {
      absl::StrAppendFormat(&out, "\\u{%x}", message::CodePoint(sequence));
    }
  }
  return out;
}

std::vector<std::string> Wrapped(std::string_view text, size_t columns) {
  const auto width = [](std::string_view word) {  // all but the continuation octets of UTF-8
    return static_cast<size_t>(std::ranges::count_if(
        word, [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
  };
  std::vector<std::string> lines;
  size_t column = 0;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(text.data(), text.size()), ' ')) {
    const std::string_view word(part.data(), part.size());
    if (lines.empty() || column + 1 + width(word) > columns) {
      lines.emplace_back(word);
      column = width(word);
    } else {
      absl::StrAppend(&lines.back(), " ", part);
      column += 1 + width(word);
    }
  }
  return lines;
}

Palette Palette::ForStandardOutput() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return Palette(isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0') &&
                 terminal != nullptr && std::string_view(terminal) != "dumb");
}

std::string Palette::Paint(Style style, std::string_view text) const {
  // Select Graphic Rendition (ECMA-48 §8.3.117), by Style.
  constexpr std::array<std::string_view, 6> kCodes = {"", "1", "2", "32", "33", "31"};
  const std::string_view code = kCodes[static_cast<size_t>(style)];
  if (!colours_ || code.empty()) return std::string(text);
  return absl::StrFormat("\x1b[%sm%s\x1b[0m", code, text);
}

}  // namespace fingerpost::cli
