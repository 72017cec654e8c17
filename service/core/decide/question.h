// Decide's question for its steps: the request, the wish, and its targets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decide/wish.h"
#include "core/http/request.h"
#include "core/http/url.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// A target after placeholders, resolution and query.
struct Target {
  http::Url url;
  // Whether Location has the whole URL rather than the part from the path on.
  bool absolute = false;
  // Whether request.url is unknown. Then the host of `url` means nothing, only the path and the
  // rest.
  bool host_unknown = false;
  // The author's text before any value, with the host that the target names, if any.
  std::string_view literal = {};
  // Whether the author of that host may name any host.
  bool trusted = false;
  // Whether a value is a part of the host, so that not even a trusted author chose it.
  bool captured_host = false;
  // See LacksTwoSlashes.
  bool ambiguous = false;
  // The forbidden result of captures, which must not be sent; then `url` means nothing.
  std::string fault = {};
};

struct Question {
  Question(const v1::DecideRequest& asked, const http::Request& request, const Wish& wish);

  // The wished target as it is written, before anything is filled in.
  [[nodiscard]] std::string_view WrittenTarget() const {
    return wish.target.empty() ? std::string_view(intent.target()) : wish.target;
  }

  const v1::DecideRequest& asked;  // For now, draw, explain and omit.
  const http::Request& request;
  const Wish& wish;
  const v1::Intent& intent;  // The wish's; empty if nothing matches.
  const Values values;       // For the placeholders of the intent's targets.
  const http::Url* url;      // The target URI; nullptr if request.url is absent or faulty.
  // Absent if the purpose has none. The drawn one of weighted targets.
  std::optional<Target> target;
  // The target with its placeholders filled in, for the comparison with redirect_uris.
  std::string_view target_text;
  // Why a part of the request's query is missing in the target; empty if none is.
  std::string_view dropped_query;
  std::vector<Target> alternatives;
  std::vector<Target> links;
  // Whether the client had no sticky key. Then one was drawn, and the answer sets its cookie.
  bool key_was_drawn = false;
  std::string drawn_key;
  std::string filled_text;  // The text behind target_text if it had placeholders.
};

// Fills in `question`. Reports everything that is wrong with its wish, and what does not fit
// together.
void ReadQuestion(Question& question, message::Faults& faults);

// The part that finds the targets: target, fallback and alternatives.
void ReadTargets(Question& question, message::Faults& faults);

// Fills in `text`, one of the intent's targets, which stands at `at`, and resolves it; `text` then
// looks into `filled` when it had placeholders. False: it is no target, and that is reported.
[[nodiscard]] bool ReadTargetText(const Question& question, std::string_view& text,
                                  const message::Place& at, std::string& filled, Target& target,
                                  message::Faults& faults);

}  // namespace fingerpost::decide
