#include "server/gateway/answer.h"

#include <algorithm>
#include <string>

#include "core/http/fields.h"

namespace fingerpost {
namespace {

constexpr std::string_view kLength = "Content-Length";

bool IsLength(std::string_view name) { return http::EqualsIgnoreCase(name, kLength); }

void AddFields(const v1::DecideResponse& from, HttpAnswer& answer) {
  for (const v1::Header& header : from.headers()) {
    if (http::IsWithheld(header) || IsLength(header.name())) continue;
    answer.fields.emplace_back(header.name(), std::string(http::ValueOf(header)));
  }
}

// RFC 9110 §8.6, §15.3.5 and §15.4.5: neither has content, nor Content-Length of its own.
bool HasNoContent(int status) { return status == 204 || status == 304; }

void AddLength(std::string value, HttpAnswer& answer) {
  if (HasNoContent(answer.status)) {
    answer.body.clear();
  } else {
    answer.fields.emplace_back(kLength, std::move(value));
  }
}

}  // namespace

HttpAnswer AsItStands(const v1::DecideResponse& answer, std::string_view asked, bool answers_head) {
  HttpAnswer out{.status = answer.status(), .body = answer.body(), .is_whole = true};
  AddFields(answer, out);
  if (asked != "HEAD") {
    AddLength(std::to_string(answer.body().size()), out);
  } else if (answers_head) {
    // What GET has (RFC 9110 §9.3.2).
    const auto length = http::FieldValue(answer.headers(), kLength);
    AddLength(std::string(length.value_or("0")), out);
  } else if (!HasNoContent(out.status)) {
    // A gateway that asks with GET would wait for GET's content, and "0" would be the length of
    // GET's content to the client (RFC 9110 §8.6): the end of the connection is the end of this.
    out.ends_connection = true;
  }
  return out;
}

HttpAnswer GoOn(int status, Passage passage, const v1::DecideResponse& answer) {
  HttpAnswer out{.status = status, .is_whole = true};
  out.fields.emplace_back("Fingerpost-Outcome", NameOf(passage));
  if (passage == Passage::kForward) out.fields.emplace_back("Fingerpost-Target", answer.target());
  AddFields(answer, out);
  AddLength("0", out);
  return out;
}

void Wrap(int wrapped, HttpAnswer& answer) {
  answer.fields.emplace_back("Fingerpost-Status", std::to_string(answer.status));
  const bool had_none = HasNoContent(answer.status);
  answer.status = wrapped;
  if (HasNoContent(wrapped)) {
    answer.body.clear();
    std::erase_if(answer.fields, [](const auto& field) { return IsLength(field.first); });
  } else if (had_none) {
    answer.fields.emplace_back(kLength, "0");
  }
}

}  // namespace fingerpost
