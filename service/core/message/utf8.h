// UTF-8, as every string of a message must be, and what it looks like on a screen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fingerpost::message {

// Length of the UTF-8 sequence at the start of `text`, which is not empty; 0 when it is not
// well-formed (Unicode table 3-7).
[[nodiscard]] size_t Utf8Length(std::string_view text);

[[nodiscard]] bool IsUtf8(std::string_view text);

// The code point that `sequence`, one well-formed UTF-8 sequence, stands for.
[[nodiscard]] uint32_t CodePoint(std::string_view sequence);

// Characters that drive a terminal, or change how the text around them is shown: the C0 and C1
// controls, DEL, the bidirectional ones (Unicode UAX #9), and the line and paragraph separators.
[[nodiscard]] bool IsDeceptive(uint32_t point);

}  // namespace fingerpost::message
