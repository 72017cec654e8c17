#include "core/http/client_kind.h"

#include <algorithm>
#include <array>

#include "core/http/accept.h"

namespace fingerpost::http {
namespace {

constexpr std::string_view kHtmxRequest = "HX-Request";
constexpr std::string_view kHtmxBoosted = "HX-Boosted";
constexpr std::string_view kHtmxRestore = "HX-History-Restore-Request";
constexpr std::string_view kInertia = "X-Inertia";

// The evidence of a field; UNKNOWN: none.
struct Told {
  v1::ClientKind kind = v1::CLIENT_KIND_UNKNOWN;
  std::string_view evidence = {};
  bool whole_page = false;
};

bool IsTrue(const Headers& headers, std::string_view field) {
  return FieldValue(headers, field) == "true";
}

// htmx: a boosted link or form and a page from the history are shown whole, all else in an element.
Told ByHtmx(const Headers& headers, std::string_view field) {
  if (!IsTrue(headers, field)) return {};
  if (IsTrue(headers, kHtmxBoosted)) {
    return {v1::CLIENT_KIND_HTMX, "HX-Request and HX-Boosted: true", true};
  }
  if (IsTrue(headers, kHtmxRestore)) {
    return {v1::CLIENT_KIND_HTMX, "HX-Request and HX-History-Restore-Request: true", true};
  }
  return {v1::CLIENT_KIND_HTMX, "HX-Request: true"};
}

Told ByInertia(const Headers& headers, std::string_view field) {
  if (!IsTrue(headers, field)) return {};
  return {v1::CLIENT_KIND_INERTIA, "X-Inertia: true", true};
}

Told ByTurboFrame(const Headers& headers, std::string_view field) {
  if (FieldValue(headers, field).value_or("").empty()) return {};
  return {v1::CLIENT_KIND_TURBO, "Turbo-Frame"};
}

// Turbo's own Accept, to which it adds a type for the submission of a form. X-Turbo-Request-Id
// would tell as much, but it has another value each time: in Vary it would keep every visit from a
// cache.
Told ByTurboAccept(const Headers& headers, std::string_view field) {
  if (NamesMediaType(headers, "text/vnd.turbo-stream.html")) {
    return {v1::CLIENT_KIND_TURBO, "Accept names text/vnd.turbo-stream.html", true};
  }
  if (FieldValue(headers, field) != "text/html, application/xhtml+xml") return {};
  return {v1::CLIENT_KIND_TURBO, "Accept is text/html, application/xhtml+xml", true};
}

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

// The first field with evidence decides. A script that swaps pages is a script to the fields below
// its own.
constexpr size_t kPageScripts = 4;
constexpr std::array<Evidence, 8> kEvidence = {{
    {kHtmxRequest, ByHtmx},
    {kInertia, ByInertia},
    {"Turbo-Frame", ByTurboFrame},
    {kAccept, ByTurboAccept},
    {"Sec-Fetch-Mode", ByFetchMode},
    {"X-Requested-With", ByRequestedWith},
    {kAccept, ByAccept},
    {"Content-Type", ByContentType},
}};

constexpr std::array<std::string_view, 4> kPageScriptFields = {kHtmxRequest, kInertia, kHtmxRestore,
                                                               kHtmxBoosted};

// The fields of the table, and those that ByHtmx also reads.
constexpr auto kLookedAt = [] {
  std::array<std::string_view, kEvidence.size() + 1> names = {kHtmxBoosted, kHtmxRestore};
  size_t next = 2;
  for (const Evidence& evidence : kEvidence) {
    const auto* end = names.begin() + next;
    if (std::find(names.cbegin(), end, evidence.field) == end) names[next++] = evidence.field;
  }
  std::sort(names.begin(), names.end());
  return names;
}();

ClientReading Read(const Headers& headers, std::span<const Evidence> rows) {
  for (const Evidence& evidence : rows) {
    const Told told = evidence.read(headers, evidence.field);
    if (told.kind != v1::CLIENT_KIND_UNKNOWN) {
      return {told.kind, told.whole_page, told.evidence, kLookedAt};
    }
  }
  return {v1::CLIENT_KIND_UNKNOWN, false, "no field tells", kLookedAt};
}

}  // namespace

ClientReading ReadClientKind(const Headers& headers) { return Read(headers, kEvidence); }

ClientReading ReadPageScript(const Headers& headers) {
  return Read(headers, std::span(kEvidence).first<kPageScripts>());
}

bool IsPageScript(v1::ClientKind kind) {
  return kind == v1::CLIENT_KIND_HTMX || kind == v1::CLIENT_KIND_INERTIA ||
         kind == v1::CLIENT_KIND_TURBO;
}

std::span<const std::string_view> PageScriptFields(bool and_whole_page) {
  return std::span(kPageScriptFields).first(and_whole_page ? 4 : 3);
}

bool IsProgram(v1::ClientKind kind) {
  return kind == v1::CLIENT_KIND_SCRIPT || kind == v1::CLIENT_KIND_API ||
         kind == v1::CLIENT_KIND_WEBHOOK_SENDER;
}

}  // namespace fingerpost::http
