// "{name}" in a target: the one way for a value to get into a URL.
//
// Intents' parameters and rules' captures fill in targets here, in every member that is a target,
// under one set of guards: no value can reach scheme, host or port, make a dot segment, or make the
// target start with "//".
//
// "{name}" becomes a piece of a path, of a query or of a fragment; "{+name}" stands in the path
// only. A name is 1 to 64 letters, digits, "_" or "-". Other braces stand for themselves, and so
// does a placeholder that has no value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/violations.h"
#include "google/protobuf/map.h"

namespace fingerpost::decide {

using Parameters = google::protobuf::Map<std::string, std::string>;

// What a value is, and so how it is written.
enum class ValueKind : uint8_t {
  // Any text. Everything but unreserved characters (RFC 3986 §2.3) is percent-encoded; "{+name}"
  // keeps "/", for the rest of a path that moved as a whole.
  kParameter,
  // A part of the request's path in the spelling of policy/compiled/path.h, which it keeps. In the
  // query its "&", "+", "=" and ";" are encoded, so that it stays one value.
  kCapture,
  // A capture that is empty or begins with "/": what follows a prefix. It may follow a host, and
  // its "/" and one that stands before it are one.
  kRest,
};

// The values of one question. Refers to what it is made of. Without any, all braces are text.
class Values {
 public:
  Values() = default;
  explicit Values(const Parameters& parameters) : parameters_(&parameters) {}
  // `captures[i]` is the value of `names[i]`.
  Values(std::span<const std::string> names, std::span<const std::string_view> captures,
         ValueKind kind)
      : names_(names), captures_(captures), kind_(kind) {}

  [[nodiscard]] ValueKind kind() const { return kind_; }
  [[nodiscard]] bool empty() const {
    return names_.empty() && (parameters_ == nullptr || parameters_->empty());
  }
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view name) const;

 private:
  const Parameters* parameters_ = nullptr;
  std::span<const std::string> names_;
  std::span<const std::string_view> captures_;
  ValueKind kind_ = ValueKind::kParameter;
};

// Why a target cannot be filled in.
struct ValueFault {
  std::string_view name;  // Of the placeholder whose value is at fault; "" when the target is.
  std::string_view what;  // Static: "would be a dot segment …".
};

// `target` with its values. What it returns after a fault must not be used.
[[nodiscard]] std::string FillPlaceholders(std::string_view target, const Values& values,
                                           std::vector<ValueFault>& faults);

// Why no value of that kind may stand where the first misplaced placeholder of `target` does, with
// what to write instead; "" when all may.
[[nodiscard]] std::string MisplacedPlaceholder(std::string_view target, ValueKind kind);

// The names in `target`, in order.
void CollectPlaceholders(std::string_view target, std::vector<std::string_view>& names);

// `target` up to its first placeholder, all of it without one: what its author wrote of the host.
[[nodiscard]] std::string_view BeforePlaceholders(std::string_view target);

// Protobuf maps have no order of their own; answers need one.
[[nodiscard]] std::vector<std::string_view> SortedNames(const Parameters& parameters);

// parameters["name"].
[[nodiscard]] std::string ParameterPath(std::string_view name);

}  // namespace fingerpost::decide
