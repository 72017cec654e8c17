// The one right form of the URLs of a site: Canonical in policy.proto.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/allowed_targets.h"

namespace fingerpost::policy::compiled {

// What some hosts' settings ask for.
struct CanonicalForm {
  std::string host;  // Empty: the request's.
  v1::CanonicalSlash slash = v1::CANONICAL_SLASH_UNSPECIFIED;
  v1::CanonicalCase letter_case = v1::CANONICAL_CASE_UNSPECIFIED;

  [[nodiscard]] bool asks() const {
    return !host.empty() || slash != v1::CANONICAL_SLASH_UNSPECIFIED ||
           letter_case != v1::CANONICAL_CASE_UNSPECIFIED;
  }
};

// Reports under `at` what is wrong with a host that is none, or is not in `allowed`.
[[nodiscard]] CanonicalForm CompileCanonical(const v1::Canonical& canonical,
                                             const message::Place& at, const AllowedHosts& allowed,
                                             message::Faults& faults);

// The path of a parsed URL in that form, which it then has for good.
[[nodiscard]] std::string CanonicalPath(std::string_view path, const CanonicalForm& form);

// `url`, without query and fragment, in that form, and over https if `secure`.
[[nodiscard]] http::Url CanonicalUrl(const http::Url& url, const CanonicalForm& form, bool secure);

}  // namespace fingerpost::policy::compiled
