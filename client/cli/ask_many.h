// Many questions from a file: one line of JSON each, one line of JSON back, in order.
#pragma once

#include <string>

#include "backend.h"

namespace fingerpost::cli {

// Answers every line of `path` ("-": standard input) on standard output. A line that fails gets
// {"error":{...}}. Returns the exit code.
[[nodiscard]] int AskManyDecide(Backend& backend, const std::string& path);
[[nodiscard]] int AskManyFollow(Backend& backend, const std::string& path);

// Whether the question is at fault rather than the server.
[[nodiscard]] bool IsAboutTheQuestion(const v1::Error& error);

}  // namespace fingerpost::cli
