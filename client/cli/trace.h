// Walks a chain of redirects: sends each request, and asks Follow for the next.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fingerpost/v1/follow.pb.h"
#include "http_client.h"

namespace fingerpost::cli {

// One request, its response, and Follow's answer. After the walk it holds no value of a secret or
// cookie, and no userinfo.
struct Hop {
  v1::HttpRequest request;
  Exchange exchange;
  v1::FollowResponse follow;
  std::string leads_to;      // where an unfollowed Location leads; "" without one
  bool asked_again = false;  // the next hop repeats with GET, because HEAD was refused
};

// A problem of a chain as a whole, or of one of its hops.
struct ChainProblem {
  std::string code;  // stable: "too_long"
  std::string message;
  size_t hop = 0;  // from 1; 0: the chain as a whole
};

struct Trace {
  std::vector<Hop> hops;
  // Why the last request has no response, or no answer of Follow; "" if the chain came to its end.
  std::string failure;
  std::vector<ChainProblem> problems;

  // The last response is the result.
  [[nodiscard]] bool Complete() const;
  // It reports a failed request: 4xx, 5xx, or a status that HTTP does not define.
  [[nodiscard]] bool EndsInError() const;
  // Redirects that were followed.
  [[nodiscard]] size_t Redirects() const;
};

// What to walk.
struct Journey {
  v1::HttpRequest request;
  std::string content;      // with request.body REPLAYABLE
  std::string user;         // "name:password" for the first URL's origin, if not in the URL
  bool head_first = false;  // the method is HEAD; GET if the server refuses that
  v1::FollowOptions options;
  std::chrono::milliseconds timeout{30'000};  // for the whole chain
};

// Sends a request. The error says why there is no response.
using Sender = std::function<message::Result<void>(const v1::HttpRequest&,
                                                   std::chrono::milliseconds, Exchange&)>;

// Walks until Follow stops, a request fails, or the time is up. Follow's limit bounds the number of
// hops. The error names what is wrong with the journey itself; then nothing was sent.
[[nodiscard]] message::Done Walk(const Journey& journey, const Sender& send, Trace& trace);

// Whether a field of that name is one to Follow: a token, and not too long.
[[nodiscard]] bool IsFieldName(std::string_view name);

// All problems of `trace`: Follow's warnings, and those that only the whole chain shows.
[[nodiscard]] std::vector<ChainProblem> ProblemsOf(const Trace& trace);

}  // namespace fingerpost::cli
