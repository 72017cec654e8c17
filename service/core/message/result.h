// A value, or what is wrong: what a function returns that can fail.
//
// The shape is C++23's std::expected; until the compilers that build this have it, tl::expected is
// the same, and this header alone changes. absl::StatusOr was the other candidate: its error is one
// of gRPC's codes and a text, while ours is a question's v1::Error with a reason and violations, or
// a line that somebody else puts into a sentence; it would need a code that nobody reads, and a
// second place for the rest.
//
// An optional is for what may just not be there, and an exception for what a library throws and for
// the start of a process.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::message {

// By default the error is a sentence about what was given: "expected a number".
template <typename Value, typename Error = std::string>
using Result = tl::expected<Value, Error>;

// return Unexpected("expected a number");
template <typename Error>
[[nodiscard]] tl::unexpected<Error> Unexpected(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// Makes the value where it stays.
using tl::in_place;

// What was asked for is done, or why it is not.
using Done = Result<void, v1::Error>;

}  // namespace fingerpost::message
