// Decide's question as its steps see it: the request, the wish, and where it leads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide/wish.h"
#include "core/http/request.h"
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
  Question(const v1::DecideRequest& asked, const http::Request& request, const Wish& wish);

  const v1::DecideRequest& asked;  // For now, draw and explain.
  const http::Request& request;
  const Wish& wish;
  const v1::Intent& intent;  // Of the wish; empty when nothing matches.
  const Values values;       // For the placeholders of the intent's targets.
  const http::Url* url;      // The target URI; nullptr when request.url is absent or has a fault.
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

// Fills in `question`. Adds a violation for everything that is wrong with its wish, and for what
// does not fit together.
void ReadQuestion(Question& question, message::Violations& violations);

// The part of it that finds out where the wish leads: target, fallback and alternatives.
void ReadTargets(Question& question, message::Violations& violations);

// Fills in `text`, one of the intent's targets at `path`, and resolves it; `text` then looks into
// `filled` when it had placeholders. False: it is no target, and a violation has been added.
[[nodiscard]] bool ReadTargetText(const Question& question, std::string_view& text,
                                  std::string_view path, std::string& filled, Target& target,
                                  message::Violations& violations);

}  // namespace fingerpost::decide
