// Collects everything that is wrong with a question or a document, so that its author learns of all
// of it at once.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/place.h"
#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::message {

enum class Severity : uint8_t {
  kError,    // The question or document is refused.
  kWarning,  // It works, but is probably not what its author meant.
  kNote,     // It works, but may surprise.
};

// Where in a file: 1-based; columns count octets. line 0: the file as a whole.
struct Position {
  size_t line = 0;
  size_t column = 0;
};

struct Fault {
  Severity severity = Severity::kError;
  Path path;         // Empty for the whole.
  std::string what;  // What was expected and what was wrong; never a secret.
  // Of a document.
  std::string file = {};
  Position position = {};
};

// As found; of documents in the order of the files, then of their lines.
using FaultList = std::vector<Fault>;

// "shop.yaml:12:5: rules[3].id: is used twice; choose another". Warnings say "warning: " after the
// position, notes "note: ".
[[nodiscard]] std::string ToString(const Fault& fault);

[[nodiscard]] bool HasErrors(const FaultList& faults);

// Why it is refused. `faults` has an error.
[[nodiscard]] const Fault& FirstError(const FaultList& faults);

// The ways to a fault are cold: laid out apart from what every question runs through, which is
// about as large as an instruction cache (32 KiB).
class Faults {
 public:
  // More of them help nobody, and bound the answer to a hostile request.
  static constexpr size_t kMostOfQuestion = 64;
  // Of each severity: a document of nothing but faults must not become a larger list of them, and
  // no number of warnings may hide an error.
  static constexpr size_t kMostOfDocument = 1000;

  // Keeps the first `most` errors, and as many others.
  explicit Faults(size_t most = kMostOfQuestion) : most_(most) {}

  [[gnu::cold]] void Error(const Place& place, std::string_view what);
  [[gnu::cold]] void Warning(const Place& place, std::string_view what);
  [[gnu::cold]] void Note(const Place& place, std::string_view what);
  // An error before the one that is number `next` now.
  [[gnu::cold]] void Insert(size_t next, const Place& place, std::string_view what);
  [[gnu::cold]] void Add(Fault fault);

  [[nodiscard]] bool empty() const { return errors_ == 0 && others_ == 0; }
  // How many there were, kept or not.
  [[nodiscard]] size_t errors() const { return errors_; }
  // Further errors are counted and not kept.
  [[nodiscard]] bool full() const { return errors_ >= most_; }
  [[nodiscard]] const FaultList& list() const { return list_; }
  // Whether there is a fault at that very place.
  [[nodiscard]] bool Has(const Place& place) const;

 private:
  FaultList list_;
  size_t most_;
  size_t errors_ = 0;
  size_t others_ = 0;
};

// INVALID_ARGUMENT with a violation for each fault that was kept. `faults` is not empty.
[[nodiscard, gnu::cold]] v1::Error ToError(const Faults& faults);

// "at most 256 fields, got 300".
template <typename Number>
[[gnu::cold]] std::string AtMost(Number most, std::string_view of_what, Number got) {
  return "at most " + std::to_string(most) + ' ' + std::string(of_what) + ", got " +
         std::to_string(got);
}

}  // namespace fingerpost::message
