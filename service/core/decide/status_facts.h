// The meaning of each status code that Decide can answer. The README's table of codes is made from
// it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/http/citations.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

struct StatusFacts {
  int32_t status;
  std::string_view line;         // "303 See Other": the status and its reason phrase.
  bool keeps_method;             // Whether the client repeats the request's method.
  bool permanent;                // Whether the client may use the new URL from now on.
  bool heuristically_cacheable;  // Whether it may be stored without explicit freshness (RFC 9110
                                 // §15.1).
  bool processed;                // Whether the request has been processed.
  bool may_be_repeated;          // Whether it may be sent again without being processed twice.
  std::string_view crawlers;     // How search engines read it.
  http::Citations citations;

  // Reason phrase of HTTP/1.x (RFC 9110 §15).
  [[nodiscard]] constexpr std::string_view phrase() const { return line.substr(4); }
};

// Every code of the table, in numeric order.
[[nodiscard]] std::span<const StatusFacts> AllStatusFacts();

// nullptr: Decide never answers that code.
[[nodiscard]] const StatusFacts* FindStatusFacts(int32_t status);

[[nodiscard]] constexpr bool IsRedirect(int32_t status) { return status >= 300 && status <= 399; }

// True for 3xx, 201 and 202: with a target, the answer has a Location (RFC 9110 §10.2.2).
[[nodiscard]] bool HasLocation(int32_t status);

void FillFacts(const StatusFacts& facts, v1::StatusFacts& out);

}  // namespace fingerpost::decide
