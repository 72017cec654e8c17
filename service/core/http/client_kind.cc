#include "core/http/client_kind.h"

#include <algorithm>
#include <array>

#include "core/http/accept.h"

namespace fingerpost::http {
namespace {

// The evidence of a field; UNKNOWN: none.
struct Told {
  v1::ClientKind kind = v1::CLIENT_KIND_UNKNOWN;
  std::string_view evidence = {};
};

// Fetch Metadata: scripts cannot set these fields, so a browser wrote it.
Told ByFetchMode(const Headers& headers, std::string_view field) {
  const auto mode = FieldValue(headers, field);
  if (!mode || mode->empty()) return {};
  if (EqualsIgnoreCase(*mode, "navigate")) {
    return {v1::CLIENT_KIND_BROWSER, "Sec-Fetch-Mode: navigate"};
  }
  return {v1::CLIENT_KIND_SCRIPT, "Sec-Fetch-Mode is not navigate"};
}

// An Android WebView sends its package name here on navigations.
Told ByRequestedWith(const Headers& headers, std::string_view field) {
  const auto with = FieldValue(headers, field);
  if (!with || !EqualsIgnoreCase(*with, "XMLHttpRequest")) return {};
  return {v1::CLIENT_KIND_SCRIPT, "X-Requested-With: XMLHttpRequest"};
}

Told ByAccept(const Headers& headers, std::string_view /*field*/) {
  const Acceptable acceptable = ReadAccept(headers);
  if (acceptable.html > acceptable.json) {
    return {v1::CLIENT_KIND_BROWSER, "Accept prefers text/html"};
  }
  if (acceptable.json > acceptable.html) {
    return {v1::CLIENT_KIND_API, "Accept prefers application/json"};
  }
  // If both are equally good, the named one wins: axios and Angular send "application/json,
  // text/plain, */*".
  if (acceptable.names_json && !acceptable.names_html && acceptable.json > 0) {
    return {v1::CLIENT_KIND_API, "Accept names application/json, and text/html only as anything"};
  }
  return {};
}

// A form cannot send JSON (HTML, "enctype").
Told ByContentType(const Headers& headers, std::string_view field) {
  const auto value = FieldValue(headers, field);
  if (!value) return {};
  const std::string_view type = TrimWhitespace(value->substr(0, value->find(';')));
  constexpr std::string_view kSuffix = "+json";
  const bool json = EqualsIgnoreCase(type, "application/json") ||
                    (type.size() > kSuffix.size() &&
                     EqualsIgnoreCase(type.substr(type.size() - kSuffix.size()), kSuffix));
  if (!json) return {};
  return {v1::CLIENT_KIND_API, "the request's content is JSON, which no form sends"};
}

struct Evidence {
  std::string_view field;
  Told (*read)(const Headers& headers, std::string_view field);
};

// The first field with evidence decides.
constexpr std::array<Evidence, 4> kEvidence = {{
    {"Sec-Fetch-Mode", ByFetchMode},
    {"X-Requested-With", ByRequestedWith},
    {kAccept, ByAccept},
    {"Content-Type", ByContentType},
}};

// The fields of the table.
constexpr auto kLookedAt = [] {
  std::array<std::string_view, kEvidence.size()> names;
  std::transform(kEvidence.begin(), kEvidence.end(), names.begin(),
                 [](const Evidence& evidence) { return evidence.field; });
  std::sort(names.begin(), names.end());
  return names;
}();

}  // namespace

ClientReading ReadClientKind(const Headers& headers) {
  for (const Evidence& evidence : kEvidence) {
    const Told told = evidence.read(headers, evidence.field);
    if (told.kind != v1::CLIENT_KIND_UNKNOWN) return {told.kind, told.evidence, kLookedAt};
  }
  return {v1::CLIENT_KIND_UNKNOWN, "no field tells", kLookedAt};
}

bool IsProgram(v1::ClientKind kind) {
  return kind == v1::CLIENT_KIND_SCRIPT || kind == v1::CLIENT_KIND_API ||
         kind == v1::CLIENT_KIND_WEBHOOK_SENDER;
}

}  // namespace fingerpost::http
