// Field lines of a message (RFC 9110 §5): names, values, look-up, and the checks of every request.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/http/limits.h"
#include "core/message/faults.h"
#include "fingerpost/v1/http.pb.h"

namespace fingerpost::http {

using Headers = google::protobuf::RepeatedPtrField<v1::Header>;

// RFC 9110 §5.6.2.
[[nodiscard]] bool IsToken(std::string_view text);

// ASCII only, for field names, hosts and schemes.
[[nodiscard]] bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix);
[[nodiscard]] inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  // Most names differ in length or in the first letter.
  constexpr int kAllButCase = 0xDF;
  return a.size() == b.size() &&
         (a.empty() || (((a[0] ^ b[0]) & kAllButCase) == 0 && StartsWithIgnoreCase(a, b)));
}
[[nodiscard]] std::string ToLowerAscii(std::string_view text);

// C0 controls and DEL, which are forbidden in targets and in the field values that we write.
[[nodiscard]] bool IsControl(char c);
[[nodiscard]] bool HasControl(std::string_view text);
// CR, LF and NUL, which are forbidden in every field value (RFC 9110 §5.5).
[[nodiscard]] bool HasLineEnd(std::string_view text);

// Removes leading and trailing SP and HTAB (RFC 9110 §5.5).
[[nodiscard]] std::string_view TrimWhitespace(std::string_view text);

// The octets of a field's value, from either member; empty if it is withheld.
[[nodiscard]] std::string_view ValueOf(const v1::Header& header);
[[nodiscard]] inline bool IsWithheld(const v1::Header& header) {
  return header.content_case() == v1::Header::CONTENT_NOT_SET;
}
// Sets value, or raw_value if `octets` is not UTF-8.
void SetValue(v1::Header& header, std::string_view octets);

// The first field of that name (case-insensitive), or nullptr.
[[nodiscard]] const v1::Header* FindField(const Headers& headers, std::string_view name);
// The value of the first field of that name; nullopt without one.
[[nodiscard]] std::optional<std::string_view> FieldValue(const Headers& headers,
                                                         std::string_view name);
// Whether a list-valued field (RFC 9110 §5.6.1) has that member in any of its lines;
// case-insensitive.
[[nodiscard]] bool ListFieldHas(const Headers& headers, std::string_view name,
                                std::string_view member);
// The value of a cookie in the Cookie fields (RFC 6265bis §4.2.1); nullopt without one.
[[nodiscard]] std::optional<std::string_view> CookieValue(const Headers& headers,
                                                          std::string_view name);

// GET, HEAD, OPTIONS, TRACE (RFC 9110 §9.2.1), QUERY (RFC 10008), and the other safe methods of the
// IANA registry: PROPFIND (RFC 4918), REPORT (RFC 3253) and SEARCH (RFC 5323).
[[nodiscard]] bool IsSafeMethod(std::string_view method);

// The member that holds the value of `header`: "raw_value".
[[nodiscard]] std::string_view ValueMember(const v1::Header& header);

// Reports each field whose name is no token or whose value has CR, LF or NUL, or more than
// `longest` octets, or the list when it has more than `most` fields. It stands at `at`.
void CheckHeaders(const Headers& headers, const message::Place& at, message::Faults& faults,
                  int most = kMaxHeaders, size_t longest = kMaxFieldValue);
// Reports a `method` that is empty, too long or no token. It stands at `at`.
void CheckMethod(std::string_view method, const message::Place& at, message::Faults& faults);

}  // namespace fingerpost::http
