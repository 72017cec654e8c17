// Collects every fault of a request, so that a caller learns of all of them at once.
#pragma once

#include <string>
#include <string_view>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::message {

// What: the list of violations behind one INVALID_ARGUMENT.
// Order: as added; add in the order of the message's fields.
class Violations {
 public:
  // More than this many faults help nobody, and bound the answer to a hostile request.
  static constexpr int kMaxReported = 64;

  explicit Violations(v1::Error& error) : error_(error) {}
  Violations(const Violations&) = delete;
  Violations& operator=(const Violations&) = delete;

  // `field` is a path from the request ("intent.target"); `description` says what was expected and
  // what was wrong, and never holds a secret.
  //
  // Cold: the way to it is laid out apart from what every question runs through, which is about as
  // large as an instruction cache (32 KiB).
  [[gnu::cold]] void Add(std::string_view field, std::string_view description);
  // The same, before the violation that is now at `place`.
  [[gnu::cold]] void Insert(int place, std::string_view field, std::string_view description);

  // The error that they make, for a fault of another kind.
  [[nodiscard]] v1::Error& error() { return error_; }

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] int size() const { return count_; }

  // Completes the error when there is any violation. Returns whether there was none.
  [[nodiscard]] bool Finish();

 private:
  v1::Error& error_;
  int count_ = 0;
};

// "at most 256 fields, got 300".
template <typename Number>
[[gnu::cold]] std::string AtMost(Number most, std::string_view of_what, Number got) {
  return "at most " + std::to_string(most) + ' ' + std::string(of_what) + ", got " +
         std::to_string(got);
}

// "request.headers[3].value".
[[gnu::cold]] std::string FieldPath(std::string_view list, int index, std::string_view member = {});

}  // namespace fingerpost::message
