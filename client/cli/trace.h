// Walks a chain of redirects: sends each request, and lets Follow say what comes next.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fingerpost/v1/follow.pb.h"
#include "http_client.h"

namespace fingerpost::cli {

// One request, what came back, and what Follow made of it.
struct Hop {
  v1::HttpRequest request;  // secrets withheld, no userinfo
  Exchange exchange;
  v1::FollowResponse follow;
};

// What is wrong with a chain as a whole, or with one of its hops.
struct ChainProblem {
  std::string code;  // stable: "too_long"
  std::string message;
  size_t hop = 0;  // from 1; 0: the chain as a whole
};

struct Trace {
  std::vector<Hop> hops;
  // Why the last request has no response, or no answer of Follow; "" when the chain came to its
  // end.
  std::string failure;
  std::vector<ChainProblem> problems;

  // The last response is the result.
  [[nodiscard]] bool Complete() const;
};

// What to walk.
struct Journey {
  v1::HttpRequest request;
  std::string content;  // with request.body REPLAYABLE
  v1::FollowOptions options;
  std::chrono::milliseconds timeout{30'000};  // for the whole chain
};

// Sends a request. False: the text says why there is no response.
using Sender =
    std::function<bool(const v1::HttpRequest&, std::chrono::milliseconds, Exchange&, std::string&)>;

// Walks until Follow stops, a request fails, or the time is over. Follow's limit bounds the number
// of hops. False: the journey itself is wrong, nothing was sent, and `error` names the fields.
[[nodiscard]] bool Walk(const Journey& journey, const Sender& send, Trace& trace, v1::Error& error);

// Everything that is wrong with `trace`: Follow's warnings, and what only the chain as a whole
// shows.
[[nodiscard]] std::vector<ChainProblem> ProblemsOf(const Trace& trace);

}  // namespace fingerpost::cli
