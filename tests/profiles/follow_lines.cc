// Answers FollowRequests on standard input with Follow, one JSON object a line: a FollowResponse,
// or the Error.

#include <iostream>
#include <string>

#include "core/follow/follow.h"
#include "core/message/json.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/follow.pb.h"

int main() {
  using fingerpost::follow::Follow;
  using fingerpost::message::FromJson;
  using fingerpost::message::ToJson;
  namespace v1 = fingerpost::v1;
  for (std::string line; std::getline(std::cin, line);) {
    v1::FollowRequest request;
    v1::FollowResponse response;
    fingerpost::message::Done done = FromJson(line, request);
    if (done) done = Follow(request, response);
    std::cout << (done ? ToJson(response) : ToJson(done.error())) << std::endl;
  }
}
