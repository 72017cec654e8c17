// /.well-known/acme-challenge/TOKEN: how a certificate authority checks that a host is the
// operator's (RFC 8555 §8.3).
#pragma once

#include <optional>
#include <string>

#include "server/http/server.h"

namespace fingerpost {

class Challenges {
 public:
  // `source`: a directory with the files, each named by its token; an http or https URL to which
  // the authority is redirected, with the token as the next segment; "off": the policy's rules
  // answer these paths, too; "": there are none. Throws Failure for a directory or URL that is
  // none.
  explicit Challenges(std::string source);

  // nullopt: the request is not for a challenge.
  [[nodiscard]] std::optional<HttpAnswer> Answer(const HttpCall& call) const;

 private:
  const std::string source_;
  const bool is_url_;
};

}  // namespace fingerpost
