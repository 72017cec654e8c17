// The C interface, linked into the test or loaded from libfingerpost.so.
#pragma once

#include <string>
#include <string_view>

#include "engine/fingerpost.h"
#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::engine::testing {

struct Library {
  decltype(&fingerpost_abi) abi;
  decltype(&fingerpost_open) open;
  decltype(&fingerpost_open_text) open_text;
  decltype(&fingerpost_open_file) open_file;
  decltype(&fingerpost_close) close;
  decltype(&fingerpost_decide) decide;
  decltype(&fingerpost_follow) follow;
  decltype(&fingerpost_batch_decide) batch_decide;
  decltype(&fingerpost_batch_follow) batch_follow;
  decltype(&fingerpost_take_usage) take_usage;
};

[[nodiscard]] const Library& Linked();
// That of the build. Throws std::runtime_error if it cannot be loaded.
[[nodiscard]] const Library& Loaded();
// Another one. `path` has a "/". Throws like Loaded().
[[nodiscard]] Library Load(const char* path);

// What a call returned, and what it wrote.
struct Result {
  int status = -1;
  std::string octets;

  // Of FINGERPOST_ERROR.
  [[nodiscard]] v1::Error error() const {
    v1::Error error;
    return error.ParseFromString(octets) ? error : v1::Error();
  }
};

// Calls `function(buffer, capacity, size)`, first with little room; it gets as much as it asks for.
template <typename Function>
Result Call(Function function, size_t capacity = 256) {
  Result result;
  result.octets.resize(capacity);
  size_t size = 0;
  result.status = function(result.octets.data(), result.octets.size(), &size);
  if (result.status == FINGERPOST_TOO_SMALL) {
    result.octets.resize(size);
    result.status = function(result.octets.data(), result.octets.size(), &size);
  }
  result.octets.resize(result.status == FINGERPOST_MISUSE ? 0 : size);
  return result;
}

// A policy that a test opens. Closed at the end.
class Policy {
 public:
  explicit Policy(std::string_view yaml, const Library& library = Linked()) : library_(library) {
    opened_ = Call([&](void* error, size_t capacity, size_t* size) {
      return library.open_text(yaml.data(), yaml.size(), &policy_, error, capacity, size);
    });
  }
  Policy(std::string_view octets, const char* version, const Library& library = Linked())
      : library_(library) {
    opened_ = Call([&](void* error, size_t capacity, size_t* size) {
      return library.open(octets.data(), octets.size(), version, &policy_, error, capacity, size);
    });
  }
  ~Policy() { library_.close(policy_); }
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;

  [[nodiscard]] const Result& opened() const { return opened_; }
  [[nodiscard]] const fingerpost_policy* get() const { return policy_; }
  [[nodiscard]] Result Decide(std::string_view question) const {
    return Call([&](void* answer, size_t capacity, size_t* size) {
      return library_.decide(policy_, question.data(), question.size(), answer, capacity, size);
    });
  }

 private:
  const Library& library_;
  fingerpost_policy* policy_ = nullptr;
  Result opened_;
};

}  // namespace fingerpost::engine::testing
