#include "core/http/client_kind.h"

#include <array>

#include "core/http/accept.h"

namespace fingerpost::http {
namespace {

// In this order; the first that holds decides.
struct Evidence {
  std::string_view field;
  bool (*holds)(std::string_view value);
  v1::ClientKind kind;
  std::string_view text;
};

bool IsNavigate(std::string_view value) { return EqualsIgnoreCase(value, "navigate"); }
bool IsAnything(std::string_view value) { return !value.empty(); }
// An Android WebView sends its package name here on navigations.
bool IsXmlHttpRequest(std::string_view value) { return EqualsIgnoreCase(value, "XMLHttpRequest"); }

constexpr std::array<Evidence, 3> kEvidence = {{
    // Fetch Metadata: forbidden to scripts, so a browser wrote it.
    {"Sec-Fetch-Mode", IsNavigate, v1::CLIENT_KIND_BROWSER, "Sec-Fetch-Mode: navigate"},
    {"Sec-Fetch-Mode", IsAnything, v1::CLIENT_KIND_SCRIPT, "Sec-Fetch-Mode is not navigate"},
    {"X-Requested-With", IsXmlHttpRequest, v1::CLIENT_KIND_SCRIPT,
     "X-Requested-With: XMLHttpRequest"},
}};

// A form cannot send JSON (HTML, "enctype").
bool IsJson(std::string_view content_type) {
  const std::string_view type =
      TrimWhitespace(content_type.substr(0, std::min(content_type.find(';'), content_type.size())));
  constexpr std::string_view kSuffix = "+json";
  return EqualsIgnoreCase(type, "application/json") ||
         (type.size() > kSuffix.size() &&
          EqualsIgnoreCase(type.substr(type.size() - kSuffix.size()), kSuffix));
}

}  // namespace

ClientReading ReadClientKind(const Headers& headers) {
  for (const Evidence& evidence : kEvidence) {
    const auto value = FieldValue(headers, evidence.field);
    if (value && evidence.holds(*value)) return {evidence.kind, evidence.text};
  }
  const Acceptable acceptable = ReadAccept(headers);
  if (acceptable.html > acceptable.json) {
    return {v1::CLIENT_KIND_BROWSER, "Accept prefers text/html"};
  }
  if (acceptable.json > acceptable.html) {
    return {v1::CLIENT_KIND_API, "Accept prefers application/json"};
  }
  // Of as good ones, the one that is named: "application/json, text/plain, */*" is what axios and
  // Angular send.
  if (acceptable.names_json && !acceptable.names_html && acceptable.json > 0) {
    return {v1::CLIENT_KIND_API, "Accept names application/json, and text/html only as anything"};
  }
  const auto content_type = FieldValue(headers, "Content-Type");
  if (content_type && IsJson(*content_type)) {
    return {v1::CLIENT_KIND_API, "the request's content is JSON, which no form sends"};
  }
  return {v1::CLIENT_KIND_UNKNOWN, "no field tells"};
}

bool IsProgram(v1::ClientKind kind) {
  return kind == v1::CLIENT_KIND_SCRIPT || kind == v1::CLIENT_KIND_API ||
         kind == v1::CLIENT_KIND_WEBHOOK_SENDER;
}

}  // namespace fingerpost::http
