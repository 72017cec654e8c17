#include "core/decide/link_field.h"

#include <algorithm>
#include <string>

#include "core/decide/target.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::decide {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// title="…" (RFC 8288 §3.4.1); with other characters than ASCII title*=UTF-8''… (RFC 8187 §3.2).
void AppendTitle(std::string_view title, std::string& out) {
  if (!IsAscii(title)) {
    out += "; title*=UTF-8''";
    http::AppendEncoded(title, out);
    return;
  }
  out += "; title=\"";
  for (const char c : title) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

void WriteLinks(const Question& question, AnswerWriter& answer) {
  std::string& value = answer.Field(kLink);
  for (size_t i = 0; i < question.alternatives.size(); ++i) {
    const v1::Alternative& alternative = question.intent.alternatives(static_cast<int>(i));
    if (!value.empty()) value += ", ";
    value += '<';
    value += LocationText(question.alternatives[i]);
    value += ">; rel=\"alternate\"";
    if (!alternative.media_type().empty()) value += "; type=\"" + alternative.media_type() + '"';
    if (!alternative.language().empty()) value += "; hreflang=\"" + alternative.language() + '"';
    if (!alternative.title().empty()) AppendTitle(alternative.title(), value);
  }
}

}  // namespace fingerpost::decide
