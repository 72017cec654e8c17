#include "core/message/omitted.h"

namespace fingerpost::message {
namespace {

constexpr int kMaxParts = 16;  // More than there are; it bounds what a question makes us look at.

}  // namespace

void CheckOmit(const google::protobuf::RepeatedField<int>& parts, Faults& faults) {
  const Place omit("omit");
  if (parts.size() > kMaxParts) {
    faults.Error(omit, AtMost(kMaxParts, "parts", parts.size()));
    return;
  }
  for (int i = 0; i < parts.size(); ++i) {
    if (!v1::AnswerPart_IsValid(parts.Get(i)) || parts.Get(i) == v1::ANSWER_PART_UNSPECIFIED) {
      faults.Error(omit[i], "not a known part of an answer");
    }
  }
}

void DropTexts(google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
  for (v1::Warning& warning : warnings) {
    warning.clear_message();
    warning.clear_citations();
  }
}

}  // namespace fingerpost::message
