#include "fingerpost/testing.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "core/http/fields.h"
#include "core/message/json.h"
#include "secrets.h"

namespace fingerpost::testing {
namespace {

using Json = nlohmann::json;

template <typename Message>
void Read(const Json& json, Message& out) {
  if (const auto read = message::FromJson(json.dump(), out); !read) {
    throw std::invalid_argument(read.error().message());
  }
}

// Names of fields in lower case (RFC 9110 §5.1).
Json AsJson(const google::protobuf::Message& message) {
  Json json = Json::parse(message::ToJson(message));
  for (const char* part : {"request", "response"}) {
    if (!json.contains(part) || !json[part].contains("headers")) continue;
    for (Json& line : json[part]["headers"]) {
      line["name"] = http::ToLowerAscii(line["name"].get_ref<const std::string&>());
    }
  }
  return json;
}

// As the client sends it.
Json Sent(const v1::DecideRequest& question) { return AsJson(question); }
Json Sent(const v1::FollowRequest& question) { return AsJson(WithoutSecrets(question)); }

// Whether `whole` has every member of `part`, and each line of its headers.
bool Has(const Json& whole, const Json& part) {
  return std::ranges::all_of(part.items(), [&](const auto& member) {
    if (!whole.contains(member.key())) return false;
    const Json& there = whole[member.key()];
    if (member.key() != "headers") return there == member.value();
    return std::ranges::all_of(member.value(), [&](const Json& line) {
      return std::ranges::find(there, line) != there.end();
    });
  });
}

// The question has all that the row says of request, response and options, and the same intent,
// name and parameters.
bool Fits(const Json& row, const Json& asked) {
  const auto has = [&](const char* part) {
    return Has(asked.value(part, Json::object()), row.value(part, Json::object()));
  };
  const auto equal = [&](const char* part) {
    return asked.value(part, Json()) == row.value(part, Json());
  };
  return has("request") && has("response") && has("options") && equal("intent") &&
         equal("intent_name") && equal("parameters");
}

}  // namespace

template <typename Request, typename Response>
struct FakeAnswerer::Row {
  Row(const Json& asked, const Json& row) {
    Request request;
    Read(asked, request);
    question = Sent(request);
    if (row.contains("answer") == row.contains("error")) {
      throw std::invalid_argument("expected an answer or an error in a row: " + row.dump());
    }
    if (row.contains("answer")) {
      Read(row["answer"], answer);
    } else {
      Read(row["error"], error);
    }
  }

  Json question;
  Response answer;
  v1::Error error;
};

FakeAnswerer::FakeAnswerer(std::string_view rows) {
  try {
    for (const Json& row : Json::parse(rows)) {
      if (row.contains("decide")) {
        decide_rows_.emplace_back(row["decide"], row);
      } else if (row.contains("follow")) {
        follow_rows_.emplace_back(row["follow"], row);
      } else {
        throw std::invalid_argument("expected decide or follow in a row");
      }
    }
  } catch (const Json::exception& wrong) {
    throw std::invalid_argument(wrong.what());
  }
}

FakeAnswerer::~FakeAnswerer() = default;

template <typename Request, typename Response>
bool FakeAnswerer::Answer(const std::vector<Row<Request, Response>>& rows,
                          std::vector<Request>& questions, const Request& request, Response& out,
                          v1::Error& error) const {
  {
    const std::lock_guard lock(mutex_);
    questions.push_back(request);
    error = failure_;
  }
  if (!error.code().empty()) return false;
  const Json asked = AsJson(request);
  const auto row =
      std::ranges::find_if(rows, [&](const auto& one) { return Fits(one.question, asked); });
  if (row == rows.end()) {
    error.set_code("NOT_FOUND");
    error.set_message("the fake has no row for this question: " + message::ToJson(request));
    return false;
  }
  out = row->answer;
  error = row->error;
  return error.code().empty();
}

bool FakeAnswerer::Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                          v1::Error& error, const CallOptions& /*options*/) const {
  return Answer(decide_rows_, decide_questions_, request, out, error);
}

bool FakeAnswerer::Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                          v1::Error& error, const CallOptions& /*options*/) const {
  return Answer(follow_rows_, follow_questions_, request, out, error);
}

void FakeAnswerer::Fail(v1::Error error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

std::vector<v1::DecideRequest> FakeAnswerer::decide_questions() const {
  const std::lock_guard lock(mutex_);
  return decide_questions_;
}

std::vector<v1::FollowRequest> FakeAnswerer::follow_questions() const {
  const std::lock_guard lock(mutex_);
  return follow_questions_;
}

}  // namespace fingerpost::testing
