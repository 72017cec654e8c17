// Decide's question as its steps see it: read and parsed once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide/decide.h"
#include "core/http/url.h"
#include "core/message/violations.h"

namespace fingerpost::decide {

// A target after placeholders, resolution and query.
struct Target {
  http::Url url;
  // Location has all of it, not from the path on only.
  bool absolute = false;
  // request.url is unknown: the host of `url` means nothing, only the path and what follows.
  bool host_unknown = false;
  // What its author wrote before any value: the host that it names, if any, is in it.
  std::string_view literal = {};
  // Whoever named that host may name any.
  bool trusted = false;
  // See LacksTwoSlashes.
  bool ambiguous = false;
  // What captures would make of it, which must not be sent; then `url` means nothing.
  std::string fault = {};
};

struct Question {
  explicit Question(const Input& input);

  const Input& in;
  const v1::HttpRequest& request;
  const v1::Intent& intent;
  const Values values;  // For the placeholders of the intent's targets.
  std::string_view method;
  bool page;  // GET and HEAD: the methods of pages, and of caches.
  bool http_1_0;
  // request.url without userinfo and fragment; nullopt when it is absent.
  std::optional<http::Url> url;
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
void ReadQuestion(Question& question, message::Violations& violations);

// Fills in `text`, one of the intent's targets at `path`, and resolves it; `text` then looks into
// `filled` when it had placeholders. False: it is no target, and a violation has been added.
[[nodiscard]] bool ReadTargetText(const Question& question, std::string_view& text,
                                  std::string_view path, std::string& filled, Target& target,
                                  message::Violations& violations);

}  // namespace fingerpost::decide
