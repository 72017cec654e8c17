// Fills a protobuf message from the events of a document, by the message's descriptors alone; for
// JSON and YAML.
//
// It takes field names in snake_case and camelCase, enum values as in core/message/enum_names.h,
// and everything else as in the protobuf JSON mapping. It goes on after a fault, so that all faults
// are found at once; the message is only usable without faults. Time and memory are linear in the
// size of the document.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/message/faults.h"

namespace fingerpost::message {

class Builder {
 public:
  // Fills `message`, which must be empty, and reports to `faults`; both outlive the builder. What a
  // fault says never has the value that was found.
  Builder(google::protobuf::Message& message, Faults& faults);

  // Where the events that follow stand, for faults.
  void At(Position position) { position_ = position; }

  // The events of one value, in the order of the document. Begin, Key and End must nest, as a
  // parser's events do.
  void BeginObject();
  void Key(const std::string& name);
  void EndObject();
  void BeginList();
  void EndList();
  void Null();
  void Bool(bool value);
  void Integer(int64_t value);
  void Unsigned(uint64_t value);
  void Real(double value);
  void Text(const std::string& value);  // valid UTF-8
  // A scalar without a type, such as YAML without quotes: read as the field's type.
  void Plain(const std::string& value);

  // Reports a fault of the next value.
  [[gnu::cold]] void Report(std::string what) { Report(std::move(what), {}); }

 private:
  enum class Kind { kMessage, kList, kMap, kSkipped };

  // An open object or list.
  struct Frame {
    Kind kind;
    // kMessage: itself. kList, kMap: their parent.
    google::protobuf::Message* message = nullptr;
    // kMessage: the field of the next value. kList, kMap: their own field.
    const google::protobuf::FieldDescriptor* field = nullptr;
    int64_t index = -1;                       // kList: of the last value
    std::string key{};                        // kMap: of the next value
    absl::InlinedVector<bool, 32> given{};    // kMessage: which fields so far, by index
    absl::flat_hash_set<std::string> keys{};  // kMap: given so far
  };

  // The place of the next value. Without a field there is none: a fault of it or of its parent was
  // reported.
  struct Slot {
    google::protobuf::Message* message = nullptr;
    const google::protobuf::FieldDescriptor* field = nullptr;
    bool element = false;  // of a repeated field
  };

  Slot Next();
  // The slot for a scalar, if one is allowed there.
  Slot NextScalar(std::string_view found);
  void MarkGiven(Frame& frame, const google::protobuf::FieldDescriptor& field);
  void UnknownField(const Frame& frame, const std::string& name);
  template <typename Number>
  void StoreNumber(Number value);
  template <typename Number>
  void StoreInteger(const Slot& slot, Number value);
  void StoreText(const Slot& slot, const std::string& value);
  void StoreTime(const Slot& slot, const std::string& value);
  // Of its member `name`, unless that is empty.
  [[gnu::cold]] void Report(std::string what, std::string_view name);
  // Where the next value goes.
  [[nodiscard]] Path ToPath() const;

  google::protobuf::Message& root_;
  std::vector<Frame> frames_;
  Faults& faults_;
  Position position_;
};

}  // namespace fingerpost::message
