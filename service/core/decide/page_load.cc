#include "core/decide/page_load.h"

#include <algorithm>
#include <array>

#include "core/decide/cors.h"
#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

constexpr std::array<PageLoad, 2> kPageLoads = {{
    {v1::CLIENT_KIND_HTMX,
     200,
     kHtmxRedirect,
     {v1::REASON_CODE_SCRIPT_LOADS_PAGE,
      "htmx loads the target as a page; it reads HX-Redirect from a 2xx, and would put what it "
      "finds behind a 3xx into a part of the page",
      {"htmx HX-Redirect"}}},
    {v1::CLIENT_KIND_INERTIA,
     409,
     kInertiaLocation,
     {v1::REASON_CODE_SCRIPT_LOADS_PAGE,
      "Inertia loads the target as a page; it can follow a 3xx to pages of its own only",
      {"Inertia External redirects"}}},
}};

// After these the user sees another page. The others lead what was asked for, which may be a
// fragment, elsewhere.
constexpr std::array<v1::Purpose, 4> kNextPage = {
    v1::PURPOSE_FORM_RESULT, v1::PURPOSE_RESOURCE_CREATED, v1::PURPOSE_AUTHORIZATION_RESPONSE,
    v1::PURPOSE_LOGIN_REQUIRED};

bool ShowsNextPage(v1::Purpose purpose) {
  return std::find(kNextPage.begin(), kNextPage.end(), purpose) != kNextPage.end();
}

// Whether the target is on another origin, or may be.
bool IsElsewhere(const Question& question) {
  const Target& target = *question.target;
  return !target.host_unknown &&
         (question.url == nullptr || !http::SameOrigin(target.url, *question.url));
}

// htmx looks at the content only of what it gets for a page from the history: it would show an
// empty page.
bool ReadsFields(const Question& question, v1::ClientKind client) {
  return client != v1::CLIENT_KIND_HTMX ||
         http::FieldValue(question.request.headers(), "HX-History-Restore-Request") != "true";
}

bool IsFollowed(int32_t status) { return status >= 301 && status <= 399; }

// The method of the next request.
bool BecomesGet(const Question& question, int32_t status) {
  return question.request.page || status == 303;
}

}  // namespace

std::span<const PageLoad> PageLoads() { return kPageLoads; }

void FindPageLoad(const Question& question, Choice& choice, AnswerWriter& answer) {
  if (!question.target || !question.target->fault.empty() || !IsFollowed(choice.status)) return;
  const bool leaves = question.intent.full_page_load() || IsElsewhere(question);
  if (!leaves && !ShowsNextPage(question.intent.purpose())) return;
  const http::ClientReading client = PageScriptOf(question);
  if (!client.looked_at.empty()) choice.page_load_fields = http::PageScriptFields(!leaves);
  if (!http::IsPageScript(client.kind)) return;
  const auto* found = std::find_if(
      kPageLoads.begin(), kPageLoads.end(),
      [&client](const PageLoad& page_load) { return page_load.client == client.kind; });
  const bool can_load = found != kPageLoads.end() && question.intent.pinned_status() == 0 &&
                        BecomesGet(question, choice.status) && ReadsFields(question, client.kind);
  if (can_load && (leaves || !client.whole_page)) choice.page_load = found;
  answer.Trace("script.page_load", choice.page_load != nullptr, client.evidence,
               choice.page_load == nullptr ? http::Citations{} : found->ruling.citations);
  // Turbo loads a page that it could not fetch.
  const bool loads_anyway =
      client.kind == v1::CLIENT_KIND_TURBO && client.whole_page && question.request.page;
  if (choice.page_load == nullptr && IsElsewhere(question) && !loads_anyway) {
    answer.Warn(v1::WARNING_CODE_SCRIPT_CANNOT_FOLLOW);
  }
}

void LoadPage(Question& question, Choice& choice) {
  choice.status = choice.page_load->status;
  const std::string_view origin = OriginOfRequest(question);
  if (!origin.empty() && question.url != nullptr && http::OriginOf(*question.url) != origin) {
    question.target->absolute = true;
  }
}

}  // namespace fingerpost::decide
