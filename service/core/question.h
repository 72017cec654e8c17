// Decide's question as its steps see it: read and parsed once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide.h"
#include "core/url.h"
#include "core/violations.h"

namespace fingerpost {

// A target after placeholders, resolution and query.
struct Target {
  Url url;
  // Location has all of it, not from the path on only.
  bool absolute = false;
  // request.url is unknown: the host of `url` means nothing, only the path and what follows.
  bool host_unknown = false;
};

struct Question {
  explicit Question(const DecideInput& input);

  const DecideInput& in;
  const v1::HttpRequest& request;
  const v1::Intent& intent;
  std::string_view method;
  bool page;  // GET and HEAD: the methods of pages, and of caches.
  bool http_1_0;
  // request.url without userinfo and fragment; nullopt when it is absent.
  std::optional<Url> url;
  // Absent where the purpose has none. Of weighted targets the one that was drawn.
  std::optional<Target> target;
  // The target with its placeholders filled in, as it is compared with redirect_uris.
  std::string_view target_text;
  std::vector<Target> alternatives;
  // The client has no sticky key yet: it was drawn, and the answer sets its cookie.
  bool key_was_drawn = false;
  std::string drawn_key;
  std::string filled_text;  // What target_text looks into when there were placeholders.
};

// Fills in `question`, whose input and intent have no faults of their own. Adds a violation for
// everything that does not fit together.
void ReadQuestion(Question& question, Violations& violations);

}  // namespace fingerpost
