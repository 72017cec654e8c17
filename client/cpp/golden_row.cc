#include "golden_row.h"

#include <absl/strings/str_format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "core/http/fields.h"
#include "core/message/json.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"
#include "secrets.h"

namespace fingerpost::testing {
namespace {

using Json = GoldenRow::Json;
using Found = GoldenRow::Found;

// Null when there is none.
const Json& Member(const Json& object, const char* name) {
  static const Json none;
  const auto member = object.find(name);
  return member == object.end() ? none : *member;
}
const Json& ObjectOf(const Json& object, const char* name) {
  static const Json empty = Json::object();
  const Json& member = Member(object, name);
  return member.is_null() ? empty : member;
}

template <typename Message>
void Read(const Json& json, Message& out) {
  v1::Error error;
  if (!FromJson(json.dump(), out, error)) throw std::invalid_argument(error.message());
}

// The question in the form that AsJson gives: short names long, defaults left out.
Json Normalised(const std::string& kind, const Json& question) {
  if (kind == "decide") {
    v1::DecideRequest request;
    Read(question, request);
    return AsJson(request);
  }
  v1::FollowRequest request;
  Read(question, request);
  if (request.has_request()) {  // As clients ask.
    request.mutable_request()->set_url(WithoutUserinfo(request.request().url()));
  }
  return AsJson(request);
}

// A text with ${name} in it against a text without: as little as possible for each name.
bool Matches(std::string_view pattern, std::string_view text, Found& found) {
  const size_t start = pattern.find("${");
  const size_t end = start == pattern.npos ? pattern.npos : pattern.find('}', start);
  if (end == pattern.npos) return pattern == text;
  const std::string_view before = pattern.substr(0, start);
  if (!text.starts_with(before)) return false;
  text.remove_prefix(before.size());
  const std::string name(pattern.substr(start + 2, end - start - 2));
  const std::string_view rest = pattern.substr(end + 1);
  const bool seen = found.contains(name);
  for (size_t length = 0; length <= text.size(); ++length) {
    if (length == 1 && (text[0] == '/' || text[0] == '\\')) return false;
    const std::string_view taken = text.substr(0, length);
    if (seen && taken != found.at(name)) continue;
    Found with = found;
    with[name] = taken;
    if (!Matches(rest, text.substr(length), with)) continue;
    found = std::move(with);
    return true;
  }
  return false;
}

bool Equal(const Json& pattern, const Json& value, Found& found) {
  if (pattern.is_object() && value.is_object()) {
    return pattern.size() == value.size() && std::ranges::all_of(pattern.items(), [&](auto item) {
             return value.contains(item.key()) && Equal(item.value(), value[item.key()], found);
           });
  }
  if (pattern.is_array() && value.is_array()) {
    if (pattern.size() != value.size()) return false;
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (!Equal(pattern[i], value[i], found)) return false;
    }
    return true;
  }
  if (pattern.is_string() && value.is_string()) {
    return Matches(pattern.get_ref<const std::string&>(), value.get_ref<const std::string&>(),
                   found);
  }
  return pattern == value;
}

Json Lowered(Json header) {
  header["name"] = ToLowerAscii(header["name"].get_ref<const std::string&>());
  return header;
}

// Whether a field line of the question is the row's. One without a value is a secret that the
// client kept: no row can know it.
bool SameLine(const Json& pattern, const Json& line, Found& found) {
  Json wanted = Lowered(pattern);
  if (line.size() == 1) wanted = {{"name", wanted["name"]}};
  return Equal(wanted, Lowered(line), found);
}

// Every member that the row writes is there; of `headers` every line.
bool Includes(const Json& pattern, const Json& value, Found& found) {
  return std::ranges::all_of(pattern.items(), [&](const auto& item) {
    const Json& there = Member(value, item.key().c_str());
    if (item.key() != "headers") return Equal(item.value(), there, found);
    return std::ranges::all_of(item.value(), [&](const Json& line) {
      return std::ranges::any_of(there,
                                 [&](const Json& one) { return SameLine(line, one, found); });
    });
  });
}

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";  // RFC 3986 §2.3, and letters and digits
  std::string out;
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
        kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += absl::StrFormat("%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// The text with the wildcards' texts; a name that the question does not have stays as it is.
std::string Filled(std::string text, const Found& found) {
  for (const auto& [name, value] : found) {
    for (const auto& [wildcard, filling] :
         {std::pair{"${" + name + "}", value},
          std::pair{"${" + name + ":encoded}", PercentEncoded(value)}}) {
      for (size_t at = text.find(wildcard); at != text.npos;
           at = text.find(wildcard, at + filling.size())) {
        text.replace(at, wildcard.size(), filling);
      }
    }
  }
  return text;
}

Json Filled(const Json& value, const Found& found) {
  if (value.is_string()) return Filled(value.get<std::string>(), found);
  if (!value.is_structured()) return value;
  Json out = value;
  for (auto& member : out) member = Filled(member, found);
  return out;
}

// `fields` of a row as field lines; null is no such field, true one whose value is withheld.
Json Lines(const Json& fields) {
  Json lines = Json::array();
  for (const auto& [name, value] : fields.items()) {
    const Json values = value.is_array() ? value : value.is_null() ? Json::array() : Json{value};
    for (const Json& one : values) {
      lines.push_back(one == true ? Json{{"name", name}} : Json{{"name", name}, {"value", one}});
    }
  }
  return lines;
}

void WriteWarnings(Json& answer) {
  Json warnings = Json::array();
  for (const Json& code : Member(answer, "warnings")) {
    warnings.push_back({{"code", code}});
  }
  answer["warnings"] = warnings;
}

bool IsLocation(const Json& line) {
  return EqualsIgnoreCase(line["name"].get_ref<const std::string&>(), "location");
}

Json Decided(Json answer, const Json& question) {
  for (const char* other : {"stays_on", "explanation"}) answer.erase(other);
  WriteWarnings(answer);
  if (!answer.contains("headers")) answer["headers"] = Lines(ObjectOf(answer, "fields"));
  answer.erase("fields");
  const int status = answer.value("status", 0);
  const bool redirect = status >= 300 && status <= 399;
  if (!answer.contains("outcome")) {
    answer["outcome"] = redirect ? "redirect" : status != 0 ? "respond" : "pass";
  }
  const std::string target =
      answer.value("target", ObjectOf(question, "intent").value("target", std::string()));
  if (redirect && status != 300 && !target.empty() &&
      std::ranges::none_of(answer["headers"], IsLocation)) {
    answer["headers"].push_back({{"name", "Location"}, {"value", target}});
  }
  return answer;
}

Json Followed(Json answer) {
  WriteWarnings(answer);
  for (const char* one : {"next", "stop", "wait", "chain"}) {
    if (answer.contains(one) && answer[one].is_null()) answer.erase(one);
  }
  if (answer.contains("next") && answer["next"].contains("fields")) {
    answer["next"]["headers"] = Lines(answer["next"]["fields"]);
    answer["next"].erase("fields");
  }
  return answer;
}

v1::Error ErrorOf(const Json& expect) {
  v1::Error error;
  Json plain = expect;
  plain.erase("violations");
  Read(plain, error);
  for (const Json& field : Member(expect, "violations")) {
    error.add_violations()->set_field(field.get<std::string>());
  }
  return error;
}

}  // namespace

Json AsJson(const google::protobuf::Message& message) { return Json::parse(ToJson(message)); }

GoldenRow::GoldenRow(const Json& row)
    : kind_(row.contains("follow") ? "follow" : "decide"), expect_(ObjectOf(row, "expect")) {
  if (!row.contains(kind_)) throw std::invalid_argument("expected decide or follow in a row");
  question_ = Normalised(kind_, row[kind_]);
  for (const Json& name : Member(row, "ignored_modifiers")) {
    ignored_.insert(name.get<std::string>());
  }
}

std::optional<Found> GoldenRow::Fits(const Json& question) const {
  Found found;
  const Json& pattern = ObjectOf(question_, "intent");
  Json intent = ObjectOf(question, "intent");
  for (const std::string& name : ignored_) {
    if (!pattern.contains(name)) intent.erase(name);
  }
  for (const char* part : {"request", "response", "options"}) {
    if (!Includes(ObjectOf(question_, part), ObjectOf(question, part), found)) return {};
  }
  if (!Equal(pattern, intent, found)) return {};
  for (const char* part : {"intent_name", "parameters"}) {
    if (!Equal(Member(question_, part), Member(question, part), found)) {
      return {};
    }
  }
  return found;
}

bool GoldenRow::Answer(const Json& question, const Found& found, google::protobuf::Message& out,
                       v1::Error& error) const {
  const Json expect = Filled(expect_, found);
  if (expect.contains("error")) {
    error = ErrorOf(expect["error"]);
    return false;
  }
  Read(kind_ == "decide" ? Decided(expect, question) : Followed(expect), out);
  return true;
}

}  // namespace fingerpost::testing
