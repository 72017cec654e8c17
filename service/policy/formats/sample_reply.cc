#include "policy/formats/sample_reply.h"

#include <algorithm>

#include "core/decide/decide.h"
#include "core/http/fields.h"
#include "core/http/request.h"
#include "core/message/enum_names.h"
#include "policy/compiled/host_table.h"
#include "policy/formats/cat.h"
#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {
namespace {

// Those that say something about the redirect: not of the content, and not of the site.
bool IsKept(std::string_view name) {
  return !http::EqualsIgnoreCase(name, "location") &&
         !http::EqualsIgnoreCase(name, "strict-transport-security") &&
         !http::EqualsIgnoreCase(name, "x-content-type-options") &&
         !http::StartsWithIgnoreCase(name, "content-");
}

decide::Wish WishOf(const compiled::Snapshot& snapshot, const v1::Defaults& defaults,
                    const Sample& sample) {
  decide::Wish wish(defaults, snapshot.version);
  wish.matched = true;
  wish.intent.Borrow(sample.intent);
  wish.query = sample.query;
  if (sample.rule != nullptr) {
    wish.rule = sample.rule->id;
    wish.captures = sample.rule->captures;
    for (const decide::Capture& capture : sample.rule->captures) {
      wish.captured.push_back(capture.kind == decide::ValueKind::kRest ? "/x" : "x");
    }
  }
  if (sample.conditions != nullptr) {
    for (const v1::ValueMatch& field : sample.conditions->fields()) {
      wish.looked_at.fields.push_back(field.name());
    }
    if (sample.conditions->cookies_size() > 0) wish.looked_at.fields.push_back("Cookie");
  }
  return wish;
}

// Only what the conditions look at: an edge answers every kind of client in one form.
std::string VaryOf(std::string_view value, const v1::Match* conditions) {
  std::string out;
  while (conditions != nullptr && !value.empty()) {
    const size_t end = std::min(value.find_first_of(", "), value.size());
    const std::string_view name = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const bool looked_at =
        (conditions->cookies_size() > 0 && http::EqualsIgnoreCase(name, "Cookie")) ||
        std::any_of(conditions->fields().begin(), conditions->fields().end(),
                    [name](const v1::ValueMatch& field) {
                      return http::EqualsIgnoreCase(field.name(), name);
                    });
    if (looked_at) Append(out, out.empty() ? "" : ", ", name);
  }
  return out;
}

Reply ReplyOf(const v1::DecideResponse& answer, const v1::Match* conditions) {
  Reply reply;
  const bool leads = answer.outcome() == v1::OUTCOME_REDIRECT && answer.status() != 300;
  const bool bare = answer.outcome() == v1::OUTCOME_RESPOND && IsBare(answer.status());
  if (leads || bare) reply.code = answer.status();
  for (const v1::Header& header : answer.headers()) {
    if (!IsKept(header.name())) continue;
    const bool vary = http::EqualsIgnoreCase(header.name(), "vary");
    std::string value = vary ? VaryOf(header.value(), conditions) : header.value();
    if (!value.empty()) reply.fields.emplace_back(header.name(), std::move(value));
  }
  return reply;
}

}  // namespace

SampleReply ReplyTo(const compiled::Snapshot& snapshot, const Sample& sample) {
  v1::DecideRequest asked;
  asked.mutable_request()->set_method(std::string(sample.method));
  asked.mutable_request()->set_url(std::string(sample.url));
  message::Faults faults;
  const http::Request request = http::ReadRequest(asked.request(), {}, faults);
  if (request.url() == nullptr) return {nullptr, "an error", false};
  compiled::HostIds hosts;
  snapshot.hosts.Match(request.url()->get_hostname(), hosts);
  const decide::Wish wish = WishOf(snapshot, compiled::DefaultsOf(snapshot, hosts), sample);
  v1::DecideResponse answer;
  if (const auto done = decide::Decide(asked, request, wish, faults, answer); !done) {
    return {nullptr, "the error: " + done.error().message(), false};
  }
  SampleReply out;
  out.reply = std::make_shared<const Reply>(ReplyOf(answer, sample.conditions));
  out.what = answer.status() == 0 ? message::ShortEnumName(answer.outcome())
                                  : std::to_string(answer.status());
  const auto& headers = answer.headers();
  out.keeps_query = std::any_of(headers.begin(), headers.end(), [&](const v1::Header& header) {
    const std::string_view query =
        sample.url.substr(std::min(sample.url.find('?'), sample.url.size()));
    return !query.empty() && http::EqualsIgnoreCase(header.name(), "location") &&
           header.value().find(query) != std::string::npos;
  });
  return out;
}

}  // namespace fingerpost::policy::formats
