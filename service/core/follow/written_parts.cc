#include "core/follow/written_parts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "core/follow/veil.h"
#include "core/http/fields.h"
#include "core/http/percent_encoding.h"
#include "core/message/utf8.h"

namespace fingerpost::follow {
namespace {

// Whether "%zz" is there: a "%" before two letters or digits that are no escape.
bool HasFalseEscape(std::string_view text) {
  const auto alphanumeric = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c));
  };
  for (size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    const std::string_view rest = text.substr(at);
    if (rest.size() > 2 && alphanumeric(rest[1]) && alphanumeric(rest[2]) && !http::IsEscape(rest))
      return true;
  }
  return false;
}

// The octets that one U+FFFD of Java's decoder stands for: the beginning of a sequence, as far as
// it could be one; a surrogate's three are one.
size_t MalformedLength(std::string_view text) {
  const auto octet = [text](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t lead = octet(0);
  if (lead < 0xC2 || lead > 0xF4) return 1;
  const size_t whole = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  size_t length = 1;
  for (; length < whole && length < text.size(); ++length) {
    const bool second = length == 1;
    const uint8_t least = second && lead == 0xE0 ? 0xA0 : second && lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t most = second && lead == 0xF4 ? 0x8F : 0xBF;
    if (octet(length) < least || octet(length) > most) break;
  }
  return length;
}

// The octets above 0x7F whose escapes `text` begins with.
std::string EscapedOctets(std::string_view text) {
  std::string octets;
  for (; http::IsEscape(text) && (Octet(text[1], text[2]) & 0x80) != 0; text.remove_prefix(3))
    octets += Octet(text[1], text[2]);
  return octets;
}

// The length of the escapes of one character of UTF-8, written in capitals; 0: there is none.
size_t WriteUpperUtf8(std::string_view text, std::string& out) {
  const std::string octets = EscapedOctets(text.substr(0, 12));
  const size_t length = octets.empty() ? 0 : message::Utf8Length(octets);
  for (const char c : octets.substr(0, length)) http::AppendEscape(c, out);
  return length * 3;
}

// The escapes at the beginning of `text`, for each octet above 0x7F; they are what is no UTF-8
// there: "%EF%BF%BD".
size_t WriteReplaced(std::string_view text, std::string& out) {
  const std::string octets = EscapedOctets(text);
  for (std::string_view rest = octets; !rest.empty();) {
    const size_t length = message::Utf8Length(rest);
    for (const char c : length == 0 ? std::string_view("\xEF\xBF\xBD") : rest.substr(0, length))
      http::AppendEscape(c, out);
    rest.remove_prefix(length == 0 ? MalformedLength(rest) : length);
  }
  return octets.size() * 3;
}

// `every`: whether each "%" is encoded, even those of escapes.
void WritePart(std::string_view text, const PartSpelling& part, BarePercent bare, bool every,
               std::string& out) {
  every = every || ((bare == BarePercent::kEncodesPart || bare == BarePercent::kEncodesUrl) &&
                    http::HasBarePercent(text));
  while (!text.empty()) {
    const char c = text.front();
    size_t length = 1;
    if (c == kRaw && text.size() > 1) {
      length = 2;
      out += text[1];
    } else if (c == '%' && http::IsEscape(text)) {
      length = 3;
      const char octet = Octet(text[1], text[2]);
      const size_t utf8 = part.upper_utf8 ? WriteUpperUtf8(text, out) : 0;
      if (utf8 != 0) {
        length = utf8;
      } else if (part.replaces_invalid_utf8 && (octet & 0x80) != 0) {
        length = WriteReplaced(text, out);
      } else if (part.decoded.Has(octet)) {
        out += octet;
      } else {
        if (part.upper_escapes && !part.kept.Has(octet)) {
          http::AppendEscape(octet, out);
        } else {
          out += text.substr(0, 3);
        }
        if (every) out.insert(out.size() - 2, "25");
      }
    } else if (part.encoded.Has(c) || (http::IsControl(c) && !part.raw_controls) ||
               ((c & 0x80) != 0 && !part.raw_octets) || (c == '%' && bare != BarePercent::kKept)) {
      http::AppendEscape(c, out);
      if (c == '%' && part.upper_utf8 && http::IsEscape(text.substr(1))) {
        out += text.substr(1, 3);
        length = 4;
      }
    } else {
      out += c;
    }
    text.remove_prefix(length);
  }
}

}  // namespace

std::string WriteParts(std::string_view path, std::string_view query, const Spelling& spelling) {
  PartSpelling of_path = spelling.path;
  PartSpelling of_query = spelling.query;
  const BarePercent bare = spelling.bare_percent;
  const bool every =
      bare == BarePercent::kEncodesUrl && (HasFalseEscape(path) || HasFalseEscape(query));
  if (every) {
    for (PartSpelling* part : {&of_path, &of_query}) {
      part->decoded = {};
      part->upper_escapes = false;
    }
  }
  std::string written;
  written.reserve(path.size() + query.size() + 32);
  WritePart(path, of_path, bare, every, written);
  if (query.empty()) return written;
  written += '?';
  WritePart(query.substr(1), of_query,
            bare == BarePercent::kEncodedInPath ? BarePercent::kKept : bare, every, written);
  return written;
}

}  // namespace fingerpost::follow
