// A cookie's value as the client writes it.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/follow/set_cookie.h"

namespace fingerpost::follow {
namespace {

// As http.cookies of Python writes it: characters beyond Latin-1 stay.
std::string EscapedAsPython(std::string_view value) {
  constexpr std::string_view kUnescaped = "!#$%&'*+-.^_`|~: ()/<=>?@[]{}";
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    auto octet = static_cast<unsigned>(static_cast<unsigned char>(c));
    if ((octet == 0xC2 || octet == 0xC3) && i + 1 < value.size()) {
      octet = ((octet & 3) << 6) | (static_cast<unsigned char>(value[++i]) & 0x3FU);
    } else if (octet >= 0x80) {
      out += c;
      continue;
    }
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if ((octet < 0x80 && absl::ascii_isalnum(static_cast<unsigned char>(c))) ||
               kUnescaped.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto digit = [octet](unsigned shift) {
        return static_cast<char>('0' + ((octet >> shift) & 7U));
      };
      out.append({'\\', digit(6), digit(3), digit(0)});
    }
  }
  return out;
}

}  // namespace

std::string WrittenValue(std::string_view value, const JarRule& rule) {
  if (rule.quotes == Quotes::kKeptUnescaped && value.starts_with('"') && value.ends_with('"'))
    return absl::StrReplaceAll({value.data(), value.size()}, {{"\\\"", ""}});
  const bool python = rule.escapes == Escapes::kAsPython;
  const bool quotes = (rule.escapes == Escapes::kQuotes || !value.starts_with('"')) &&
                      ((value.empty() && python) ||
                       value.find_first_of(rule.quoted_with) != std::string_view::npos);
  if (!quotes) return std::string(value);
  std::string text(value);
  switch (rule.escapes) {
    case Escapes::kNothing:
      break;
    case Escapes::kBackslashes:
      // Those that it has read inside of quotes are doubled already, or escape a quote.
      text = absl::StrReplaceAll(text, {{"\\\\", "\\\\"}, {"\\\"", "\\\""}, {"\\", "\\\\"}});
      break;
    case Escapes::kQuotes:
      text = absl::StrReplaceAll(text, {{"\"", "\\\""}, {"\\", "\\\\"}});
      break;
    case Escapes::kAsPython:
      text = EscapedAsPython(value);
      break;
  }
  return absl::StrCat("\"", text, "\"");
}

}  // namespace fingerpost::follow
