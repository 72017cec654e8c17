// Protobuf messages as JSON, for the CLI, the corpus and HTTP/JSON.
//
// Written: one line, snake_case, full enum names, without unset fields; otherwise the protobuf JSON
// mapping. Read: snake_case and camelCase, enum names as in core/message/enum_names.h.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "core/message/result.h"
#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::message {

// Reads one JSON object into `message`, which is cleared first, and unspecified after an error.
// MALFORMED_JSON: `text` is not JSON (RFC 8259, UTF-8). INVALID_FIELDS: it is no message of this
// type; every fault has its violation, in the order of the text.
[[nodiscard]] Done FromJson(std::string_view text, google::protobuf::Message& message);

// Appends `message`, without a line break.
void AppendJson(const google::protobuf::Message& message, std::string& out);
[[nodiscard]] std::string ToJson(const google::protobuf::Message& message);

// Appends a string with its quotes (RFC 8259 §7). Also escapes characters that control a terminal
// (IsDeceptive); invalid UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace fingerpost::message
