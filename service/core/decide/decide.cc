#include "core/decide/decide.h"

#include <string>

#include "core/decide/allowed_targets.h"
#include "core/decide/answer_writer.h"
#include "core/decide/body.h"
#include "core/decide/caching.h"
#include "core/decide/cors.h"
#include "core/decide/flash.h"
#include "core/decide/forecasts.h"
#include "core/decide/ignored_modifiers.h"
#include "core/decide/invariants.h"
#include "core/decide/link_field.h"
#include "core/decide/not_ours.h"
#include "core/decide/page_load.h"
#include "core/decide/pass.h"
#include "core/decide/protocol.h"
#include "core/decide/question.h"
#include "core/decide/response_cookies.h"
#include "core/decide/robots_tag.h"
#include "core/decide/status_facts.h"
#include "core/decide/sticky_key.h"
#include "core/decide/table.h"
#include "core/decide/target.h"
#include "core/decide/warnings.h"
#include "core/decide/window.h"
#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

constexpr Ruling kPinned{v1::REASON_CODE_PINNED_STATUS_CONTRADICTS,
                         "The pinned status contradicts purpose and method: ",
                         {"RFC 9110 §15.4"}};
constexpr Ruling kFlashOnPermanent{
    v1::REASON_CODE_FLASH_ON_PERMANENT,
    "A flash message on a permanent redirect would be stored and shown again, or to others",
    {"RFC 9111 §7.3", "RFC 9110 §15.4.2"}};

// Whether a page follows that can show the message.
bool CarriesFlash(const Question& question, const Choice& choice) {
  const v1::Purpose purpose = question.intent.purpose();
  if (purpose == v1::PURPOSE_FORM_RESULT) return true;
  return (IsRedirect(choice.status) || choice.page_load != nullptr) &&
         (purpose == v1::PURPOSE_RESOURCE_CREATED || purpose == v1::PURPOSE_LOGIN_REQUIRED ||
          purpose == v1::PURPOSE_DESCRIBES);
}

// Whether this is the answer that the intent's cookies belong to.
bool HasCookies(const Choice& choice) {
  return choice.status != 405 && choice.row != &WindowOverRow();
}

// Whether the client takes one of them, too.
bool CarriesCookies(const Question& question, const Choice& choice) {
  return !question.intent.cookies().empty() && HasCookies(choice) && SetsCookies(question);
}

// Whether the answer names its target: in Location, in a script's own field, in the JSON of a
// declared script, or as the login page of a 401.
bool Leads(const Question& question, const Choice& choice) {
  return question.target && (HasLocation(choice.status) || choice.page_load != nullptr ||
                             choice.row->note == Note::kAlwaysJson || choice.status == 401);
}

void TraceChoice(const Choice& choice, AnswerWriter& answer) {
  if (!answer.explain()) return;
  if (!choice.client.evidence.empty()) {
    answer.Trace("client." + http::ToLowerAscii(v1::ClientKind_Name(choice.client.kind).substr(12)),
                 true, choice.client.evidence);
  }
  if (choice.row == nullptr) return;
  answer.Trace("table." + http::ToLowerAscii(v1::Purpose_Name(choice.row->purpose).substr(8)), true,
               std::to_string(choice.status) + ": " + std::string(choice.row->ruling.sentence),
               choice.row->ruling.citations);
}

bool WritesHsts(const Question& question) {
  if (!question.url || !http::IsHttps(*question.url)) return false;  // RFC 6797 §7.2.
  return question.intent.has_hsts() || question.wish.defaults.has_hsts();
}

void WriteHsts(const v1::Hsts& hsts, AnswerWriter& answer) {
  std::string& value = answer.Field(kStrictTransportSecurity);
  value = "max-age=";
  value += std::to_string(hsts.max_age().seconds());
  if (hsts.include_subdomains()) value += "; includeSubDomains";
  if (hsts.preload()) value += "; preload";
}

// The fields that belong to the status.
void WriteStatusFields(const Question& question, const Choice& choice, AnswerWriter& answer) {
  const v1::Intent& intent = question.intent;
  if (choice.status == 405) answer.Field(kAllow, "GET, HEAD");
  if (choice.status == 401) {
    answer.Field(kWwwAuthenticate, intent.challenge().empty()
                                       ? std::string_view("Bearer")
                                       : std::string_view(intent.challenge()));
  }
  const v1::ReasonCode reason = choice.row->ruling.code;
  if (intent.has_retry_after() &&
      (reason == v1::REASON_CODE_OPERATION_ACCEPTED ||
       reason == v1::REASON_CODE_OPERATION_PENDING || reason == v1::REASON_CODE_TEMPORARY_MOVE)) {
    answer.Field(kRetryAfter) = std::to_string(intent.retry_after().seconds());
  }
  WriteLinks(question, choice.status, answer);
  WriteRobots(question, answer);
}

// The cookies of the intent, and the fields that belong to the answer whatever its status.
void WriteExtras(const Question& question, const Choice& choice, AnswerWriter& answer) {
  if (HasCookies(choice)) {
    WriteCookies(question, answer);
  } else if (!question.intent.cookies().empty()) {
    answer.Warn(v1::WARNING_CODE_MODIFIER_IGNORED, "cookies");
  }
  const PageLoad* load = choice.page_load;
  WriteCors(question, choice.status, load == nullptr ? std::string_view() : load->field.title,
            answer);
  if (WritesHsts(question)) {
    WriteHsts(question.intent.has_hsts() ? question.intent.hsts() : question.wish.defaults.hsts(),
              answer);
  } else if (question.intent.has_hsts()) {
    answer.Warn(v1::WARNING_CODE_MODIFIER_IGNORED, "hsts, over plain HTTP (RFC 6797 §7.2)");
  }
}

// Writes the fields in this order: Location, those of the status, caching, cookies, CORS, security,
// content.
void WriteMessage(const Question& question, const Choice& choice, AnswerWriter& answer) {
  const Row& row = *choice.row;
  const bool leads = Leads(question, choice);
  const bool flash = question.intent.has_flash() && CarriesFlash(question, choice);
  const std::string_view location = leads ? LocationText(*question.target) : std::string_view();
  answer.out().set_status(choice.status);
  answer.Outcome(IsRedirect(choice.status) ? v1::OUTCOME_REDIRECT : v1::OUTCOME_RESPOND,
                 choice.page_load != nullptr ? choice.page_load->ruling : row.ruling);
  if (choice.status != row.status) answer.AlsoCite(FindStatusFacts(choice.status)->citations);
  if (leads && HasLocation(choice.status)) answer.Field(kLocation, location);
  if (choice.page_load != nullptr) answer.Field(choice.page_load->field, location);
  WriteStatusFields(question, choice, answer);
  const bool has_content = row.note != Note::kCallersOwn && !answer.Omits(v1::ANSWER_PART_BODY);
  const Negotiated content = has_content ? Negotiate(question, row) : Negotiated{};
  WriteCaching(question, choice,
               {.flash = flash,
                .cookies = CarriesCookies(question, choice),
                .page_load = choice.page_load != nullptr,
                .content = content.looked_at},
               answer);
  // A page that is loaded is drawn as a redirect's target is.
  WriteAssigned(question, choice.page_load != nullptr ? 303 : choice.status, answer);
  if (flash) WriteFlash(question, answer);
  if (question.intent.has_flash() && !flash) {
    answer.Warn(v1::WARNING_CODE_MODIFIER_IGNORED, "flash");
  }
  WriteExtras(question, choice, answer);
  if (row.ruling.code == v1::REASON_CODE_AUTHORIZATION_RESPONSE) {
    answer.Field(kReferrerPolicy, "no-referrer");
  }
  if (has_content) WriteBody(question, content.format, {choice.status, location}, answer);
}

void SetTarget(const Question& question, AnswerWriter& answer) {
  const Target& target = *question.target;
  if (!question.dropped_query.empty()) {
    answer.Trace("target.query", true, question.dropped_query, {"RFC 3986 §3.4"});
  }
  const std::string_view text = target.host_unknown ? LocationText(target) : target.url.get_href();
  answer.out().mutable_target()->assign(text);
}

// Chooses the row and the status, after the window and before the protocol. False: the answer is
// complete.
bool Choose(const Question& question, AnswerWriter& answer, Choice& choice) {
  if (IsNotOurs(question, answer)) return false;
  switch (FindInWindow(question, answer)) {
    case InWindow::kNotYet:
      return false;
    case InWindow::kOver:
      choice.row = &WindowOverRow();
      choice.status = choice.row->status;
      return answer.out().outcome() != v1::OUTCOME_PASS;
    case InWindow::kYes:
      break;
  }
  choice = LookUp(question);
  TraceChoice(choice, answer);
  if (choice.row != nullptr) return true;
  answer.Trace("table.pinned_status", true, kPinned.sentence, kPinned.citations);
  answer.Outcome(v1::OUTCOME_REFUSE, kPinned, std::to_string(question.intent.pinned_status()));
  return false;
}

// Writes the origin of the wish, and the policy's steps before the core's.
void WriteOrigin(const Wish& wish, AnswerWriter& answer) {
  v1::DecideResponse& out = answer.out();
  // set_rule() would make a temporary string first.
  if (!wish.rule.empty()) out.mutable_rule()->assign(wish.rule);
  if (!wish.policy_version.empty()) out.mutable_policy_version()->assign(wish.policy_version);
  for (const std::string_view id : wish.shadow_rules) out.add_shadow_rules(id.data(), id.size());
  if (!answer.explain()) return;
  auto& trace = *out.mutable_explanation()->mutable_trace();
  trace.Add(wish.trace.begin(), wish.trace.end());
}

// Leads one question from the guards to the fields of the answer.
void Answer(Question& question, AnswerWriter& answer, message::Faults& faults) {
  if (!question.wish.intent) {
    PassUnmatched(question, answer);
    return;
  }
  Choice choice;
  if (!Choose(question, answer, choice)) {
    if (question.wish.asleep) WritePassFields(question, answer);
    return;
  }
  WarnOfHostField(question, answer);
  WarnOfForwardedProto(question, answer);
  WarnOfIgnoredModifiers(question, answer);
  if (IsForWebhookSender(question, choice, answer)) {
    // A request that is forwarded to its own URL would return forever, whatever its method.
    if (CheckTargets(question, answer, faults) && !IsLoop(question, 307, answer)) {
      SetTarget(question, answer);
    }
    return;
  }
  FindPageLoad(question, choice, answer);
  // Which codes the client knows matters to a redirect only.
  if (choice.page_load == nullptr) choice.status = FitProtocol(question, choice.status, answer);
  if (question.intent.has_flash() && (choice.status == 301 || choice.status == 308)) {
    answer.Trace("flash.on_permanent", true, kFlashOnPermanent.sentence,
                 kFlashOnPermanent.citations);
    answer.Outcome(v1::OUTCOME_REFUSE, kFlashOnPermanent);
    return;
  }
  if (!CheckLinkTargets(question, answer)) return;
  if (Leads(question, choice) || choice.status == 300) {
    if (!CheckTargets(question, answer, faults)) return;
    const bool sets_cookie = (question.intent.has_flash() && CarriesFlash(question, choice)) ||
                             CarriesCookies(question, choice);
    // The page itself is asked for by the browser, without the script's fields.
    const bool reloads = choice.page_load != nullptr && question.intent.full_page_load();
    if (IsRedirect(choice.status) && !reloads && !sets_cookie &&
        IsLoop(question, choice.status, answer)) {
      return;
    }
    if (question.target) SetTarget(question, answer);
    // A page is loaded with GET, as a 303 has it.
    if (IsRedirect(choice.status)) {
      WarnOfRedirect(question, choice.page_load != nullptr ? 303 : choice.status, answer);
    }
  }
  if (choice.page_load != nullptr) LoadPage(question, choice);
  WriteMessage(question, choice, answer);
}

[[gnu::cold]] v1::Error Broken(std::string_view invariant) {
  v1::Error error;
  error.set_code("INTERNAL");
  error.set_reason(v1::ERROR_REASON_INVARIANT_BROKEN);
  error.set_message("invariant broken: " + std::string(invariant));
  return error;
}

void Explain(const Question& question, v1::DecideResponse& answer) {
  if (const StatusFacts* facts = FindStatusFacts(answer.status())) {
    FillFacts(*facts, *answer.mutable_explanation()->mutable_facts());
  }
  AddForecasts(question, answer);
}

}  // namespace

message::Done Decide(const v1::DecideRequest& asked, const http::Request& request, const Wish& wish,
                     message::Faults& faults, v1::DecideResponse& answer) {
  Question question(asked, request, wish);
  if (wish.intent) ReadQuestion(question, faults);
  if (!faults.empty()) return message::Unexpected(ToError(faults));

  AnswerWriter writer(answer, request.lower_case_names(), asked);
  WriteOrigin(wish, writer);
  Answer(question, writer, faults);
  if (!faults.empty()) return message::Unexpected(ToError(faults));
  writer.Finish();

  std::string_view broken = FindBrokenInvariant(request.method, question.intent.purpose(), answer);
  if (broken.empty()) broken = FindBrokenHost(question, answer);
  if (!broken.empty()) return message::Unexpected(Broken(broken));
  if (asked.explain()) Explain(question, answer);
  writer.Omit();
  return {};
}

bool LeadsToItself(const v1::DecideRequest& asked, const http::Request& request, const Wish& wish) {
  Question question(asked, request, wish);
  message::Faults faults;
  ReadTargets(question, faults);
  return faults.empty() && question.url != nullptr && question.target &&
         question.target->fault.empty() &&
         http::WithoutFragment(question.target->url) == http::WithoutFragment(*question.url);
}

}  // namespace fingerpost::decide
