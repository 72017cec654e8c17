// Where a fault is: a structure, which becomes text only when it is printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fingerpost::message {

// One step of a path, which keeps its text.
struct Step {
  enum class Kind : uint8_t { kMember, kKey, kIndex };
  Kind kind = Kind::kMember;
  std::string name;     // kMember, kKey
  size_t index = 0;     // kIndex
  bool quoted = false;  // kKey: in quotes also where it needs none

  bool operator==(const Step&) const = default;
};

// From a question or a document to one of its parts; empty for the whole.
using Path = std::vector<Step>;

// "request.headers[3].value", "intents.order_placed", intents["order placed"]. A long name is cut
// and unprintable octets are escaped, because a name may be anything.
[[nodiscard]] std::string ToString(const Path& path);

// "rules[3].match" is a part of "rules[3]" and of itself.
[[nodiscard]] bool IsPartOf(const Path& whole, const Path& part);

// A path that costs nothing until there is a fault: each step points to the one before it, and
// nothing is copied. The parts of a place must outlive it, so a temporary cannot be a parent.
class Place {
 public:
  // The whole question, or the whole document.
  constexpr Place() = default;
  // A member, or several: "request.url".
  // NOLINTBEGIN(google-explicit-constructor,hicpp-explicit-conversions)
  constexpr Place(std::string_view members) : members_(members) {}
  constexpr Place(const char* members) : members_(members) {}
  Place(const std::string& members) : members_(members) {}
  // NOLINTEND(google-explicit-constructor,hicpp-explicit-conversions)

  // A member of it, or several.
  [[nodiscard]] constexpr Place operator[](std::string_view members) const& {
    return {this, kNone, members, Names::kMembers};
  }
  // An element of a list.
  [[nodiscard]] constexpr Place operator[](int index) const& {
    return {this, index, {}, Names::kMembers};
  }
  // A member of an element.
  [[nodiscard]] constexpr Place Element(int index, std::string_view members) const& {
    return {this, index, members, Names::kMembers};
  }
  // A value of a map.
  [[nodiscard]] constexpr Place Key(std::string_view key) const& {
    return {this, kNone, key, Names::kKey};
  }
  [[nodiscard]] constexpr Place QuotedKey(std::string_view key) const& {
    return {this, kNone, key, Names::kQuotedKey};
  }
  Place operator[](std::string_view) const&& = delete;
  Place operator[](int) const&& = delete;
  Place Element(int, std::string_view) const&& = delete;
  Place Key(std::string_view) const&& = delete;
  Place QuotedKey(std::string_view) const&& = delete;

  // Keeps it.
  [[nodiscard]] Path ToPath() const;

 private:
  enum class Names : uint8_t { kMembers, kKey, kQuotedKey };
  static constexpr int kNone = -1;

  constexpr Place(const Place* parent, int index, std::string_view members, Names names)
      : parent_(parent), members_(members), index_(index), names_(names) {}

  // The steps in this order: the parent's, the index, the names.
  const Place* parent_ = nullptr;
  std::string_view members_;
  int index_ = kNone;
  Names names_ = Names::kMembers;
};

[[nodiscard]] std::string ToString(const Place& place);

}  // namespace fingerpost::message
