// Overwriting an answer that is reused. Clear() would free the strings of a oneof and the messages
// in a message. Overwritten ones keep their memory, so a caller that keeps one answer allocates
// next to nothing.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "core/http/fields.h"

namespace fingerpost::http {

// Writes `wanted` into a string of `message`. Most answers repeat the text of the one before. A
// comparison is cheaper than a copy and than mutable_x(), which is a call into the library.
template <auto get, auto mutate, typename Message>
void Put(std::string_view wanted, Message& message) {
  if ((message.*get)() != wanted) (message.*mutate)()->assign(wanted);
}
inline void PutName(std::string_view wanted, v1::Header& field) {
  Put<&v1::Header::name, &v1::Header::mutable_name>(wanted, field);
}
// An empty value is not a withheld one.
inline void PutValue(std::string_view wanted, v1::Header& field) {
  if (!field.has_value() || field.value() != wanted) field.mutable_value()->assign(wanted);
}
template <typename Message>
void PutMessage(std::string_view wanted, Message& message) {
  Put<&Message::message, &Message::mutable_message>(wanted, message);
}

// Overwrites the messages of a list from its front, and adds missing ones.
template <typename Message>
class Overwriter {
 public:
  using List = google::protobuf::RepeatedPtrField<Message>;
  explicit Overwriter(List& list) : list_(list) {}

  // The next message, with its old content or empty.
  Message& Next() {
    ++used_;
    return used_ <= list_.size() ? *list_.Mutable(used_ - 1) : *list_.Add();
  }
  // Drops the messages that were not overwritten.
  void Finish() {
    while (list_.size() > used_) list_.RemoveLast();
  }

 private:
  List& list_;
  int used_ = 0;
};

// Sets the message's citations to `citations`, up to the first empty one.
template <size_t N, typename Message>
void PutCitations(const std::array<std::string_view, N>& citations, Message& message) {
  const auto& there = message.citations();
  const auto* const end = std::find(citations.begin(), citations.end(), std::string_view());
  if (std::equal(citations.begin(), end, there.begin(), there.end())) return;
  Overwriter<std::string> list(*message.mutable_citations());
  for (const std::string_view citation : citations) {
    if (citation.empty()) break;
    std::string& text = list.Next();
    if (text != citation) text.assign(citation);
  }
  list.Finish();
}

// Writes `octets` into the member that `content` names, or removes the value.
inline void PutContent(v1::Header::ContentCase content, std::string_view octets, v1::Header& to) {
  switch (content) {
    case v1::Header::kValue:
      PutValue(octets, to);
      break;
    case v1::Header::kRawValue:
      to.mutable_raw_value()->assign(octets);
      break;
    case v1::Header::CONTENT_NOT_SET:
      to.clear_content();
      break;
  }
}
// Copies `from` to `to`, even a withheld value.
inline void PutField(const v1::Header& from, v1::Header& to) {
  PutName(from.name(), to);
  PutContent(from.content_case(), ValueOf(from), to);
}

}  // namespace fingerpost::http
