// What a caller does not read of an answer: `omit` of both questions.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>

#include "core/message/faults.h"
#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::message {

class Omitted {
 public:
  explicit Omitted(const google::protobuf::RepeatedField<int>& parts) {
    for (const int part : parts) parts_ |= Bit(part);
  }

  [[nodiscard]] bool Has(v1::AnswerPart part) const { return (parts_ & Bit(part)) != 0; }
  [[nodiscard]] bool empty() const { return parts_ == 0; }

 private:
  static constexpr uint32_t Bit(int part) {
    return part >= 0 && part < 32 ? uint32_t{1} << part : 0;
  }

  uint32_t parts_ = 0;
};

// Reports parts that are none.
void CheckOmit(const google::protobuf::RepeatedField<int>& parts, Faults& faults);

// Leaves the codes of warnings alone.
void DropTexts(google::protobuf::RepeatedPtrField<v1::Warning>& warnings);

}  // namespace fingerpost::message
