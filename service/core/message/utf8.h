// UTF-8, the encoding of every string in a message, and its effect on a screen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fingerpost::message {

// Length of the UTF-8 sequence at the start of `text`, which is not empty; 0 if it is not
// well-formed (Unicode table 3-7).
[[nodiscard]] size_t Utf8Length(std::string_view text);

[[nodiscard]] bool IsUtf8(std::string_view text);

// The code point of `sequence`, one well-formed UTF-8 sequence.
[[nodiscard]] uint32_t CodePoint(std::string_view sequence);

// Characters that control a terminal, or change the display of the text around them: the C0 and C1
// controls, DEL, the bidirectional ones (Unicode UAX #9), and the line and paragraph separators.
[[nodiscard]] bool IsDeceptive(uint32_t point);

}  // namespace fingerpost::message
