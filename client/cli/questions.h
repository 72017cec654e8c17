// Questions spelled as flags.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/message/result.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"
#include "follow_options.h"

namespace fingerpost::cli {

// Both questions have a request.
struct RequestFlags {
  std::string method = "GET";
  std::string url;
  std::string protocol;
  std::string body;
  std::vector<std::string> headers;
};

struct DecideFlags {
  RequestFlags request;
  std::string target;
  std::string purpose;
  std::string intent_name;
  std::vector<std::string> parameters;
  std::string flash;
  std::string trust;
  std::vector<std::string> allowed_hosts;
  int pinned_status = 0;
  std::string client;
  std::string state;
  std::string permanence;
  std::string retry_after;
  std::string now;
  bool explain = false;

  void AddTo(CLI::App& command);
  // False: a flag's value is wrong; `error` names the fields.
  [[nodiscard]] message::Done Ask(v1::DecideRequest& out) const;
};

struct FollowFlags {
  RequestFlags request;
  int status = 0;
  std::optional<std::string> location;  // may be empty, as on the wire
  std::vector<std::string> response_headers;
  FollowOptionFlags options;
  std::string now;

  void AddTo(CLI::App& command);
  // As DecideFlags::Ask.
  [[nodiscard]] message::Done Ask(v1::FollowRequest& out) const;
};

// Fills in what a question leaves to the answering side: the clock, and for Decide the draw.
void FillIn(v1::DecideRequest& question);
void FillIn(v1::FollowRequest& question);

}  // namespace fingerpost::cli
