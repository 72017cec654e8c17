// Aligned columns for people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace fingerpost::cli {

class TextTable {
 public:
  struct Column {
    std::string head;
    bool is_number = false;  // aligned to the right
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell for each column; made Harmless.
  void Add(std::vector<std::string> row);
  // The head and the rows, a line each; nothing without rows.
  [[nodiscard]] std::string Text() const;

 private:
  const std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace fingerpost::cli
