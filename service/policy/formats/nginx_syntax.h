// The syntax of nginx's configuration: directives of words, with a block or without.
#pragma once

#include <string>
#include <vector>

#include "policy/formats/report.h"
#include "policy/formats/text.h"

namespace fingerpost::policy::formats {

struct Directive {
  std::vector<std::string> words;  // Its name first; quotes and their escapes are gone.
  Place place;
  bool has_block = false;
  std::vector<Directive> block;

  [[nodiscard]] const std::string& name() const { return words[0]; }
};

// What a file says, with the files that it includes from its own directory or below. What cannot be
// read, and all that follows it in its file, is reported and left out.
[[nodiscard]] std::vector<Directive> ParseNginx(const File& file, uint16_t index, Report& report);

}  // namespace fingerpost::policy::formats
