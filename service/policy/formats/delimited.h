// Tables of text: CSV with any separator (RFC 4180), a row a line.
#pragma once

#include <csv.h>

#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/report.h"
#include "policy/formats/text.h"

namespace fingerpost::policy::formats {

class Delimited {
 public:
  // `separator` 0: the one of ",", ";", tab and "|" that the first line has most of, or that it
  // names as Excel does ("sep=;").
  Delimited(const File& file, uint16_t index, Report& report, char separator = 0);
  ~Delimited() { csv_free(&parser_); }
  Delimited(const Delimited&) = delete;
  Delimited& operator=(const Delimited&) = delete;

  // The cells of the next row without blanks around them and without the empty ones at its end.
  // Empty rows and comments are passed over, broken ones reported. False: the end.
  bool Next(std::vector<std::string>& cells);
  [[nodiscard]] Place place() const { return lines_.place(); }

 private:
  bool Split(std::string_view line, std::vector<std::string>& cells);
  void Restart();

  Lines lines_;
  Report& report_;
  csv_parser parser_ = {};
  char separator_;
};

}  // namespace fingerpost::policy::formats
