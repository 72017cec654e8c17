#include "fallback.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "shared_files.h"

namespace fingerpost {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::ListValue;
using google::protobuf::Struct;

const Struct& Table() {
  static const Struct table = [] {
    Struct read;
    // The file is part of the build, and a test reads every row of it.
    (void)google::protobuf::util::JsonStringToMessage(kFallback, &read);
    return read;
  }();
  return table;
}

bool Has(const ListValue& list, std::string_view text) {
  return std::ranges::any_of(list.values(),
                             [&](const auto& value) { return value.string_value() == text; });
}

// The purpose's row, or null.
const Struct* Row(v1::Purpose purpose) {
  for (const auto& one : Table().fields().at("rows").list_value().values()) {
    const Struct& row = one.struct_value();
    const auto& intent = row.fields().at("intent").struct_value().fields();
    if (intent.size() == 1 && row.fields().at("target").bool_value() &&
        !row.fields().at("reads_client").bool_value() &&
        intent.at("purpose").string_value() == v1::Purpose_Name(purpose)) {
      return &row;
    }
  }
  return nullptr;
}

// One "/", not followed by "/" or "\": RFC 3986 path-absolute with query and fragment, and no
// placeholders.
bool IsPathAbsolute(std::string_view text) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/?%#";
  return text.starts_with('/') && !text.substr(1).starts_with('/') &&
         std::ranges::all_of(text, [&](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  kOthers.find(c) != std::string_view::npos;
         });
}

// Whether every modifier of the intent makes no difference to the row.
bool IsSpelledOut(const v1::Intent& intent, const Struct& row) {
  const ListValue& ignored = row.fields().at("ignored_modifiers").list_value();
  std::vector<const FieldDescriptor*> given;
  v1::Intent::GetReflection()->ListFields(intent, &given);
  return std::ranges::all_of(given, [&](const FieldDescriptor* field) {
    return field->name() == "purpose" || field->name() == "target" || field->name() == "trust" ||
           Has(ignored, field->name());
  });
}

void AddField(const char* name, const std::string& value, v1::DecideResponse& out) {
  v1::Header& header = *out.add_headers();
  header.set_name(name);
  header.set_value(value);
}

}  // namespace

bool FallBack(const v1::DecideRequest& request, v1::DecideResponse& out) {
  if (!request.has_intent()) {
    out.set_outcome(v1::OUTCOME_PASS);
    return true;
  }
  const v1::Intent& intent = request.intent();
  const Struct* row = Row(intent.purpose());
  // HTTP/1.0 has codes of its own.
  if (row == nullptr || request.request().protocol() == v1::PROTOCOL_HTTP_1_0 ||
      !IsSpelledOut(intent, *row) || !IsPathAbsolute(intent.target())) {
    return false;
  }
  const auto& methods = Table().fields().at("methods").struct_value().fields();
  const bool safe = Has(methods.at("safe").list_value(), request.request().method());
  const auto& columns = row->fields().at("http_1_1").struct_value().fields();
  const auto found = columns.find(safe ? "safe" : "unsafe");
  if (found == columns.end()) return false;
  const auto& column = found->second.struct_value().fields();
  if (column.at("location").string_value() != "as_given" ||
      column.at("status").number_value() < 300) {
    return false;
  }
  out.set_outcome(v1::OUTCOME_REDIRECT);
  out.set_status(static_cast<int>(column.at("status").number_value()));
  out.set_target(intent.target());
  AddField("Location", intent.target(), out);
  AddField("Cache-Control",
           column.at("fields").struct_value().fields().at("Cache-Control").string_value(), out);
  AddField("Content-Length", "0", out);
  return true;
}

void FallBack(const v1::FollowRequest& request, const v1::Error& error, v1::FollowResponse& out) {
  out.mutable_stop()->set_message(error.message());
  out.mutable_stop()->set_error(true);
  *out.mutable_chain() = request.chain();
}

}  // namespace fingerpost
