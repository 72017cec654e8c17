// How a client writes the path and the query of the next URL, where it differs from the URL
// Standard: a part of its row.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace fingerpost::follow {

// A set of ASCII characters.
class Characters {
 public:
  constexpr Characters() = default;
  // Implicit, so that a row can name them as a text.
  // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions)
  constexpr Characters(const char* characters) {
    for (const char c : std::string_view(characters)) {
      const auto octet = static_cast<uint8_t>(c);
      bits_[octet >> 6 & 1] |= uint64_t{1} << (octet & 63);
    }
  }
  [[nodiscard]] constexpr bool Has(char c) const {
    const auto octet = static_cast<uint8_t>(c);
    return octet < 0x80 && (bits_[octet >> 6] >> (octet & 63) & 1) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return (bits_[0] | bits_[1]) == 0; }
  [[nodiscard]] friend constexpr Characters operator|(Characters a, Characters b) {
    a.bits_ = {a.bits_[0] | b.bits_[0], a.bits_[1] | b.bits_[1]};
    return a;
  }

 private:
  std::array<uint64_t, 2> bits_ = {};
};

// RFC 3986 §2.3. Their escapes mean the same as they do.
inline constexpr Characters kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

// One part of a URL: the path, or the query without its "?".
struct PartSpelling {
  // The other characters that are percent-encoded.
  Characters encoded;
  // The characters whose escapes are decoded.
  Characters decoded = {};
  // "%2f" becomes "%2F", except in the escapes of `kept`.
  bool upper_escapes = false;
  Characters kept = {};
  // "%c3%a9" becomes "%C3%A9", if it is UTF-8; and an escape right behind a bare "%" stays.
  bool upper_utf8 = false;
  // Octets above 0x7F are sent as they are, and so are controls; otherwise they are
  // percent-encoded.
  bool raw_octets = false;
  bool raw_controls = false;
  // Escapes of what is no UTF-8 become U+FFFD's.
  bool replaces_invalid_utf8 = false;
  // If one of `encoded` or an octet above 0x7F stands in the part of a reference, its escapes are
  // decoded, and these are encoded, instead of all the above.
  Characters anew = {};
};
// What the URL Standard percent-encodes (§1.3), without the characters that end the part.
inline constexpr Characters kUrlStandardPath = " \"<>^`{}";
inline constexpr Characters kUrlStandardQuery = " \"<>'";

// A "%" without two hexadecimal digits stays; becomes "%25"; or makes every "%" of its part "%25",
// too. kEncodesUrl: the same, and one before two letters or digits ("%zz") makes every "%" of path
// and query "%25", and no escape is changed otherwise. kEncodedInPath: it becomes "%25" there, and
// stays in a query.
enum class BarePercent { kKept, kEncoded, kEncodedInPath, kEncodesPart, kEncodesUrl };

// The segments "." and "..".
// kRemoved: as in the URL Standard, "%2e" too.
// kEscapedStay: "%2e" is no dot.
// kShort: the same, and the last one of an absolute URL goes with the slash before it.
// kShortRooted: as kRemoved, but the last one of a path that is not joined with the base's goes
// with the slash before it; "%2e" is a dot only after the path is joined.
// kStay: "%2e" is no dot, and an absolute URL keeps its dots.
// kStayUnlessJoined: the same, and so does every path that is not joined with the base's; and a
// ".." at the root stays.
// kExcessStay: "%2e" is no dot, and a ".." at the root stays.
// kNeverRemoved: every one stays, also in a base.
enum class Dots {
  kRemoved,
  kEscapedStay,
  kShort,
  kShortRooted,
  kStay,
  kStayUnlessJoined,
  kExcessStay,
  kNeverRemoved
};

struct Spelling {
  PartSpelling path = {.encoded = kUrlStandardPath};
  PartSpelling query = {.encoded = kUrlStandardQuery};
  BarePercent bare_percent = BarePercent::kKept;
  Dots dots = Dots::kRemoved;
  // The caller's first URL loses its dots, even with kStay.
  bool first_without_dots = false;
  // With kStay: a base loses its ".." even to a reference that is only a query, and no ".".
  bool base_keeps_single_dots = false;
  // How the caller's first URL is written before anything else.
  const PartSpelling* first = nullptr;
  // A base stays as it is to a reference that is only a query, or its directory does, if that gets
  // a path (LocationRule::pathless).
  bool query_keeps_base = false;
  // Escapes of a path are decoded before its slashes and dots count; "%00" ends it. What a relative
  // reference is joined with is text: "/a%3Fb/c" and "d" are "/a?b/d", and line breaks go.
  bool decodes_first = false;
  // The path of a relative reference loses its first slash to a ".." at the base's root, so the
  // host goes on: "http://a.test/../b/c" and "d" are http://a.testb/d (Ruby's URI::Generic#merge).
  bool joins_without_root = false;
  // The directory that a reference is joined with is decoded, and stays so: with "e", "/a%2Fb c/d"
  // becomes "/a/b c/e".
  bool joins_decoded = false;
};

}  // namespace fingerpost::follow
