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

// One request, what came back, and what Follow made of it. Once the walk is over, nothing of it has
// the value of a secret or of a cookie, or userinfo.
struct Hop {
  v1::HttpRequest request;
  Exchange exchange;
  v1::FollowResponse follow;
  std::string leads_to;      // where a Location leads that is not followed; "" without one
  bool asked_again = false;  // the next hop asks with GET what HEAD was refused
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
  // It is one that says that the request failed: 4xx, 5xx, or a status that HTTP does not have.
  [[nodiscard]] bool EndsInError() const;
  // Redirects that were followed.
  [[nodiscard]] size_t Redirects() const;
};

// What to walk.
struct Journey {
  v1::HttpRequest request;
  std::string content;      // with request.body REPLAYABLE
  std::string user;         // "name:password" for the first URL's origin, if not in the URL
  bool head_first = false;  // the method is HEAD: GET where servers refuse that
  v1::FollowOptions options;
  std::chrono::milliseconds timeout{30'000};  // for the whole chain
};

// Sends a request. False: the text says why there is no response.
using Sender =
    std::function<bool(const v1::HttpRequest&, std::chrono::milliseconds, Exchange&, std::string&)>;

// Walks until Follow stops, a request fails, or the time is over. Follow's limit bounds the number
// of hops. False: the journey itself is wrong, nothing was sent, and `error` names the fields.
[[nodiscard]] bool Walk(const Journey& journey, const Sender& send, Trace& trace, v1::Error& error);

// Whether a field of that name is one to Follow: a token, and not too long.
[[nodiscard]] bool IsFieldName(std::string_view name);

// Everything that is wrong with `trace`: Follow's warnings, and what only the chain as a whole
// shows.
[[nodiscard]] std::vector<ChainProblem> ProblemsOf(const Trace& trace);

}  // namespace fingerpost::cli
