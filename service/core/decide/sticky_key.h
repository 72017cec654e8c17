// The sticky key of a client: one that it sends, or one that is drawn for it and kept in a cookie
// (see StickyKey and AssignedCookie in intent.proto).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

inline constexpr std::string_view kDrawExpected =
    "required with sticky_key.assign, for a client without the cookie";

// Reports everything that is wrong with `key`, which stands at `path`.
void CheckStickyKey(const v1::StickyKey& key, const message::Place& at, message::Faults& faults);

// Whether a client that sends `headers` to `url` gets the cookie of `key`.
[[nodiscard]] bool Assigns(const v1::StickyKey& key, const http::Headers& headers,
                           const http::Url& url);

// The key for `draw`.
[[nodiscard]] std::string DrawnKey(uint32_t draw);

// Writes the cookies of the drawn keys: the policy match's, and the target's if `status` leads
// there.
void WriteAssigned(const Question& question, int32_t status, AnswerWriter& answer);

}  // namespace fingerpost::decide
