// The parts of Decide, each against its own table.
#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "core/decide/allowed_targets.h"
#include "core/decide/asking.h"
#include "core/decide/body.h"
#include "core/decide/status_facts.h"
#include "core/decide/table.h"
#include "core/decide/warning_texts.h"
#include "core/http/accept.h"
#include "core/http/client_kind.h"

namespace fingerpost {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Headers Fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  Headers headers;
  for (const auto& [name, value] : fields) {
    v1::Header& header = *headers.Add();
    header.set_name(name);
    header.set_value(value);
  }
  return headers;
}

TEST(Accept, PrefersWhatItSays) {
  struct Case {
    std::string accept;
    Format or_html, or_json;
  };
  using enum Format;
  const std::vector<Case> cases = {
      {"", kHtml, kJson},
      {"*/*", kHtml, kJson},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", kHtml, kHtml},
      {"application/json", kJson, kJson},
      {"application/json, text/plain, */*", kHtml, kJson},  // axios: all are equally good
      {"text/plain", kText, kText},
      {"TEXT/HTML;Q=0.2, application/json; q=0.3", kJson, kJson},
      {"text/*;q=0.5, application/json;q=0.4", kHtml, kHtml},
      {"text/*, text/html;q=0.1", kText, kText},
      {"application/problem+json", kJson, kJson},
      {"image/png", kHtml, kJson},
      {"text/html;q=0, */*", kJson, kJson},
      {"text/html;q=0.001, application/json;q=0.01", kJson, kJson},
      {"text/html;level=1;q=0.5, application/json;q=0.4", kHtml, kHtml},
      {",;,;q=,text/html;q=x", kHtml, kHtml},
  };
  for (const Case& test : cases) {
    const Headers headers = test.accept.empty() ? Headers() : Fields({{"accept", test.accept}});
    EXPECT_EQ(ChooseByAccept(headers, kHtml), test.or_html) << test.accept;
    EXPECT_EQ(ChooseByAccept(headers, kJson), test.or_json) << test.accept;
  }
  EXPECT_EQ(
      ChooseByAccept(Fields({{"Accept", "text/html;q=0.1"}, {"ACCEPT", "text/plain"}}), kHtml),
      kText);
}

TEST(ClientKind, IsReadFromFields) {
  using Lines = std::vector<std::pair<std::string, std::string>>;
  const std::vector<std::pair<Lines, v1::ClientKind>> cases = {
      {{}, v1::CLIENT_KIND_UNKNOWN},
      {{{"User-Agent", "curl/8"}, {"Accept", "*/*"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"sec-fetch-mode", "navigate"}, {"Accept", "application/json"}}, v1::CLIENT_KIND_BROWSER},
      {{{"Sec-Fetch-Mode", "cors"}, {"Accept", "text/html"}}, v1::CLIENT_KIND_SCRIPT},
      {{{"X-Requested-With", "XMLHttpRequest"}}, v1::CLIENT_KIND_SCRIPT},
      {{{"X-Requested-With", "com.android.browser"}, {"Accept", "text/html"}},
       v1::CLIENT_KIND_BROWSER},
      {{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}}, v1::CLIENT_KIND_BROWSER},
      {{{"Accept", "application/json"}}, v1::CLIENT_KIND_API},
      {{{"Accept", "application/vnd.api+json"}}, v1::CLIENT_KIND_API},
      {{{"Content-Type", "application/json; charset=utf-8"}}, v1::CLIENT_KIND_API},
      {{{"Content-Type", "application/x-www-form-urlencoded"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"Stripe-Signature", "t=1"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"User-Agent", "Googlebot/2.1"}}, v1::CLIENT_KIND_UNKNOWN},
  };
  for (const auto& [fields, kind] : cases) {
    EXPECT_EQ(ReadClientKind(Fields(fields)).kind, kind) << testing::PrintToString(fields);
  }
}

// Every purpose is answered on every method, and every status has its facts.
TEST(Table, IsComplete) {
  std::set<v1::Purpose> answered[2];
  for (const Row& row : DecideTable()) {
    EXPECT_NE(FindStatusFacts(row.status), nullptr) << row.status;
    EXPECT_TRUE(row.pin == 0 || FindStatusFacts(row.pin) != nullptr) << row.pin;
    EXPECT_FALSE(row.ruling.sentence.empty());
    EXPECT_FALSE(row.ruling.citations[0].empty()) << row.ruling.sentence;
    const bool last = row.when == When::kAlways || row.when == When::kExpired;
    if (last && row.methods != Methods::kOther) answered[0].insert(row.purpose);
    if (last && row.methods != Methods::kPage) answered[1].insert(row.purpose);
    // RFC 9110 §15.4.2, §15.4.3: clients disagree about them on other methods.
    const bool old = row.status == 301 || row.status == 302;
    EXPECT_TRUE(!old || row.methods == Methods::kPage) << row.status;
  }
  for (int i = 1; i < v1::Purpose_ARRAYSIZE; ++i) {
    const auto purpose = static_cast<v1::Purpose>(i);
    EXPECT_THAT(answered[0], Contains(purpose)) << v1::Purpose_Name(purpose);
    EXPECT_THAT(answered[1], Contains(purpose)) << v1::Purpose_Name(purpose);
  }
}

TEST(Table, WarningsHaveTheirWords) {
  for (int i = 1; i <= v1::WARNING_CODE_MODIFIER_IGNORED; ++i) {
    const auto code = static_cast<v1::WarningCode>(i);
    EXPECT_EQ(FindWarningText(code).code, code) << v1::WarningCode_Name(code);
  }
}

TEST(StatusFacts, AreInOrder) {
  int last = 0;
  for (const StatusFacts& facts : AllStatusFacts()) {
    EXPECT_GT(facts.status, last);
    last = facts.status;
    EXPECT_TRUE(facts.line.starts_with(std::to_string(facts.status) + " ")) << facts.status;
    // RFC 9110 §15.1.
    const std::set<int> heuristic = {200, 300, 301, 308, 405, 410};
    EXPECT_EQ(facts.heuristically_cacheable, heuristic.contains(facts.status)) << facts.status;
    EXPECT_FALSE(facts.processed && facts.may_be_repeated) << facts.status;
  }
  EXPECT_EQ(FindStatusFacts(304), nullptr);
}

TEST(Body, NothingBreaksOutOfTheNote) {
  const auto answer =
      Ask("request { method: 'POST' url: 'https://shop.example.com/' } intent { purpose: "
          "PURPOSE_FORM_RESULT target: '/?a=\\'><script>alert(1)</script>&b=\"#\\'<x>' }");
  EXPECT_THAT(answer.body(), Not(HasSubstr("<script")));
  EXPECT_THAT(answer.body(), Not(HasSubstr("'")));
  EXPECT_THAT(answer.body(), HasSubstr("&amp;b="));
  EXPECT_EQ(FieldOf(answer, "Content-Length"), std::to_string(answer.body().size()));
}

TEST(Body, ChoicesAreListed) {
  const std::string choices =
      "request { method: 'GET' url: 'https://a.test/doc' } intent { purpose: PURPOSE_CHOICES "
      "alternatives { target: '/doc.pdf' media_type: 'application/pdf' title: 'The \"PDF\"' } "
      "alternatives { target: 'https://a.test/doc.de' language: 'de' title: 'F\xC3\xBCr <dich>' } "
      "}";
  const auto html = Ask(choices);
  EXPECT_EQ(html.status(), 300);
  EXPECT_EQ(FieldOf(html, "Location"), "<none>");
  EXPECT_EQ(FieldOf(html, "Link"),
            "</doc.pdf>; rel=\"alternate\"; type=\"application/pdf\"; title=\"The \\\"PDF\\\"\", "
            "<https://a.test/doc.de>; rel=\"alternate\"; hreflang=\"de\"; "
            "title*=UTF-8''F%C3%BCr%20%3Cdich%3E");
  EXPECT_THAT(html.body(),
              HasSubstr("<p>300 Multiple Choices</p><ul><li><a href=\"/doc.pdf\">The "
                        "&quot;PDF&quot;</a></li><li><a href=\"https://a.test/doc.de\">F\xC3\xBCr "
                        "&lt;dich&gt;</a></li></ul></body>"));
  const auto json = Ask({choices, "intent { target: '/doc.pdf' client: CLIENT_KIND_API }"});
  EXPECT_EQ(FieldOf(json, "Location"), "/doc.pdf");
  EXPECT_EQ(
      json.body(),
      "{\"status\":300,\"location\":\"/doc.pdf\",\"alternatives\":[{\"location\":\"/doc.pdf\","
      "\"media_type\":\"application/pdf\",\"title\":\"The \\\"PDF\\\"\"},{\"location\":"
      "\"https://a.test/doc.de\",\"language\":\"de\",\"title\":\"F\xC3\xBCr <dich>\"}]}");
}

TEST(RedirectUris, AreComparedCharacterByCharacter) {
  v1::Intent intent;
  for (const char* uri : {"https://client.example.org/cb", "http://127.0.0.1/cb?x=1",
                          "http://[::1]:5000/cb", "http://localhost/", "com.example.app:/cb"}) {
    intent.add_redirect_uris(uri);
  }
  for (const char* same :
       {"https://client.example.org/cb", "http://127.0.0.1:51004/cb?x=1", "http://127.0.0.1/cb?x=1",
        "http://[::1]/cb", "http://[::1]:1/cb", "http://localhost:8080/", "com.example.app:/cb"}) {
    EXPECT_TRUE(IsRegistered(same, intent)) << same;
  }
  for (const char* other :
       {"https://client.example.org/cb/", "https://client.example.org/cb?",
        "https://client.example.org/CB", "https://CLIENT.example.org/cb",
        "https://client.example.org:443/cb", "https://client.example.org/cb/../evil",
        "http://127.0.0.1:51004/cb", "http://127.0.0.1:5/cb?x=2", "https://127.0.0.1:5/cb?x=1",
        "http://127.0.0.2:5/cb?x=1", "http://127.0.0.1:5@evil.test/cb?x=1",
        "http://127.0.0.1.evil.test/cb?x=1", "http://127.0.0.1:evil.test/cb?x=1",
        "http://localhost:8080", "http://localhost:80evil/", "com.example.app:/cb/x",
        "com.example.app2:/cb", ""}) {
    EXPECT_FALSE(IsRegistered(other, intent)) << other;
  }
}

TEST(RedirectUris, AMismatchIsRefusedInEveryMode) {
  for (const char* mode :
       {"UNSAFE_TARGET_REFUSE", "UNSAFE_TARGET_FALL_BACK", "UNSAFE_TARGET_REPORT_ONLY"}) {
    const auto answer =
        Ask(std::string(
                "request { method: 'GET' url: 'https://id.test/' } intent { purpose: "
                "PURPOSE_AUTHORIZATION_RESPONSE target: 'https://evil.test/cb' trust: TRUST_CALLER "
                "redirect_uris: 'https://good.test/cb' fallback_target: '/' unsafe_target: ") +
            mode + "}");
    EXPECT_EQ(answer.outcome(), v1::OUTCOME_REFUSE) << mode;
    EXPECT_EQ(answer.reason().code(), v1::REASON_CODE_REDIRECT_URI_MISMATCH) << mode;
  }
}

TEST(RedirectUris, OnlyAppSchemesBesideHttp) {
  const auto outcome = [](const std::string& uri) {
    return Ask("request { method: 'GET' url: 'https://id.test/' } intent { purpose: "
               "PURPOSE_AUTHORIZATION_RESPONSE target: '" +
               uri + "' redirect_uris: '" + uri + "' }")
        .outcome();
  };
  EXPECT_EQ(outcome("com.example.app:/cb"), v1::OUTCOME_REDIRECT);
  EXPECT_EQ(outcome("com.example.app://cb"), v1::OUTCOME_REDIRECT);
  for (const char* uri : {"javascript:alert(1)", "data:text/html,x", "myapp:/cb", "file:///x",
                          "https://a:b@good.test/cb"}) {
    EXPECT_EQ(outcome(uri), v1::OUTCOME_REFUSE) << uri;
  }
}

TEST(Query, Modes) {
  struct Case {
    std::string mode, target, location;
  };
  const std::vector<Case> cases = {
      {"QUERY_MODE_UNSPECIFIED", "/x?a=1#f", "/x?a=1#f"},
      {"QUERY_MODE_DROP", "/x", "/x"},
      {"QUERY_MODE_KEEP", "/x#f", "/x?a=2&b=%26&utm_x=3&a=4#f"},
      {"QUERY_MODE_KEEP", "/x?#f", "/x?#f"},
      {"QUERY_MODE_KEEP", "/x?c", "/x?c"},
      {"QUERY_MODE_MERGE_TARGET_WINS", "/x?a=1&c=5#f", "/x?a=1&c=5&b=%26&utm_x=3#f"},
      {"QUERY_MODE_MERGE_TARGET_WINS", "/x?%61=1", "/x?%61=1&b=%26&utm_x=3"},
      {"QUERY_MODE_MERGE_REQUEST_WINS", "/x?a=1&c=5#f", "/x?c=5&a=2&b=%26&utm_x=3&a=4#f"},
      {"QUERY_MODE_APPEND", "/x?a=1#f", "/x?a=1&a=2&b=%26&utm_x=3&a=4#f"},
  };
  for (const Case& test : cases) {
    const auto answer = Ask(
        "request { method: 'POST' url: 'https://a.test/?a=2&b=%26&utm_x=3&a=4' } intent { purpose: "
        "PURPOSE_TEMPORARY_MOVE target: '" +
        test.target + "' query { mode: " + test.mode + " } }");
    EXPECT_EQ(FieldOf(answer, "Location"), test.location) << test.mode;
  }
  const auto filtered = Ask(
      "request { method: 'POST' url: 'https://a.test/?a=2&utm_x=3&utm=4&ref=5' } intent { purpose: "
      "PURPOSE_TEMPORARY_MOVE target: '/x' query { mode: QUERY_MODE_KEEP allowed_names: 'utm_*' "
      "allowed_names: 'ref' } }");
  EXPECT_EQ(FieldOf(filtered, "Location"), "/x?utm_x=3&ref=5");
}

TEST(Vary, ListsWhatWasLookedAt) {
  Asking asking(
      "request { method: 'GET' url: 'https://a.test/' } intent { purpose: PURPOSE_REROUTE target: "
      "'/b' "
      "looked_at_fields: 'X-Route' looked_at_fields: 'accept' }");
  asking.looked_at = {"x-route", "Cookie"};
  ASSERT_TRUE(asking.Ask());
  EXPECT_EQ(FieldOf(asking.answer, "Vary"), "accept, Cookie, x-route");
  EXPECT_EQ(FieldOf(asking.answer, "Cache-Control"), "private, no-cache");
  asking.request.mutable_request()->set_method("POST");
  ASSERT_TRUE(asking.Ask());
  EXPECT_EQ(FieldOf(asking.answer, "Vary"), "accept, Cookie, x-route");
  EXPECT_EQ(FieldOf(asking.answer, "Cache-Control"), "no-store");
  asking.request.mutable_intent()->add_looked_at_fields("*");
  ASSERT_TRUE(asking.Ask());
  EXPECT_EQ(FieldOf(asking.answer, "Vary"), "*");
}

TEST(Explanation, ShowsGuardsRulesFactsAndForecasts) {
  const auto answer =
      Ask("request { method: 'POST' url: 'https://a.test/orders' body: BODY_REPLAYABLE } intent { "
          "purpose: "
          "PURPOSE_RESOURCE_CREATED target: '/orders/1' } explain: true");
  std::vector<std::string> rules;
  for (const auto& step : answer.explanation().trace()) {
    rules.push_back((step.matched() ? "+" : "-") + step.rule());
    EXPECT_FALSE(step.detail().empty()) << step.rule();
  }
  EXPECT_THAT(rules,
              ElementsAre("-guard.cors_preflight", "-guard.method_not_redirectable",
                          "-guard.websocket_handshake", "-guard.grpc_call", "+client.unknown",
                          "+table.resource_created", "-protocol.legacy", "-protocol.http_1_0",
                          "-safety.target", "-safety.loop", "+cache.no_store"));
  EXPECT_EQ(answer.explanation().facts().status(), 303);
  EXPECT_EQ(answer.explanation().facts().phrase(), "See Other");
  EXPECT_TRUE(answer.explanation().facts().processed());
  ASSERT_GT(answer.explanation().forecasts_size(), 0);
  EXPECT_EQ(answer.explanation().forecasts(0).profile(), v1::PROFILE_STRICT);
  EXPECT_EQ(answer.explanation().forecasts(0).next().method(), "GET");
  EXPECT_EQ(answer.explanation().forecasts(0).next().url(), "https://a.test/orders/1");
}

TEST(Explanation, IsAbsentUnlessAskedFor) {
  EXPECT_FALSE(
      Ask("request { method: 'GET' url: 'https://a.test/' } intent { purpose: PURPOSE_GONE }")
          .has_explanation());
}

// It would be shown for ever, or to others; where no page follows it is only without meaning.
TEST(Flash, IsRefusedOnAPermanentRedirect) {
  const auto answer = [](const std::string& rest) {
    return Ask(
        "request { method: 'POST' url: 'https://a.test/x' } intent { target: '/y' flash { text: "
        "'x' } " +
        rest + " }");
  };
  for (const char* purpose : {"PURPOSE_PERMANENT_MOVE", "PURPOSE_CANONICAL_URL"}) {
    const auto refused = answer(std::string("purpose: ") + purpose);
    EXPECT_EQ(refused.outcome(), v1::OUTCOME_REFUSE) << purpose;
    EXPECT_EQ(refused.reason().code(), v1::REASON_CODE_FLASH_ON_PERMANENT) << purpose;
  }
  const auto ignored = answer("purpose: PURPOSE_TEMPORARY_MOVE");
  EXPECT_EQ(FieldOf(ignored, "Set-Cookie"), "<none>");
  EXPECT_THAT(WarningsOf(ignored), ElementsAre(v1::WARNING_CODE_MODIFIER_IGNORED));
}

// What the policy says holds where the intent is silent, and only there.
TEST(PolicyDefaults, AreForWhatTheIntentLeavesOpen) {
  const auto told = [](const std::string& intent, const std::string& policy) {
    const v1::DecideResponse answer =
        Ask("request { method: 'POST' url: 'https://a.test/x' } intent { purpose: "
            "PURPOSE_FORM_RESULT target: 'https://b.test/' " +
                intent + " }",
            policy);
    return v1::Outcome_Name(answer.outcome()).substr(8) + " " + FieldOf(answer, "Location");
  };
  EXPECT_EQ(told("", ""), "REFUSE <none>");
  EXPECT_EQ(told("", "allowed_hosts: 'b.test'"), "REDIRECT https://b.test/");
  EXPECT_EQ(told("", "allowed_hosts: 'c.test'"), "REFUSE <none>");
  EXPECT_EQ(told("", "unsafe_target: UNSAFE_TARGET_REPORT_ONLY"), "REDIRECT https://b.test/");
  EXPECT_EQ(told("unsafe_target: UNSAFE_TARGET_REFUSE", "unsafe_target: UNSAFE_TARGET_REPORT_ONLY"),
            "REFUSE <none>");
  // The policy vouches for its own fallback; one that a caller names is an end user's target.
  const std::string fall_back = "unsafe_target: UNSAFE_TARGET_FALL_BACK ";
  EXPECT_EQ(told("", fall_back + "fallback_target: 'https://safe.test/'"),
            "REDIRECT https://safe.test/");
  EXPECT_EQ(told("fallback_target: 'https://safe.test/'", fall_back), "REFUSE <none>");
  EXPECT_EQ(told("fallback_target: '/home'", fall_back + "fallback_target: 'https://safe.test/'"),
            "REDIRECT /home");
}

TEST(PolicyDefaults, LegacyAndTheNameOfTheFlashCookie) {
  const auto status = [](const std::string& intent) {
    return Ask("request { method: 'GET' url: 'https://a.test/x' } intent { purpose: "
               "PURPOSE_PERMANENT_MOVE target: '/y' " +
                   intent + " }",
               "compatibility: COMPATIBILITY_LEGACY")
        .status();
  };
  EXPECT_EQ(status(""), 301);
  EXPECT_EQ(status("compatibility: COMPATIBILITY_LEGACY"), 301);
  EXPECT_EQ(status("compatibility: COMPATIBILITY_MODERN"), 308);

  const auto cookie = [](const std::string& flash) {
    return FieldOf(Ask("request { method: 'POST' url: 'https://a.test/x' } intent { purpose: "
                       "PURPOSE_FORM_RESULT target: '/y' flash { text: 't' " +
                           flash + " } }",
                       "flash_cookie: 'note'"),
                   "Set-Cookie");
  };
  EXPECT_THAT(cookie(""), testing::StartsWith("__Host-note=t;"));
  EXPECT_THAT(cookie("name: 'mine'"), testing::StartsWith("__Host-mine=t;"));
}

// LOOP: what the client would send is what it has sent.
TEST(Loop, IsRefusedUnlessMethodOrCookieChanges) {
  const auto outcome = [](const std::string& method, const std::string& rest) {
    return Ask("request { method: '" + method +
               "' url: 'https://a.test/x?y#z' } intent { target: '/x?y#w' " + rest + " }")
        .outcome();
  };
  EXPECT_EQ(outcome("GET", "purpose: PURPOSE_TEMPORARY_MOVE"), v1::OUTCOME_REFUSE);
  EXPECT_EQ(outcome("HEAD", "purpose: PURPOSE_DESCRIBES"), v1::OUTCOME_REFUSE);
  EXPECT_EQ(outcome("POST", "purpose: PURPOSE_PERMANENT_MOVE"), v1::OUTCOME_REFUSE);
  EXPECT_EQ(outcome("POST", "purpose: PURPOSE_FORM_RESULT"), v1::OUTCOME_REDIRECT);
  EXPECT_EQ(outcome("GET", "purpose: PURPOSE_LOGIN_REQUIRED flash { text: 'x' }"),
            v1::OUTCOME_REDIRECT);
}

}  // namespace
}  // namespace fingerpost
