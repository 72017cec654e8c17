// Which of the three media types that Decide writes a request prefers (RFC 9110 §12.5.1).
#pragma once

#include <string_view>

#include "core/http/fields.h"

namespace fingerpost::http {

// The field that both read.
inline constexpr std::string_view kAccept = "Accept";

enum class Format { kHtml, kJson, kText };

// Quality of each type, 0 to 1000 thousandths, as the Accept fields say it; 1000 each without one.
// "+json" types count as JSON.
struct Acceptable {
  int html = 1000;
  int json = 1000;
  int text = 1000;
  // Which of the two Accept names, rather than covers with a wildcard.
  bool names_html = false;
  bool names_json = false;
};

[[nodiscard]] Acceptable ReadAccept(const Headers& headers);

// The format that Accept prefers; `otherwise` where that is as good, or where none is acceptable: a
// redirect's note is not worth a 406.
[[nodiscard]] Format ChooseByAccept(const Headers& headers, Format otherwise);

}  // namespace fingerpost::http
