#include "policy/formats/delimited.h"

#include <algorithm>

#include "core/http/fields.h"

namespace fingerpost::policy::formats {
namespace {

char SeparatorOf(std::string_view line) {
  constexpr std::string_view kSeparators = ",;\t|";
  return *std::max_element(kSeparators.begin(), kSeparators.end(), [line](char a, char b) {
    return std::count(line.begin(), line.end(), a) < std::count(line.begin(), line.end(), b);
  });
}

void AddCell(void* text, size_t size, void* cells) {
  const std::string_view cell(static_cast<const char*>(text), size);
  static_cast<std::vector<std::string>*>(cells)->emplace_back(http::TrimWhitespace(cell));
}

}  // namespace

Delimited::Delimited(const File& file, uint16_t index, Report& report, char separator)
    : lines_(file, index, report), report_(report), separator_(separator) {
  Restart();
}

void Delimited::Restart() {
  csv_free(&parser_);
  csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
  if (separator_ != 0) csv_set_delim(&parser_, static_cast<unsigned char>(separator_));
}

bool Delimited::Next(std::vector<std::string>& cells) {
  for (std::string_view line; lines_.Next(line);) {
    if (line.starts_with('#')) continue;
    if (separator_ == 0) {
      const bool named = http::StartsWithIgnoreCase(line, "sep=") && line.size() == 5;
      separator_ = named ? line.back() : SeparatorOf(line);
      csv_set_delim(&parser_, static_cast<unsigned char>(separator_));
      if (named) continue;
    }
    if (Split(line, cells) && !cells.empty()) return true;
  }
  return false;
}

bool Delimited::Split(std::string_view line, std::vector<std::string>& cells) {
  cells.clear();
  const bool read =
      csv_parse(&parser_, line.data(), line.size(), AddCell, nullptr, &cells) == line.size() &&
      csv_fini(&parser_, AddCell, nullptr, &cells) == 0;
  while (!cells.empty() && cells.back().empty()) cells.pop_back();
  if (read) return true;
  Restart();
  report_.Skip(place(), "has a quote that does not end, or one in the middle of a field",
               "write \"\" for a quote in a field, and keep a row on one line");
  return false;
}

}  // namespace fingerpost::policy::formats
