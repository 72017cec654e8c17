#include "rpc/envoy.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>

#include "core/http/fields.h"
#include "rpc/error_status.h"
#include "rpc/forwarded_request.h"

namespace fingerpost {
namespace {

using envoy::config::core::v3::HeaderValueOption;
using envoy::service::auth::v3::AttributeContext;
using envoy::service::auth::v3::CheckRequest;
using envoy::service::auth::v3::CheckResponse;
using envoy::service::auth::v3::DeniedHttpResponse;
using envoy::service::auth::v3::OkHttpResponse;

v1::Protocol ProtocolOf(const std::string& name) {
  if (name == "HTTP/1.0") return v1::PROTOCOL_HTTP_1_0;
  if (name == "HTTP/2") return v1::PROTOCOL_HTTP_2;
  if (name == "HTTP/3") return v1::PROTOCOL_HTTP_3;
  return v1::PROTOCOL_HTTP_1_1;
}

void AddFields(const AttributeContext::HttpRequest& http, v1::HttpRequest& request) {
  for (const auto& [name, value] : http.headers()) AddField(name, value, request);
  for (const auto& header : http.header_map().headers()) {
    AddField(header.key(), header.raw_value().empty() ? header.value() : header.raw_value(),
             request);
  }
}

using Options = google::protobuf::RepeatedPtrField<HeaderValueOption>;

HeaderValueOption& AddHeader(const v1::Header& header, Options& options) {
  HeaderValueOption& out = *options.Add();
  out.mutable_header()->set_key(header.name());
  if (header.content_case() == v1::Header::kRawValue) {
    out.mutable_header()->set_raw_value(header.raw_value());
  } else {
    out.mutable_header()->set_value(header.value());
  }
  return out;
}

bool Has(const Options& options, const std::string& name) {
  return std::any_of(options.begin(), options.end(), [&name](const HeaderValueOption& option) {
    return http::EqualsIgnoreCase(option.header().key(), name);
  });
}

void Deny(const v1::DecideResponse& answer, CheckResponse& response) {
  response.mutable_status()->set_code(grpc::StatusCode::PERMISSION_DENIED);
  // Allocated before it is a member, here and below: mutable_denied_response() without memory would
  // leave a wild pointer.
  response.set_allocated_denied_response(std::make_unique<DeniedHttpResponse>().release());
  auto& denied = *response.mutable_denied_response();
  denied.mutable_status()->set_code(static_cast<envoy::type::v3::StatusCode>(answer.status()));
  denied.set_body(answer.body());
  for (const v1::Header& header : answer.headers()) {
    // Envoy writes this field itself, for the content that it sends.
    if (http::EqualsIgnoreCase(header.name(), "content-length")) continue;
    // A second line with the same name, as Set-Cookie and Link may have, is added to the first.
    const auto action = Has(denied.headers(), header.name())
                            ? HeaderValueOption::APPEND_IF_EXISTS_OR_ADD
                            : HeaderValueOption::OVERWRITE_IF_EXISTS_OR_ADD;
    AddHeader(header, *denied.mutable_headers()).set_append_action(action);
  }
}

// The fields of a PASS are added to those of the backend's response.
void Pass(const v1::DecideResponse& answer, CheckResponse& response) {
  response.mutable_status()->set_code(grpc::StatusCode::OK);
  response.set_allocated_ok_response(std::make_unique<OkHttpResponse>().release());
  auto& fields = *response.mutable_ok_response()->mutable_response_headers_to_add();
  if (answer.outcome() != v1::OUTCOME_PASS) return;
  for (const v1::Header& header : answer.headers()) {
    AddHeader(header, fields).set_append_action(HeaderValueOption::APPEND_IF_EXISTS_OR_ADD);
  }
}

}  // namespace

v1::DecideRequest FromEnvoy(const CheckRequest& check) {
  const AttributeContext::HttpRequest& http = check.attributes().request().http();
  v1::DecideRequest question;
  v1::HttpRequest& request = *question.mutable_request();
  request.set_method(http.method());
  request.set_protocol(ProtocolOf(http.protocol()));
  const std::string_view scheme = http.scheme().empty() ? "http" : std::string_view(http.scheme());
  if (std::string url = UrlOf(scheme, http.host(), http.path()); !url.empty()) {
    request.set_url(std::move(url));
  }
  AddFields(http, request);
  return question;
}

grpc::Status CheckForEnvoy(const RedirectService& service, const CheckRequest& check,
                           CheckResponse& response, v1::DecideResponse& answer, Deadline deadline) {
  response.Clear();
  v1::DecideRequest question = FromEnvoy(check);
  if (const auto done = service.Decide(question, answer, deadline); !done) {
    answer.Clear();
    if (done.error().reason() != v1::ERROR_REASON_INVALID_FIELDS) return ToStatus(done.error());
    Pass({}, response);
    return grpc::Status::OK;
  }
  if (IsAnswer(answer.outcome())) {
    Deny(answer, response);
  } else {
    Pass(answer, response);
  }
  return grpc::Status::OK;
}

}  // namespace fingerpost
