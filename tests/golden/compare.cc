#include "golden/compare.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <memory>
#include <set>

#include "absl/strings/escaping.h"
#include "core/http/url.h"
#include "golden/well_formed.h"

namespace fingerpost::golden {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Headers = google::protobuf::RepeatedPtrField<v1::Header>;

// Collects differences. `faults` are the row's own mistakes.
struct Report {
  std::vector<Mismatch> mismatches;
  std::vector<std::string> faults;

  void Add(const std::string& path, const std::string& expected, const std::string& got) {
    mismatches.push_back({path, expected, got});
  }
  void Fault(const std::string& path, const std::string& what) {
    faults.push_back(path + ": " + what);
  }
};

std::string Join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

bool SameName(const std::string& a, const std::string& b) {
  return absl::AsciiStrToLower(a) == absl::AsciiStrToLower(b);
}

void CompareMessage(const Value& expect, const Message& got, const std::string& path,
                    Report& report);

// One field line as a text; "(withheld)" and base64 cannot be confused with a value.
std::string Line(const v1::Header& header) {
  if (header.has_value()) return '"' + header.value() + '"';
  return header.has_raw_value() ? "base64 " + absl::Base64Escape(header.raw_value()) : "(withheld)";
}

std::string Lines(const Headers& headers, const std::string& name) {
  std::string lines;
  for (const v1::Header& header : headers) {
    if (SameName(header.name(), name)) lines += (lines.empty() ? "" : ", ") + Line(header);
  }
  return lines.empty() ? "(absent)" : lines;
}

// The expectation in "fields" for one name: null, true, "value" or ["value", …].
std::string ExpectedLines(const Value& expect, const std::string& path, Report& report) {
  switch (expect.kind_case()) {
    case Value::kNullValue:
      return "(absent)";
    case Value::kStringValue:
      return '"' + expect.string_value() + '"';
    case Value::kBoolValue:
      if (!expect.bool_value()) report.Fault(path, "true means withheld; null means absent");
      return "(withheld)";
    case Value::kListValue: {
      std::string lines;
      for (const Value& line : expect.list_value().values()) {
        lines += (lines.empty() ? "\"" : ", \"") + line.string_value() + '"';
      }
      return lines;
    }
    default:
      report.Fault(path, "expected null, true, a text or a list of texts");
      return "";
  }
}

void CompareFields(const Value& expect, const Headers& headers, const std::string& path,
                   Report& report) {
  for (const auto& [name, value] : expect.struct_value().fields()) {
    const std::string expected = ExpectedLines(value, Join(path, name), report);
    const std::string got = Lines(headers, name);
    if (expected != got) report.Add(Join(path, name), expected, got);
  }
}

std::string Names(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "(none)" : text;
}

// Compares codes as a set; without "warnings" in the row there must be none.
void CompareWarnings(const Value* expect,
                     const google::protobuf::RepeatedPtrField<v1::Warning>& got,
                     const std::string& path, Report& report) {
  std::set<std::string> expected_names;
  std::set<std::string> got_names;
  if (expect != nullptr) {
    for (const Value& code : expect->list_value().values()) {
      const auto* value = FindEnum(*v1::WarningCode_descriptor(), code);
      if (value == nullptr) report.Fault(path, "no such warning: " + ToJson(code));
      expected_names.insert(value == nullptr ? ToJson(code) : value->name());
    }
  }
  for (const v1::Warning& warning : got) {
    got_names.insert(v1::WarningCode_Name(warning.code()));
  }
  if (expected_names != got_names) report.Add(path, Names(expected_names), Names(got_names));
}

std::string EnumName(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  return value == nullptr ? std::to_string(number) : value->name();
}

// A scalar as a text; `index` is -1 for a field that is not repeated.
std::string ScalarText(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = one ? reflection.GetString(message, &field)
                                   : reflection.GetRepeatedString(message, &field, index);
      return field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumName(field, one ? reflection.GetEnumValue(message, &field)
                                 : reflection.GetRepeatedEnumValue(message, &field, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? reflection.GetBool(message, &field)
                  : reflection.GetRepeatedBool(message, &field, index))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(one ? reflection.GetInt32(message, &field)
                                : reflection.GetRepeatedInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(one ? reflection.GetUInt32(message, &field)
                                : reflection.GetRepeatedUInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(one ? reflection.GetUInt64(message, &field)
                                : reflection.GetRepeatedUInt64(message, &field, index));
    default:
      return "(a type that the corpus does not know)";
  }
}

std::string ExpectedText(const Value& expect, const FieldDescriptor& field, const std::string& path,
                         Report& report) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* value = FindEnum(*field.enum_type(), expect);
    if (value == nullptr) report.Fault(path, "no such value: " + ToJson(expect));
    return value == nullptr ? "" : value->name();
  }
  return expect.kind_case() == Value::kStringValue ? expect.string_value() : ToJson(expect);
}

bool IsWellKnown(const Message& message) {
  return message.GetDescriptor()->file()->package() == "google.protobuf";
}

// Compares a message in a member: a header as a whole, a time by its JSON, everything else by the
// members in the row.
void CompareNested(const Value& expect, const Message& got, const std::string& path,
                   Report& report) {
  if (IsWellKnown(got)) {
    const std::string text = ToJson(got);
    if (ToJson(expect) != text) report.Add(path, ToJson(expect), text);
  } else if (got.GetDescriptor() == v1::Header::descriptor()) {
    v1::Header header;
    const std::string fault = FromJson(expect, header);
    if (!fault.empty()) report.Fault(path, fault);
    if (ToJson(header) != ToJson(got)) report.Add(path, ToJson(header), ToJson(got));
  } else {
    CompareMessage(expect, got, path, report);
  }
}

void CompareList(const Value& expect, const Message& message, const FieldDescriptor& field,
                 const std::string& path, Report& report) {
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  const int expected_size = expect.list_value().values_size();
  if (expect.kind_case() != Value::kListValue) report.Fault(path, "expected a list");
  for (int i = 0; i < std::max(size, expected_size); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    const bool has = i < size;
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      const std::string got = has ? ScalarText(message, field, i) : "(absent)";
      const std::string expected =
          i < expected_size ? ExpectedText(expect.list_value().values(i), field, at, report)
                            : "(absent)";
      if (expected != got) report.Add(at, expected, got);
      continue;
    }
    const std::unique_ptr<Message> nothing(google::protobuf::MessageFactory::generated_factory()
                                               ->GetPrototype(field.message_type())
                                               ->New());
    const Message& got = has ? reflection.GetRepeatedMessage(message, &field, i) : *nothing;
    if (i >= expected_size) {
      report.Add(at, "(absent)", ToJson(got));
    } else if (has) {
      CompareNested(expect.list_value().values(i), got, at, report);
    } else {
      report.Add(at, ToJson(expect.list_value().values(i)), "(absent)");
      Report only_faults;
      CompareNested(expect.list_value().values(i), got, at, only_faults);
      for (const std::string& fault : only_faults.faults) report.faults.push_back(fault);
    }
  }
}

void CompareMember(const Value& expect, const Message& got, const FieldDescriptor& field,
                   const std::string& path, Report& report) {
  const Reflection& reflection = *got.GetReflection();
  if (field.is_repeated()) return CompareList(expect, got, field, path, report);
  if (field.has_presence() && !reflection.HasField(got, &field)) {
    if (expect.kind_case() != Value::kNullValue) report.Add(path, ToJson(expect), "(absent)");
    // Continues with the default, to find the row's own faults.
  } else if (expect.kind_case() == Value::kNullValue) {
    if (!field.has_presence()) return report.Fault(path, "null is for members with presence");
    return report.Add(path, "(absent)", "set");
  }
  if (expect.kind_case() == Value::kNullValue) return;
  const bool present = !field.has_presence() || reflection.HasField(got, &field);
  Report inner;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    CompareNested(expect, reflection.GetMessage(got, &field), path, inner);
  } else {
    const std::string expected = ExpectedText(expect, field, path, inner);
    const std::string text = ScalarText(got, field, -1);
    if (expected != text) inner.Add(path, expected, text);
  }
  for (const std::string& fault : inner.faults) report.faults.push_back(fault);
  if (present) {
    for (const Mismatch& mismatch : inner.mismatches) report.mismatches.push_back(mismatch);
  }
}

const Headers* HeadersOf(const Message& message) {
  if (const auto* response = dynamic_cast<const v1::DecideResponse*>(&message)) {
    return &response->headers();
  }
  const auto* request = dynamic_cast<const v1::HttpRequest*>(&message);
  return request == nullptr ? nullptr : &request->headers();
}

void CompareMessage(const Value& expect, const Message& got, const std::string& path,
                    Report& report) {
  if (expect.kind_case() != Value::kStructValue) return report.Fault(path, "expected an object");
  for (const auto& [name, value] : expect.struct_value().fields()) {
    const std::string at = Join(path, name);
    const FieldDescriptor* field = got.GetDescriptor()->FindFieldByName(name);
    if (name == "fields" && HeadersOf(got) != nullptr) {
      CompareFields(value, *HeadersOf(got), at, report);
    } else if (field == nullptr) {
      report.Fault(at, "no answer has this member");
    } else {
      CompareMember(value, got, *field, at, report);
    }
  }
}

// The row's expectations without the named members, such as "error", "stays_on" and "warnings",
// which are not the answer's.
Value Without(const Value& expect, const std::set<std::string>& names) {
  Value rest = expect;
  for (const std::string& name : names) rest.mutable_struct_value()->mutable_fields()->erase(name);
  return rest;
}

void CompareError(const Value& expect, const v1::Error& error, Report& report) {
  for (const auto& [name, value] : expect.struct_value().fields()) {
    if (name != "violations") continue;
    std::string expected;
    std::string got;
    for (const Value& path : value.list_value().values()) expected += path.string_value() + "  ";
    for (const v1::FieldViolation& violation : error.violations()) got += violation.field() + "  ";
    if (expected != got) report.Add("error.violations", expected, got);
  }
  CompareMessage(Without(expect, {"violations"}), error, "error", report);
  if (error.message().empty()) report.Add("error.message", "a sentence", "(empty)");
  for (const v1::FieldViolation& violation : error.violations()) {
    if (violation.description().empty()) {
      report.Add("error.violations", "a description for each", violation.field());
    }
  }
}

// Whether the answer, resolved like a browser, is on one of the hosts, or nothing is sent.
void CompareStaysOn(const Value& hosts, const v1::DecideRequest& request,
                    const v1::DecideResponse& response, Report& report) {
  if (response.outcome() == v1::OUTCOME_REFUSE) return;
  const auto base = http::ParseUrl(request.request().url());
  for (const v1::Header& header : response.headers()) {
    const bool leads = SameName(header.name(), "Location") ||
                       SameName(header.name(), "HX-Redirect") ||
                       SameName(header.name(), "X-Inertia-Location");
    if (!leads) continue;
    const auto target = http::ParseUrl(header.value(), base ? &*base : nullptr);
    const std::string host =
        target && http::IsHttp(*target) ? std::string(target->get_hostname()) : "(not http)";
    const auto& allowed = hosts.list_value().values();
    if (std::none_of(allowed.begin(), allowed.end(),
                     [&](const Value& value) { return value.string_value() == host; })) {
      report.Add("stays_on", ToJson(hosts) + " or REFUSE",
                 host + " by " + header.name() + ": " + header.value());
    }
  }
}

// For both kinds of answers; true if there is an answer to compare.
template <typename Answer>
bool CompareOutcome(const Value& expect, const Answer& answer, Report& report) {
  const Value* error = Member(expect, "error");
  if (error != nullptr && expect.struct_value().fields_size() > 1) {
    report.Fault("error", "nothing else can be expected beside it");
  }
  if (answer.ok) {
    if (error != nullptr) report.Add("error", ToJson(*error), "answer " + ToJson(answer.response));
    return error == nullptr;
  }
  if (error != nullptr) {
    CompareError(*error, answer.error, report);
  } else if (Member(expect, "stays_on") == nullptr || answer.error.code() != "INVALID_ARGUMENT") {
    report.Add("(answer)", "an answer", "error " + ToJson(answer.error));
  }
  return false;
}

template <typename Request, typename Response>
void CheckWellFormed(const Request& request, const Response& response, Report& report) {
  for (const std::string& fault : Faults(request, response)) {
    report.Add("(every answer)", fault, "it does not hold");
  }
}

Report CompareAll(const Value& expect, const v1::DecideRequest& request,
                  const DecideAnswer& answer) {
  Report report;
  if (!CompareOutcome(expect, answer, report)) return report;
  CompareMessage(Without(expect, {"error", "stays_on", "warnings"}), answer.response, "", report);
  if (const Value* hosts = Member(expect, "stays_on")) {
    CompareStaysOn(*hosts, request, answer.response, report);
  } else {
    CompareWarnings(Member(expect, "warnings"), answer.response.warnings(), "warnings", report);
  }
  CheckWellFormed(request, answer.response, report);
  return report;
}

Report CompareAll(const Value& expect, const v1::FollowRequest& request,
                  const FollowAnswer& answer) {
  Report report;
  if (!CompareOutcome(expect, answer, report)) return report;
  CompareMessage(Without(expect, {"error", "warnings"}), answer.response, "", report);
  CompareWarnings(Member(expect, "warnings"), answer.response.warnings(), "warnings", report);
  CheckWellFormed(request, answer.response, report);
  return report;
}

}  // namespace

std::vector<Mismatch> Compare(const Value& expect, const v1::DecideRequest& request,
                              const DecideAnswer& answer) {
  return CompareAll(expect, request, answer).mismatches;
}

std::vector<Mismatch> Compare(const Value& expect, const v1::FollowRequest& request,
                              const FollowAnswer& answer) {
  return CompareAll(expect, request, answer).mismatches;
}

std::string FaultsOf(const Value& expect, bool is_follow) {
  DecideAnswer decide;
  FollowAnswer follow;
  decide.ok = follow.ok = Member(expect, "error") == nullptr;
  const Report report = is_follow ? CompareAll(expect, v1::FollowRequest(), follow)
                                  : CompareAll(expect, v1::DecideRequest(), decide);
  std::string faults;
  for (const std::string& fault : report.faults) faults += (faults.empty() ? "" : "; ") + fault;
  return faults;
}

}  // namespace fingerpost::golden
