#include "fallback.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "fallback_target.h"
#include "shared_files.h"

namespace fingerpost {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;

bool Has(const ListValue& list, std::string_view text) {
  return std::ranges::any_of(list.values(),
                             [&](const auto& value) { return value.string_value() == text; });
}

struct Row {
  explicit Row(const Struct& read) : read(&read) {
    std::string json;
    (void)google::protobuf::util::MessageToJsonString(Member("intent").struct_value(), &json);
    (void)google::protobuf::util::JsonStringToMessage(json, &intent);
  }
  [[nodiscard]] const google::protobuf::Value& Member(const char* name) const {
    return read->fields().at(name);
  }

  const Struct* read;
  v1::Intent intent;
};

struct Table {
  // The file is part of the build, and a test reads every row of it.
  Table() {
    (void)google::protobuf::util::JsonStringToMessage(kFallback, &read);
    for (const auto& row : read.fields().at("rows").list_value().values()) {
      rows.emplace_back(row.struct_value());
    }
  }

  Struct read;
  std::vector<Row> rows;
};

const Table& TheTable() {
  static const Table table;
  return table;
}

// The row for this intent, apart from the target, the client and modifiers that make no difference;
// or null.
const Row* RowOf(const v1::Intent& intent) {
  if (intent.trust() == v1::TRUST_POLICY) return nullptr;  // Only a policy can give it.
  const v1::ClientKind client =
      intent.client() == v1::CLIENT_KIND_UNSPECIFIED ? v1::CLIENT_KIND_UNKNOWN : intent.client();
  for (const Row& row : TheTable().rows) {
    if (!Has(row.Member("clients").list_value(), v1::ClientKind_Name(client))) continue;
    if (!row.Member("target").bool_value() && !intent.target().empty()) continue;
    v1::Intent asked = intent;
    asked.clear_target();
    asked.clear_client();
    asked.clear_trust();
    for (const auto& name : row.Member("ignored_modifiers").list_value().values()) {
      const auto* field = v1::Intent::descriptor()->FindFieldByName(name.string_value());
      if (field != nullptr) v1::Intent::GetReflection()->ClearField(&asked, field);
    }
    if (google::protobuf::util::MessageDifferencer::Equals(asked, row.intent)) return &row;
  }
  return nullptr;
}

// By name in lower case; several lines with one name form one value (RFC 9110 §5.3).
using Fields = std::map<std::string, std::string>;

Fields FieldsOf(const v1::HttpRequest& request) {
  Fields fields;
  for (const auto& header : request.headers()) {
    const std::string& value = header.has_raw_value() ? header.raw_value() : header.value();
    const auto [at, added] = fields.emplace(absl::AsciiStrToLower(header.name()), value);
    if (!added) at->second += ", " + value;
  }
  return fields;
}

std::string ValueOf(const Fields& fields, const char* name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : absl::AsciiStrToLower(found->second);
}

// WebSocket and gRPC have no redirects; htmx and Inertia may need another form of it.
bool IsOurs(const Fields& fields) {
  return !fields.contains("upgrade") && !fields.contains("hx-request") &&
         !fields.contains("x-inertia") &&
         !absl::StartsWith(ValueOf(fields, "content-type"), "application/grpc");
}

// Nothing indicates that a program asks rather than a person.
bool IsPage(const Fields& fields) {
  const std::string mode = ValueOf(fields, "sec-fetch-mode");
  if (!mode.empty()) return mode == "navigate";
  const std::string accept = ValueOf(fields, "accept");
  return ValueOf(fields, "x-requested-with") != "xmlhttprequest" &&
         !absl::StrContains(ValueOf(fields, "content-type"), "json") &&
         (accept.empty() || accept == "*/*" || accept == "text/html" ||
          absl::StartsWith(accept, "text/html,"));
}

// The row's column for the request's protocol and method; null if it has none.
const Struct* ColumnOf(const Row& row, const v1::HttpRequest& request, const char* kind) {
  const bool old = request.protocol() == v1::PROTOCOL_HTTP_1_0;
  const auto& columns = row.Member(old ? "http_1_0" : "http_1_1").struct_value().fields();
  const auto found = columns.find(kind);
  return found == columns.end() ? nullptr : &found->second.struct_value();
}

// The intent's target, or its substitute.
std::optional<std::string> TargetOf(const Row& row, const v1::Intent& intent, bool upgrades,
                                    const std::string& url, const std::string& own) {
  if (upgrades && intent.target().empty()) {  // The URL itself is the default.
    return Taken(url.size() == own.size() ? "/" : url.substr(own.size()), own, intent.trust());
  }
  auto target = Taken(intent.target(), own, intent.trust());
  if (target && row.Member("keeps_query").bool_value()) return WithQuery(*target, url);
  if (target || intent.unsafe_target() != v1::UNSAFE_TARGET_FALL_BACK) return target;
  return Taken(intent.fallback_target(), own, intent.trust());
}

// The Location to write, or an empty text. Nothing: only the service can tell.
std::optional<std::string> LocationOf(const Row& row, std::string_view location,
                                      const v1::Intent& intent, const std::string& url) {
  if (!row.Member("target").bool_value()) return "";
  const std::string own = PlainOrigin(url);
  const bool upgrades = location == "https";
  auto target = TargetOf(row, intent, upgrades, url, own);
  if (!target) return std::nullopt;
  if (location == "none") return "";
  if (upgrades && target->starts_with("http:")) return std::nullopt;  // No upgrade leads to http.
  if (location == "as_given" || !target->starts_with('/')) return target;
  if (own.empty()) return std::nullopt;
  return (upgrades ? "https" + own.substr(own.find(':')) : own) + *target;
}

std::string_view WithoutFragment(std::string_view url) { return url.substr(0, url.find('#')); }

bool IsOwn(const std::string& location, const std::string& url) {
  const std::string absolute = location.starts_with('/') ? PlainOrigin(url) + location : location;
  return WithoutFragment(absolute) == WithoutFragment(url);
}

// It leads to the request itself, and the client does not change to GET (RFC 9110 §15.4.2 to
// §15.4.4).
bool IsLoop(int status, const std::string& location, const v1::HttpRequest& request, bool safe) {
  const bool redirects = status >= 300 && status <= 399;
  const bool gets = !safe && (!redirects || status == 303 ||
                              ((status == 301 || status == 302) && request.method() == "POST"));
  return !gets && !location.empty() && IsOwn(location, request.url());
}

void AddField(const std::string& name, const std::string& value, v1::DecideResponse& out) {
  v1::Header& header = *out.add_headers();
  header.set_name(name);
  header.set_value(value);
}

void Write(int status, const Struct& column, const std::string& location, v1::DecideResponse& out) {
  out.set_outcome(status >= 300 && status <= 399 ? v1::OUTCOME_REDIRECT : v1::OUTCOME_RESPOND);
  out.set_status(status);
  out.set_target(location);
  if (!location.empty()) AddField("Location", location, out);
  const auto& fields = column.fields().at("fields").struct_value().fields();
  for (const auto& [name, value] : std::map(fields.begin(), fields.end())) {
    AddField(name, value.string_value(), out);
  }
  AddField("Content-Length", "0", out);
}

}  // namespace

bool FallBack(const v1::DecideRequest& request, v1::DecideResponse& out) {
  if (!request.has_intent()) {
    out.set_outcome(v1::OUTCOME_PASS);
    return true;
  }
  const v1::Intent& intent = request.intent();
  const v1::HttpRequest& asked = request.request();
  const auto& methods = TheTable().read.fields().at("methods").struct_value().fields();
  const bool safe = Has(methods.at("safe").list_value(), asked.method());
  if (!safe && !Has(methods.at("unsafe").list_value(), asked.method())) return false;
  const Row* row = RowOf(intent);
  const Fields fields = FieldsOf(asked);
  if (row == nullptr || !IsOurs(fields)) return false;
  const bool declared = intent.client() != v1::CLIENT_KIND_UNSPECIFIED;
  if (row->Member("reads_client").bool_value() && !declared && !IsPage(fields)) return false;
  const Struct* column = ColumnOf(*row, asked, safe ? "safe" : "unsafe");
  if (column == nullptr) return false;
  const auto location =
      LocationOf(*row, column->fields().at("location").string_value(), intent, asked.url());
  const int status = static_cast<int>(column->fields().at("status").number_value());
  if (!location || IsLoop(status, *location, asked, safe)) return false;
  Write(status, *column, *location, out);
  return true;
}

void FallBack(const v1::FollowRequest& request, const v1::Error& error, v1::FollowResponse& out) {
  out.mutable_stop()->set_message(error.message());
  out.mutable_stop()->set_error(true);
  *out.mutable_chain() = request.chain();
}

}  // namespace fingerpost
