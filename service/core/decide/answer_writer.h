// Writes a DecideResponse: fields in order, warnings, the reason, the trace.
#pragma once

#include <string>
#include <string_view>

#include "core/decide/reused_answer.h"
#include "core/http/citations.h"
#include "core/message/omitted.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

// A field name for HTTP/1.x and, in lower case, for HTTP/2 and HTTP/3 (RFC 9113 §8.2.1, RFC 9114
// §4.2).
struct FieldName {
  std::string_view title;
  std::string_view lower;
};

inline constexpr FieldName kLocation{"Location", "location"};
inline constexpr FieldName kHtmxRedirect{"HX-Redirect", "hx-redirect"};
inline constexpr FieldName kInertiaLocation{"X-Inertia-Location", "x-inertia-location"};
inline constexpr FieldName kAllow{"Allow", "allow"};
inline constexpr FieldName kWwwAuthenticate{"WWW-Authenticate", "www-authenticate"};
inline constexpr FieldName kRetryAfter{"Retry-After", "retry-after"};
inline constexpr FieldName kLink{"Link", "link"};
inline constexpr FieldName kCacheControl{"Cache-Control", "cache-control"};
inline constexpr FieldName kVary{"Vary", "vary"};
inline constexpr FieldName kSetCookie{"Set-Cookie", "set-cookie"};
inline constexpr FieldName kRobotsTag{"X-Robots-Tag", "x-robots-tag"};
inline constexpr FieldName kAllowOrigin{"Access-Control-Allow-Origin",
                                        "access-control-allow-origin"};
inline constexpr FieldName kAllowCredentials{"Access-Control-Allow-Credentials",
                                             "access-control-allow-credentials"};
inline constexpr FieldName kExposeHeaders{"Access-Control-Expose-Headers",
                                          "access-control-expose-headers"};
inline constexpr FieldName kStrictTransportSecurity{"Strict-Transport-Security",
                                                    "strict-transport-security"};
inline constexpr FieldName kReferrerPolicy{"Referrer-Policy", "referrer-policy"};
inline constexpr FieldName kContentType{"Content-Type", "content-type"};
inline constexpr FieldName kContentLength{"Content-Length", "content-length"};
inline constexpr FieldName kContentTypeOptions{"X-Content-Type-Options", "x-content-type-options"};
inline constexpr FieldName kContentSecurityPolicy{"Content-Security-Policy",
                                                  "content-security-policy"};

// The reason for an answer, as static data.
struct Ruling {
  v1::ReasonCode code;
  std::string_view sentence;
  http::Citations citations;
};

class AnswerWriter {
 public:
  // Overwrites the content of `out`. `asked` says what its caller wants to see and to omit.
  AnswerWriter(v1::DecideResponse& out, bool lower_case_names, const v1::DecideRequest& asked);

  // Adds a field and returns its empty value, to be filled in.
  std::string& Field(const FieldName& name);
  void Field(const FieldName& name, std::string_view value);

  void Outcome(v1::Outcome outcome, const Ruling& ruling, std::string_view detail = {});
  // Appends citations to the reason, unless they are there already.
  void AlsoCite(const http::Citations& citations);
  // The sentence and citations of `code` come from one table; `detail` follows the sentence.
  [[gnu::cold]] void Warn(v1::WarningCode code, std::string_view detail = {});
  // Adds one step to the explanation, if one was requested.
  void Trace(std::string_view rule, bool matched, std::string_view detail,
             const http::Citations& citations = {}) {
    if (explain_) AddStep(rule, matched, detail, citations);
  }
  [[nodiscard]] bool explain() const { return explain_; }
  [[nodiscard]] bool Omits(v1::AnswerPart part) const { return omitted_.Has(part); }

  // Drops the rest of an earlier answer's fields. Call once, at the end.
  void Finish();
  // Drops what was needed to check the answer, and is omitted.
  void Omit();

  [[nodiscard]] v1::DecideResponse& out() { return out_; }

 private:
  // Adds a field. Its value may be left from an earlier answer.
  v1::Header& Begin(const FieldName& name);
  [[gnu::cold]] void AddStep(std::string_view rule, bool matched, std::string_view detail,
                             const http::Citations& citations);

  v1::DecideResponse& out_;
  const bool lower_case_names_;
  const bool explain_;
  const message::Omitted omitted_;
  ReusedAnswer reused_;
};

}  // namespace fingerpost::decide
