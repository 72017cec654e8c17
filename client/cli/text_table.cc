#include "text_table.h"

#include <algorithm>
#include <utility>

#include "output.h"

namespace fingerpost::cli {
namespace {

// Characters, not octets.
size_t WidthOf(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

void TextTable::Add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = Harmless(cell);
  rows_.push_back(std::move(row));
}

std::string TextTable::Text() const {
  if (rows_.empty()) return {};
  std::vector<std::string> head;
  for (const Column& column : columns_) head.push_back(column.head);
  std::vector<size_t> widths(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths[i] = WidthOf(head[i]);
    for (const auto& row : rows_) widths[i] = std::max(widths[i], WidthOf(row[i]));
  }
  std::string out;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - WidthOf(row[i]), ' ');
      if (i > 0) line += "  ";
      line += columns_[i].is_number ? blanks + row[i] : row[i] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  };
  add(head);
  for (const auto& row : rows_) add(row);
  return out;
}

}  // namespace fingerpost::cli
