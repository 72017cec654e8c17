#include "core/follow/asking.h"

#include <gtest/gtest.h>

#include "core/follow/follow.h"
#include "core/http/fields.h"
#include "done.h"

namespace fingerpost::testing {
namespace {

constexpr std::string_view kWithheld = "(withheld)";

std::string Unescape(std::string_view text) {
  std::string octets;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      octets += text[i];
    } else if (text[i + 1] == 'x' && i + 3 < text.size()) {
      octets += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      ++i;
      octets += text[i] == 'r' ? '\r' : text[i] == 'n' ? '\n' : text[i] == '0' ? '\0' : text[i];
    }
  }
  return octets;
}

std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

template <typename Message>
void AddFields(std::string_view text, Message& message) {
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (line.empty()) continue;
    const size_t colon = line.find(':');
    v1::Header& header = *message.add_headers();
    header.set_name(std::string(line.substr(0, colon)));
    const std::string_view value =
        colon + 1 < line.size() ? http::TrimWhitespace(line.substr(colon + 1)) : std::string_view();
    if (value != kWithheld) http::SetValue(header, Unescape(value));
  }
}

}  // namespace

v1::HttpRequest Request(std::string_view text) {
  v1::HttpRequest request;
  std::string_view line = TakeLine(text);
  if (line.ends_with(" [body]")) request.set_body(v1::BODY_REPLAYABLE);
  if (line.ends_with(" [once]")) request.set_body(v1::BODY_ONE_SHOT);
  if (request.body() != v1::BODY_UNSPECIFIED) line.remove_suffix(7);
  request.set_method(std::string(line.substr(0, line.find(' '))));
  request.set_url(std::string(line.substr(line.find(' ') + 1)));
  AddFields(text, request);
  return request;
}

v1::HttpResponse Response(int status, std::string_view fields) {
  v1::HttpResponse response;
  response.set_status(status);
  AddFields(fields, response);
  return response;
}

v1::FollowRequest Ask(std::string_view request, int status, std::string_view fields) {
  v1::FollowRequest question;
  *question.mutable_request() = Request(request);
  *question.mutable_response() = Response(status, fields);
  return question;
}

std::string ToText(const v1::FollowResponse& answer) {
  if (answer.has_stop())
    return "STOP " + v1::StopReason_Name(answer.stop().reason()).substr(sizeof("STOP_REASON_") - 1);
  const v1::HttpRequest& next = answer.next();
  std::string text = next.method() + ' ' + next.url();
  if (next.body() == v1::BODY_REPLAYABLE) text += " [body]";
  if (next.body() == v1::BODY_ONE_SHOT) text += " [once]";
  for (const v1::Header& header : next.headers()) {
    text += '\n' + header.name() + ": " +
            std::string(http::IsWithheld(header) ? kWithheld : http::ValueOf(header));
  }
  return text;
}

std::string Next(const v1::FollowRequest& question) {
  v1::FollowResponse answer;
  v1::Error error;
  if (IsDone(follow::Follow(question, answer), error)) return ToText(answer);
  std::string text = "INVALID";
  for (const auto& violation : error.violations()) text += " " + violation.field();
  return text;
}

v1::FollowResponse Answer(const v1::FollowRequest& question) {
  v1::FollowResponse answer;
  v1::Error error;
  EXPECT_TRUE(IsDone(follow::Follow(question, answer), error)) << error.message();
  return answer;
}

v1::FollowRequest Then(const v1::FollowRequest& question, const v1::FollowResponse& answer,
                       int status, std::string_view fields) {
  v1::FollowRequest then = question;
  *then.mutable_request() = answer.next();
  *then.mutable_chain() = answer.chain();
  *then.mutable_response() = Response(status, fields);
  return then;
}

v1::FollowResponse Walk(v1::FollowRequest question,
                        std::initializer_list<std::pair<int, std::string_view>> rest) {
  v1::FollowResponse answer = Answer(question);
  for (const auto& [status, fields] : rest) {
    EXPECT_TRUE(answer.has_next()) << ToText(answer);
    if (!answer.has_next()) break;
    question = Then(question, answer, status, fields);
    answer = Answer(question);
  }
  return answer;
}

}  // namespace fingerpost::testing
