#include "engine/reply.h"

#include <google/protobuf/wire_format_lite.h>

#include <cstring>
#include <limits>

namespace fingerpost::engine {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr char Tag(int field, WireFormatLite::WireType type) {
  return static_cast<char>(WireFormatLite::MakeTag(field, type));
}

// A v1::Error that is ready; protobuf would need memory for it. Both texts are shorter than 128.
template <size_t CodeSize, size_t MessageSize>
consteval auto MakeError(const char (&code)[CodeSize], v1::ErrorReason reason,
                         const char (&message)[MessageSize]) {
  static_assert(CodeSize <= 128 && MessageSize <= 128);
  std::array<char, CodeSize + MessageSize + 4> octets{};
  size_t at = 0;
  const auto add_text = [&](int field, const char* text, size_t size) {
    octets[at++] = Tag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
    octets[at++] = static_cast<char>(size);
    for (size_t i = 0; i < size; ++i) octets[at++] = text[i];
  };
  add_text(v1::Error::kCodeFieldNumber, code, CodeSize - 1);
  octets[at++] = Tag(v1::Error::kReasonFieldNumber, WireFormatLite::WIRETYPE_VARINT);
  octets[at++] = static_cast<char>(reason);
  add_text(v1::Error::kMessageFieldNumber, message, MessageSize - 1);
  return octets;
}

constexpr auto kOutOfMemory =
    MakeError("RESOURCE_EXHAUSTED", v1::ERROR_REASON_OVERLOADED, "The process is out of memory.");
constexpr auto kInvariantBroken =
    MakeError("INTERNAL", v1::ERROR_REASON_INVARIANT_BROKEN, "An invariant did not hold.");
constexpr auto kTooLong =
    MakeError("INVALID_ARGUMENT", v1::ERROR_REASON_INVALID_FIELDS,
              "The answer would have 2 GiB or more; ask fewer questions in one call.");

template <typename Octets>
std::string_view View(const Octets& octets) {
  return {octets.data(), octets.size()};
}

}  // namespace

int Reply::Write(fingerpost_status status, const google::protobuf::MessageLite& message) {
  const size_t needed = message.ByteSizeLong();
  if (needed > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return WriteTooLong();
  }
  *size_ = needed;
  if (needed > capacity_) return FINGERPOST_TOO_SMALL;
  if (needed > 0) message.SerializeWithCachedSizesToArray(static_cast<uint8_t*>(octets_));
  return status;
}

int Reply::WriteNothing() {
  *size_ = 0;
  return FINGERPOST_OK;
}

int Reply::Write(fingerpost_status status, std::string_view octets) {
  *size_ = octets.size();
  if (octets.size() > capacity_) return FINGERPOST_TOO_SMALL;
  if (!octets.empty()) std::memcpy(octets_, octets.data(), octets.size());
  return status;
}

int Reply::WriteOutOfMemory() { return Write(FINGERPOST_ERROR, View(kOutOfMemory)); }

int Reply::WriteInvariantBroken() { return Write(FINGERPOST_ERROR, View(kInvariantBroken)); }

int Reply::WriteTooLong() { return Write(FINGERPOST_ERROR, View(kTooLong)); }

}  // namespace fingerpost::engine
