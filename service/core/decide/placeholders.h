// "{name}" in a target: the only way for a value to enter a URL.
//
// Intents' parameters and rules' captures fill in targets here, in every field that is a target,
// under one set of guards: no value can change scheme, host or port, make a dot segment, or make
// the target start with "//".
//
// "{name}" becomes a piece of a path, of a query or of a fragment; "{+name}" is allowed in the path
// only. "{name|lower}" is the value with its ASCII letters in lower case. A name is 1 to 64
// letters, digits, "_" or "-". Other braces are literal, and so is a placeholder without a value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "google/protobuf/map.h"

namespace fingerpost::decide {

using Parameters = google::protobuf::Map<std::string, std::string>;

// The kind of a value, which decides its encoding.
enum class ValueKind : uint8_t {
  // Any text. All characters are percent-encoded except unreserved ones (RFC 3986 §2.3); "{+name}"
  // keeps "/", for the rest of a path that moved as a whole.
  kParameter,
  // A part of the request's path, which keeps the spelling of policy/compiled/path.h. In a query
  // its "&", "+", "=" and ";" are encoded, so that it remains one value.
  kCapture,
  // A capture that is empty or begins with "/": the rest after a prefix. It may follow a host, and
  // its "/" merges with one before it.
  kRest,
  // Labels of the request's host ("shop", "a.b"). They may stand in the target's host, between its
  // beginning or a "." and a ".", which then is held to the allowed hosts even where its author is
  // trusted. Elsewhere they are encoded as a parameter.
  kHost,
};

// What a rule captures: the name of a placeholder, and the kind of its value.
struct Capture {
  std::string name;
  ValueKind kind = ValueKind::kCapture;
};

// The values of one question; it refers to its arguments. Without values, all braces are text.
class Values {
 public:
  Values() = default;
  explicit Values(const Parameters& parameters) : parameters_(&parameters) {}
  // `values[i]` is what `captures[i]` captured.
  Values(std::span<const Capture> captures, std::span<const std::string_view> values)
      : captures_(captures), values_(values) {}

  struct Value {
    std::string_view text;
    ValueKind kind = ValueKind::kParameter;
  };

  // The caller of the service chose them, not a visitor.
  [[nodiscard]] bool are_parameters() const { return parameters_ != nullptr; }
  [[nodiscard]] bool empty() const {
    return captures_.empty() && (parameters_ == nullptr || parameters_->empty());
  }
  [[nodiscard]] std::optional<Value> Find(std::string_view name) const;

 private:
  const Parameters* parameters_ = nullptr;
  std::span<const Capture> captures_;
  std::span<const std::string_view> values_;
};

// "{name}", "{+name}" or "{name|lower}" in a text.
struct Placeholder {
  size_t begin;  // Of "{"; npos: there is none.
  size_t end;    // After "}".
  std::string_view name;
  bool keeps_slashes;
  bool lower;
};

// The first placeholder of `text` at or after `from`.
[[nodiscard]] Placeholder NextPlaceholder(std::string_view text, size_t from);

// "{id|upper}": what looks like a placeholder of `text` and has something else than "lower" after
// the "|"; "" if nothing does.
[[nodiscard]] std::string_view UnknownTransformation(std::string_view text);

// Writes a value's ASCII letters in lower case. The digits of percent-encoding stay, unless the
// value is any text.
void LowerValue(ValueKind kind, std::string& value);

// Why a target cannot be filled in.
struct ValueFault {
  std::string_view name;  // The placeholder whose value is at fault; "" if the target is.
  std::string_view what;  // Static: "would be a dot segment …".
};

// `target` with its values. After a fault the result must not be used.
[[nodiscard]] std::string FillPlaceholders(std::string_view target, const Values& values,
                                           std::vector<ValueFault>& faults);

// Why no value may take the place of the first misplaced placeholder of `target`, and what to write
// instead; "" if there is none. What is not one of `captures` is a parameter.
[[nodiscard]] std::string MisplacedPlaceholder(std::string_view target,
                                               std::span<const Capture> captures = {});

// The names in `target`, in order.
void CollectPlaceholders(std::string_view target, std::vector<std::string_view>& names);

// `target` up to its first placeholder, or all of it: the part in which its author may name a host.
[[nodiscard]] std::string_view BeforePlaceholders(std::string_view target);

// The fixed end of a host that begins with a placeholder or has one after a ".":
// ".new.example:8443" of "https://{1}.new.example:8443{rest}". nullopt: none stands in the host.
[[nodiscard]] std::optional<std::string_view> HostAfterPlaceholder(std::string_view target);

// Answers need an order, which protobuf maps do not have.
[[nodiscard]] std::vector<std::string_view> SortedNames(const Parameters& parameters);

// Of a value: kParametersPlace.QuotedKey("name").
inline constexpr message::Place kParametersPlace{"parameters"};

}  // namespace fingerpost::decide
