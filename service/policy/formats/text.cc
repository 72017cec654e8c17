#include "policy/formats/text.h"

#include <algorithm>

#include "core/message/utf8.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\v\f\r";

bool IsUtf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

// Why the octets are no text; "" when they are.
std::string_view Unreadable(std::string_view text) {
  if (text.find('\0') != text.npos) return "holds a NUL";
  return message::IsUtf8(text) ? std::string_view() : "is not UTF-8";
}

constexpr std::string_view kSaveAsUtf8 = "save the file as UTF-8";

}  // namespace

Lines::Lines(const File& file, uint16_t index, Report& report)
    : rest_(file.text), place_{0, index}, report_(report) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  if (IsUtf16(rest_)) {
    report_.Skip(place_, "is UTF-16", kSaveAsUtf8);
    rest_ = {};
  }
}

bool Lines::Next(std::string_view& line) {
  while (!rest_.empty()) {
    ++place_.line;
    const size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > kMaxLine) {
      report_.Skip(place_, "is longer than 65536 octets", "shorten its URLs");
      continue;
    }
    if (const std::string_view why = Unreadable(line); !why.empty()) {
      report_.Skip(place_, why, kSaveAsUtf8);
      continue;
    }
    if (end == line.npos && !line.empty()) {
      report_.Note(place_, "the last line has no line end", "see that the file was not cut");
    }
    return true;
  }
  return false;
}

bool IsReadable(const File& file, uint16_t index, Report& report, std::string_view& text) {
  text = file.text;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (IsUtf16(text)) {
    report.Skip({0, index}, "is UTF-16", kSaveAsUtf8);
    return false;
  }
  if (Unreadable(text).empty()) return true;
  Place place{0, index};
  for (std::string_view rest = text; !rest.empty();) {
    ++place.line;
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (const std::string_view why = Unreadable(line); !why.empty()) {
      report.Skip(place, why, "save the file as UTF-8; nothing of it was imported");
      break;
    }
  }
  return false;
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(kBlanks)));
    line.remove_prefix(words.back().size());
  }
}

}  // namespace fingerpost::policy::formats
