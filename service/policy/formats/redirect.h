// One redirect of another tool's file, in the terms that all readers and the writer share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::policy::formats {

// What the path of a request is compared with.
enum class Source : uint8_t {
  kExact,    // Match.path
  kPrefix,   // Match.path_prefix; captures {rest}
  kPattern,  // Match.path_regex
};

// What happens to a request that matches.
enum class Act : uint8_t {
  kRedirect,  // `code` and `target`
  kUpgrade,   // The same URL over https.
  kLeave,     // The search ends without a redirect: Rule.pass.
};

// Where a redirect was written.
struct Place {
  uint32_t line = 0;
  uint16_t file = 0;  // Its index among the files that are read.
};

struct Redirect {
  Place place;
  Source source = Source::kExact;
  Act act = Act::kRedirect;
  int code = 301;  // 301, 302, 303, 307 or 308, or one of IsBare
  v1::QueryMode query = v1::QUERY_MODE_DROP;
  bool http_only = false;     // https never asks.
  bool ignore_case = false;   // Of the path.
  bool either_slash = false;  // With and without a "/" at the end.
  // As Match.hosts. Empty: those of the whole import.
  std::vector<std::string> hosts;
  // kExact, kPrefix: as a URL has it; kPattern: RE2.
  std::string path;
  // As Intent.target: "{name}" is a capture, a brace that is none is percent-encoded. "{0}" is what
  // "*" of the host stands for, and a pattern's groups count from "{1}" in any case. Empty: none.
  std::string target;
  // The methods, query, fields and cookies that the request must have; none without.
  std::shared_ptr<const v1::Match> conditions;
};

// Whether no target goes with the code: it is the whole answer.
[[nodiscard]] constexpr bool IsBare(int code) { return code == 404 || code == 410 || code == 451; }

// In the order in which they are tried: the first that matches answers.
using Redirects = std::vector<Redirect>;

}  // namespace fingerpost::policy::formats
