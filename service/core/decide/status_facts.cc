#include "core/decide/status_facts.h"

#include <algorithm>
#include <array>

namespace fingerpost::decide {
namespace {

constexpr std::string_view kPage = "the page itself is indexed";
constexpr std::string_view kNothing = "nothing is indexed";
constexpr std::string_view kStrong = "the target replaces the URL in the index (strong signal)";
constexpr std::string_view kWeak = "the URL stays in the index (weak signal for the target)";
constexpr std::string_view kDropped = "the URL is removed from the index";

// clang-format off
//                                      keeps  perma- heur.         may be
//  status line                         method nent   cache  proc.  repeated crawlers
constexpr std::array<StatusFacts, 16> kFacts = {{
    {200, "200 OK",                     false, false, true,  true,  false, kPage,    {"RFC 9110 §15.3.1"}},
    {201, "201 Created",                false, false, false, true,  false, kNothing, {"RFC 9110 §15.3.2"}},
    {202, "202 Accepted",               false, false, false, true,  false, kNothing, {"RFC 9110 §15.3.3"}},
    {300, "300 Multiple Choices",       false, false, true,  false, true,  kNothing, {"RFC 9110 §15.4.1"}},
    {301, "301 Moved Permanently",      false, true,  true,  false, true,  kStrong,  {"RFC 9110 §15.4.2"}},
    {302, "302 Found",                  false, false, false, false, true,  kWeak,    {"RFC 9110 §15.4.3"}},
    {303, "303 See Other",              false, false, false, true,  false, kWeak,    {"RFC 9110 §15.4.4"}},
    {307, "307 Temporary Redirect",     true,  false, false, false, true,  kWeak,    {"RFC 9110 §15.4.8"}},
    {308, "308 Permanent Redirect",     true,  true,  true,  false, true,  kStrong,  {"RFC 9110 §15.4.9"}},
    {401, "401 Unauthorized",           false, false, false, false, false, kNothing, {"RFC 9110 §15.5.2"}},
    {404, "404 Not Found",              false, false, true,  false, false, kDropped, {"RFC 9110 §15.5.5"}},
    {405, "405 Method Not Allowed",     false, false, true,  false, false, kNothing, {"RFC 9110 §15.5.6"}},
    {409, "409 Conflict",               false, false, false, false, false, kNothing, {"RFC 9110 §15.5.10"}},
    {410, "410 Gone",                   false, true,  true,  false, false, kDropped, {"RFC 9110 §15.5.11"}},
    {422, "422 Unprocessable Content",  false, false, false, false, false, kNothing, {"RFC 9110 §15.5.21"}},
    {451, "451 Unavailable For Legal Reasons",
                                        false, false, true,  false, false, kDropped, {"RFC 7725 §3"}},
}};
// clang-format on

}  // namespace

std::span<const StatusFacts> AllStatusFacts() { return kFacts; }

const StatusFacts* FindStatusFacts(int32_t status) {
  const auto* found =
      std::find_if(kFacts.begin(), kFacts.end(),
                   [status](const StatusFacts& facts) { return facts.status == status; });
  return found == kFacts.end() ? nullptr : found;
}

bool HasLocation(int32_t status) {
  return status == 201 || status == 202 || (status >= 300 && status <= 399 && status != 304);
}

void FillFacts(const StatusFacts& facts, v1::StatusFacts& out) {
  out.set_status(facts.status);
  out.set_phrase(facts.phrase().data(), facts.phrase().size());
  out.set_keeps_method(facts.keeps_method);
  out.set_permanent(facts.permanent);
  out.set_heuristically_cacheable(facts.heuristically_cacheable);
  out.set_crawlers(facts.crawlers.data(), facts.crawlers.size());
  out.set_processed(facts.processed);
  out.set_may_be_repeated(facts.may_be_repeated);
  http::Cite(facts.citations, out);
}

}  // namespace fingerpost::decide
