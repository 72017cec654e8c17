// Hops as text, so that a test reads like an exchange on the wire.
#pragma once

#include <string>
#include <string_view>

#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::testing {

// "POST https://a.test/x [body]\nAuthorization: t\nX-Key: (withheld)". "[body]" can be sent again,
// "[once]" cannot.
v1::HttpRequest Request(std::string_view text);
// One field a line. "\\r", "\\n", "\\0" and "\\xNN" stand for octets.
v1::HttpResponse Response(int status, std::string_view fields);
v1::FollowRequest Ask(std::string_view request, int status, std::string_view fields);

// The answer in the same form, or "STOP LOOP". For a malformed question: "INVALID field: why; ...".
std::string Next(const v1::FollowRequest& question);
std::string ToText(const v1::FollowResponse& answer);
// Answers; fails the test if the question is malformed.
v1::FollowResponse Answer(const v1::FollowRequest& question);

// The next hop's question: `answer`'s next and chain, and a response to it.
v1::FollowRequest Then(const v1::FollowRequest& question, const v1::FollowResponse& answer,
                       int status, std::string_view fields);
// A whole walk: one "status fields" for each hop. Returns the last answer.
v1::FollowResponse Walk(v1::FollowRequest question,
                        std::initializer_list<std::pair<int, std::string_view>> rest);

}  // namespace fingerpost::testing
