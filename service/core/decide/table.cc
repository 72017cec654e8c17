#include "core/decide/table.h"

#include <algorithm>
#include <array>

namespace fingerpost::decide {
namespace {

using enum MethodClass;
using enum Condition;
using enum Note;
using enum Freshness;

// The first row that fits decides, so a purpose's special cases precede its general one. LEGACY and
// HTTP/1.0 are applied afterwards, by core/protocol.
// clang-format off
constexpr std::array<Row, 32> kTable = {{
    // purpose                              method  when             status pin  note         freshness
    {v1::PURPOSE_FORM_RESULT,               kAny,   kDeclaredScript, 200,   0,   kAlwaysJson, kNoStore,
     {v1::REASON_CODE_FORM_RESULT_FOR_SCRIPT,
      "The request was processed; a script follows a redirect without seeing it, so the location of the result is in the content",
      {"Fetch §4.4 HTTP-redirect fetch", "RFC 9110 §15.3.1"}}},
    {v1::PURPOSE_FORM_RESULT,               kAny,   kAlways,         303,   302, kHtml,       kNoStore,
     {v1::REASON_CODE_FORM_RESULT,
      "The request was processed; the client gets the result with GET, and a reload does not repeat the request",
      {"RFC 9110 §15.4.4"}}},

    {v1::PURPOSE_VALIDATION_FAILED,         kAny,   kAlways,         422,   0,   kCallersOwn, kNoStore,
     {v1::REASON_CODE_VALIDATION_FAILED,
      "The content did not pass validation; render the form again with this status",
      {"RFC 9110 §15.5.21"}}},

    {v1::PURPOSE_RESOURCE_CREATED,          kAny,   kPreferSeeOther, 303,   0,   kHtml,       kNoStore,
     {v1::REASON_CODE_RESOURCE_CREATED_SEE_OTHER,
      "The request created a resource; the client is shown what it wants next",
      {"RFC 9110 §9.3.3", "RFC 9110 §15.4.4"}}},
    {v1::PURPOSE_RESOURCE_CREATED,          kAny,   kProgram,        201,   0,   kJson,       kNoStore,
     {v1::REASON_CODE_RESOURCE_CREATED,
      "The request created the resource that Location names",
      {"RFC 9110 §9.3.3", "RFC 9110 §15.3.2"}}},
    {v1::PURPOSE_RESOURCE_CREATED,          kAny,   kAlways,         303,   0,   kHtml,       kNoStore,
     {v1::REASON_CODE_RESOURCE_CREATED_SEE_OTHER,
      "The request created a resource; a browser shows nothing useful for a 201, so it is led there",
      {"RFC 9110 §9.3.3", "RFC 9110 §15.4.4"}}},

    {v1::PURPOSE_OPERATION_ACCEPTED,        kAny,   kAlways,         202,   0,   kJson,       kNoStore,
     {v1::REASON_CODE_OPERATION_ACCEPTED,
      "The request was accepted and is not finished; Location is its status monitor",
      {"RFC 9110 §15.3.3"}}},
    {v1::PURPOSE_OPERATION_RESULT,          kAny,   kPending,        200,   0,   kJson,       kNoStore,
     {v1::REASON_CODE_OPERATION_PENDING,
      "The operation is still running; ask again later",
      {"RFC 9110 §15.3.1", "RFC 9110 §10.2.3"}}},
    {v1::PURPOSE_OPERATION_RESULT,          kAny,   kDone,           303,   302, kHtml,       kNoStore,
     {v1::REASON_CODE_OPERATION_DONE,
      "The operation is finished; its result is at the target",
      {"RFC 9110 §15.4.4"}}},
    {v1::PURPOSE_OPERATION_RESULT,          kAny,   kFailed,         200,   0,   kJson,       kNoStore,
     {v1::REASON_CODE_OPERATION_FAILED,
      "The operation failed; that is the state of the monitor, and there is no result to lead to",
      {"RFC 9110 §15.3.1"}}},
    {v1::PURPOSE_OPERATION_RESULT,          kAny,   kExpired,        410,   0,   kJson,       kNoStore,
     {v1::REASON_CODE_OPERATION_EXPIRED,
      "The result of the operation is no longer kept",
      {"RFC 9110 §15.5.11"}}},

    {v1::PURPOSE_AUTHORIZATION_RESPONSE,    kAny,   kAlways,         303,   302, kHtml,       kSecret,
     {v1::REASON_CODE_AUTHORIZATION_RESPONSE,
      "The user goes back to the client with GET; 307 and 308 would repeat the content, credentials included",
      {"RFC 9700 §4.12", "RFC 9110 §15.4.4"}}},
    {v1::PURPOSE_LOGIN_REQUIRED,            kAny,   kProgram,        401,   0,   kJson,       kSecret,
     {v1::REASON_CODE_LOGIN_CHALLENGE,
      "Authentication is needed; a program gets a challenge, not a login page",
      {"RFC 9110 §15.5.2", "RFC 9110 §11.6.1"}}},
    {v1::PURPOSE_LOGIN_REQUIRED,            kAny,   kAlways,         303,   302, kHtml,       kSecret,
     {v1::REASON_CODE_LOGIN_PAGE,
      "Authentication is needed; the browser gets the login page with GET, and the content stays here",
      {"RFC 9110 §15.4.4", "RFC 9700 §4.12"}}},

    {v1::PURPOSE_TEMPORARY_MOVE,            kAny,   kAlways,         307,   302, kHtml,       kRevalidate,
     {v1::REASON_CODE_TEMPORARY_MOVE,
      "The same thing is elsewhere for a while; the client repeats method and content there",
      {"RFC 9110 §15.4.8"}}},
    {v1::PURPOSE_PERMANENT_MOVE,            kAny,   kAlways,         308,   301, kHtml,       kPermanent,
     {v1::REASON_CODE_PERMANENT_MOVE,
      "The same thing is elsewhere for good; the client repeats method and content there",
      {"RFC 9110 §15.4.9"}}},

    {v1::PURPOSE_CANONICAL_URL,             kPage,  kTemporary,      302,   307, kHtml,       kRevalidate,
     {v1::REASON_CODE_CANONICAL_URL,
      "The page has another URL for now",
      {"RFC 9110 §15.4.3"}}},
    {v1::PURPOSE_CANONICAL_URL,             kOther, kTemporary,      307,   0,   kHtml,       kRevalidate,
     {v1::REASON_CODE_CANONICAL_URL,
      "The page has another URL for now; the client repeats method and content there",
      {"RFC 9110 §15.4.8"}}},
    {v1::PURPOSE_CANONICAL_URL,             kPage,  kAlways,         301,   308, kHtml,       kPermanent,
     {v1::REASON_CODE_CANONICAL_URL,
      "The page has one right URL, and this is another one",
      {"RFC 9110 §15.4.2"}}},
    {v1::PURPOSE_CANONICAL_URL,             kOther, kAlways,         308,   0,   kHtml,       kPermanent,
     {v1::REASON_CODE_CANONICAL_URL,
      "The page has one right URL; the client repeats method and content there",
      {"RFC 9110 §15.4.9"}}},

    {v1::PURPOSE_HTTPS_UPGRADE,             kAny,   kTemporary,      307,   302, kHtml,       kRevalidate,
     {v1::REASON_CODE_HTTPS_UPGRADE,
      "The same URL over https, for now",
      {"RFC 6797 §7.2", "RFC 9110 §15.4.8"}}},
    {v1::PURPOSE_HTTPS_UPGRADE,             kAny,   kAlways,         308,   301, kHtml,       kPermanent,
     {v1::REASON_CODE_HTTPS_UPGRADE,
      "The same URL over https, for good; the client repeats method and content there",
      {"RFC 6797 §7.2", "RFC 9110 §15.4.9"}}},
    {v1::PURPOSE_REROUTE,                   kAny,   kAlways,         307,   302, kHtml,       kRevalidate,
     {v1::REASON_CODE_REROUTE,
      "Another server answers this request; the client repeats method and content there",
      {"RFC 9110 §15.4.8"}}},

    {v1::PURPOSE_CAMPAIGN,                  kPage,  kAlways,         302,   307, kHtml,       kRevalidate,
     {v1::REASON_CODE_CAMPAIGN,
      "A page for a limited time",
      {"RFC 9110 §15.4.3"}}},
    {v1::PURPOSE_CAMPAIGN,                  kOther, kAlways,         405,   0,   kHtml,       kNoStore,
     {v1::REASON_CODE_METHOD_NOT_ALLOWED,
      "A campaign is a page: it answers GET and HEAD",
      {"RFC 9110 §15.5.6"}}},
    {v1::PURPOSE_DESCRIBES,                 kPage,  kAlways,         303,   0,   kHtml,       kRevalidate,
     {v1::REASON_CODE_DESCRIBED_ELSEWHERE,
      "The URL names something that is not a document; the target describes it",
      {"RFC 9110 §15.4.4"}}},
    {v1::PURPOSE_DESCRIBES,                 kOther, kAlways,         405,   0,   kHtml,       kNoStore,
     {v1::REASON_CODE_METHOD_NOT_ALLOWED,
      "A thing that is only described answers GET and HEAD",
      {"RFC 9110 §15.5.6"}}},
    {v1::PURPOSE_CHOICES,                   kPage,  kAlways,         300,   0,   kHtml,       kRevalidate,
     {v1::REASON_CODE_CHOICES,
      "There are several representations, for the client to choose from",
      {"RFC 9110 §15.4.1"}}},
    {v1::PURPOSE_CHOICES,                   kOther, kAlways,         405,   0,   kHtml,       kNoStore,
     {v1::REASON_CODE_METHOD_NOT_ALLOWED,
      "A choice of representations answers GET and HEAD",
      {"RFC 9110 §15.5.6"}}},
    {v1::PURPOSE_GONE,                      kAny,   kAlways,         410,   0,   kHtml,       kGone,
     {v1::REASON_CODE_GONE,
      "It was here, and it is gone for good",
      {"RFC 9110 §15.5.11"}}},
    {v1::PURPOSE_NOT_FOUND,                 kAny,   kAlways,         404,   0,   kHtml,       kRevalidate,
     {v1::REASON_CODE_NOT_FOUND,
      "There is nothing here, and nobody says whether there will be",
      {"RFC 9110 §15.5.5"}}},
    {v1::PURPOSE_UNAVAILABLE_FOR_LEGAL_REASONS, kAny, kAlways,       451,   0,   kHtml,       kRevalidate,
     {v1::REASON_CODE_UNAVAILABLE_FOR_LEGAL_REASONS,
      "A legal demand forbids access",
      {"RFC 7725 §3"}}},
}};

constexpr Row kWindowOver =
    {v1::PURPOSE_UNSPECIFIED,               kAny,   kAlways,         410,   0,   kHtml,       kGone,
     {v1::REASON_CODE_WINDOW_OVER,
      "The time for which this was meant is over",
      {"RFC 9110 §15.5.11"}}};
// clang-format on

// Reads `client` only if the condition needs it.
bool Holds(Condition when, const Question& question, http::ClientReading& client) {
  const v1::Intent& intent = question.intent;
  switch (when) {
    case kAlways:
      return true;
    case kDeclaredScript:
      return intent.client() == v1::CLIENT_KIND_SCRIPT;
    case kProgram:
      client = ClientOf(question);
      return http::IsProgram(client.kind);
    case kPreferSeeOther:
      return intent.prefer_see_other();
    case kTemporary:
      return intent.permanence() == v1::PERMANENCE_TEMPORARY;
    case kPending:
      return intent.operation_state() == v1::OPERATION_STATE_PENDING;
    case kDone:
      return intent.operation_state() == v1::OPERATION_STATE_DONE;
    case kFailed:
      return intent.operation_state() == v1::OPERATION_STATE_FAILED;
    case kExpired:
      return intent.operation_state() == v1::OPERATION_STATE_EXPIRED;
  }
  return false;
}

// A contract may choose between the answers to different clients, but not between different states.
bool MayBePinned(Condition when) { return when == kProgram || when == kPreferSeeOther; }

bool AnswersMethod(const Row& row, bool page) {
  return row.methods == kAny || (row.methods == kPage) == page;
}

http::ClientReading Declared(v1::ClientKind client) {
  const bool whole_page = client == v1::CLIENT_KIND_INERTIA || client == v1::CLIENT_KIND_TURBO;
  return {client, whole_page, "declared by the caller"};
}

}  // namespace

std::span<const Row> Table() { return kTable; }

const Row& WindowOverRow() { return kWindowOver; }

http::ClientReading ClientOf(const Question& question) {
  const v1::ClientKind declared = question.intent.client();
  return declared == v1::CLIENT_KIND_UNSPECIFIED ? question.request.client() : Declared(declared);
}

http::ClientReading PageScriptOf(const Question& question) {
  const v1::ClientKind declared = question.intent.client();
  return declared == v1::CLIENT_KIND_UNSPECIFIED ? http::ReadPageScript(question.request.headers())
                                                 : Declared(declared);
}

Choice LookUp(const Question& question) {
  const v1::Intent& intent = question.intent;
  const int32_t pinned = intent.pinned_status();
  Choice choice;
  for (const Row& row : kTable) {
    if (row.purpose != intent.purpose() || !AnswersMethod(row, question.request.page)) continue;
    if (pinned == 0) {
      if (!Holds(row.when, question, choice.client)) continue;
      choice.row = &row;
      choice.status = row.status;
      break;
    }
    const bool gives = row.status == pinned || (row.pin == pinned && question.request.page);
    if (!gives || !(MayBePinned(row.when) || Holds(row.when, question, choice.client))) continue;
    choice.row = &row;
    choice.status = pinned;
    break;
  }
  return choice;
}

}  // namespace fingerpost::decide
