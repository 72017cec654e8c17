// The chain that a caller hands back, and its options.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/follow/asking.h"
#include "core/follow/follow.h"

namespace fingerpost::follow {
namespace {

using testing::Answer;
using testing::Ask;
using testing::Next;
using testing::Then;
using testing::ToText;
using testing::Walk;

TEST(Chain, RemembersWhatWasSent) {
  const v1::FollowResponse answer =
      Walk(Ask("POST https://u:p@a.test/1#f [body]\nAuthorization: t", 303, "Location: /2"),
           {{302, "Location: https://b.test/3"}});
  const v1::Chain& chain = answer.chain();
  EXPECT_EQ(chain.count(), 2U);
  ASSERT_EQ(chain.visited_size(), 2);
  EXPECT_EQ(chain.visited(0).method() + " " + chain.visited(0).url(), "POST https://a.test/1");
  EXPECT_EQ(chain.visited(1).method() + " " + chain.visited(1).url(), "GET https://a.test/2");
  EXPECT_EQ(chain.first_url(), "https://a.test/1#f");
  EXPECT_EQ(chain.first_method(), "POST");
  EXPECT_TRUE(chain.credentials_dropped());
  EXPECT_TRUE(chain.content_dropped());
  EXPECT_EQ(chain.set_aside_size(), 0);
  EXPECT_EQ(chain.profile(), v1::PROFILE_STRICT);
}

TEST(Chain, ContradictionsAreNamed) {
  const auto question = Ask("GET https://a.test/1", 302, "Location: /2");
  const v1::FollowRequest good = Then(question, Answer(question), 302, "Location: /3");
  EXPECT_EQ(Next(good), "GET https://a.test/3");
  const auto broken = [&good](auto change) {
    v1::FollowRequest bad = good;
    change(*bad.mutable_chain());
    return Next(bad);
  };
  EXPECT_EQ(broken([](v1::Chain& c) { c.set_count(2); }), "INVALID chain.visited");
  EXPECT_EQ(broken([](v1::Chain& c) { c.set_count(101); }), "INVALID chain.count chain.visited");
  EXPECT_EQ(broken([](v1::Chain& c) { c.clear_visited(); }), "INVALID chain.visited");
  EXPECT_EQ(broken([](v1::Chain& c) { c.mutable_visited(0)->set_url("ftp://a.test/"); }),
            "INVALID chain.visited[0].url chain.first_url");
  EXPECT_EQ(broken([](v1::Chain& c) { c.mutable_visited(0)->set_url("https://a.test/other"); }),
            "INVALID chain.first_url");
  EXPECT_EQ(broken([](v1::Chain& c) { c.mutable_visited(0)->set_method("P T"); }),
            "INVALID chain.visited[0].method chain.first_method");
  EXPECT_EQ(broken([](v1::Chain& c) { c.set_first_url(""); }), "INVALID chain.first_url");
  EXPECT_EQ(broken([](v1::Chain& c) { c.set_first_url("https://u@a.test/1"); }),
            "INVALID chain.first_url");
  EXPECT_EQ(broken([](v1::Chain& c) { c.set_first_method("POST"); }), "INVALID chain.first_method");
  EXPECT_EQ(broken([](v1::Chain& c) { c.set_profile(v1::PROFILE_GO); }), "INVALID chain.profile");
  EXPECT_EQ(broken([](v1::Chain& c) { c.add_set_aside()->set_name("Authorization"); }),
            "INVALID chain.set_aside");
  EXPECT_EQ(broken([](v1::Chain& c) { c.add_cookies()->set_name("a"); }),
            "INVALID chain.cookies[0].domain chain.cookies[0].path");
  EXPECT_EQ(broken([](v1::Chain& c) {
              for (int i = 0; i < 1001; ++i) c.add_cookies();
            }),
            "INVALID chain.cookies");
  EXPECT_EQ(broken([](v1::Chain& c) { c.set_referrer_policy("bogus"); }),
            "INVALID chain.referrer_policy");
  EXPECT_EQ(broken([](v1::Chain& c) { c.add_added_fields("Authorization"); }),
            "INVALID chain.added_fields");
}

TEST(Chain, RemembersAFewAddedFields) {
  auto question = Ask("GET https://a.test/1", 302, "Location: /2");
  question.mutable_options()->set_profile(v1::PROFILE_GO);
  question = Then(question, Answer(question), 302, "Location: /3");
  EXPECT_EQ(question.chain().added_fields_size(), 1);
  for (int i = 0; i < 16; ++i) question.mutable_chain()->add_added_fields("X");
  EXPECT_EQ(Next(question), "INVALID chain.added_fields");
}

TEST(Chain, MayBeginAsAJar) {
  v1::FollowRequest question = Ask("GET https://a.test/1", 302, "Location: /2");
  v1::Cookie& cookie = *question.mutable_chain()->add_cookies();
  cookie.set_name("s");
  cookie.set_value("1");
  cookie.set_domain("a.test");
  cookie.set_path("/");
  EXPECT_EQ(Next(question), "GET https://a.test/2\nCookie: s=1");
  // The chain of a final answer is also such a jar.
  const v1::FollowResponse last = Answer(Ask("GET https://a.test/", 200, "Set-Cookie: t=2"));
  question.mutable_chain()->CopyFrom(last.chain());
  EXPECT_EQ(Next(question), "GET https://a.test/2\nCookie: t=2");
}

TEST(Chain, StopKeepsTheChainAndItsCookies) {
  const auto question = Ask("GET https://a.test/1\nAuthorization: t", 302, "Location: /2");
  const v1::FollowResponse end =
      Walk(question, {{302, "Location: http://b.test/\nSet-Cookie: a=b"}});
  EXPECT_EQ(ToText(end), "STOP DOWNGRADE");
  EXPECT_EQ(end.chain().count(), 1U);
  EXPECT_FALSE(end.chain().credentials_dropped());
  EXPECT_EQ(end.chain().cookies_size(), 1);
  EXPECT_EQ(end.changes_size(), 0);
}

TEST(Chain, ContentStaysDropped) {
  const auto question = Ask("POST https://a.test/1 [body]\nContent-Type: t", 303, "Location: /2");
  v1::FollowRequest again = Then(question, Answer(question), 307, "Location: /3");
  EXPECT_EQ(Next(again), "GET https://a.test/3");
  again.mutable_request()->set_body(v1::BODY_REPLAYABLE);
  again.mutable_request()->add_headers()->set_name("Content-Type");
  EXPECT_EQ(Next(again), "GET https://a.test/3");
}

TEST(Chain, ACookieMakesTheSameUrlAnotherRequest) {
  const auto question = Ask("GET https://a.test/x", 302, "Location: /x\nSet-Cookie: seen=1");
  EXPECT_EQ(Next(question), "GET https://a.test/x\nCookie: seen=1");
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: /x\nSet-Cookie: seen=1"}})), "STOP LOOP");
  EXPECT_EQ(ToText(Walk(Ask("GET https://a.test/x", 302, "Location: /y"), {{302, "Location: /x"}})),
            "STOP LOOP");
  EXPECT_EQ(
      ToText(Walk(Ask("GET https://a.test/x", 302, "Location: /y"), {{302, "Location: /x#f"}})),
      "STOP LOOP")
      << "a fragment makes no other request";
}

TEST(Chain, TaintedOriginStaysNull) {
  const auto question =
      Ask("POST https://b.test/\nOrigin: https://a.test", 307, "Location: https://c.test/");
  EXPECT_EQ(ToText(Walk(question, {{307, "Location: https://c.test/2"}})),
            "POST https://c.test/2\nOrigin: null");
}

TEST(CookieField, HandSetCookiesAreBoundToTheirOrigin) {
  const auto question = Ask("GET https://a.test/\nCookie: a=1; b=2", 302,
                            "Location: https://b.test/\nSet-Cookie: s=1");
  EXPECT_EQ(Next(question), "GET https://b.test/") << "CVE-2015-2296";
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: https://a.test/x"}})),
            "GET https://a.test/x\nCookie: s=1")
      << "the jar comes back, the hand-set do not";
}

TEST(CookieField, TheJarWinsNameByName) {
  EXPECT_EQ(Next(Ask("GET https://a.test/\nCookie: a=1; b=2\nCookie: c=3", 302,
                     "Location: /x\nSet-Cookie: b=9; Path=/\nSet-Cookie: d=4")),
            "GET https://a.test/x\nCookie: a=1; c=3; b=9; d=4");
  EXPECT_EQ(Next(Ask("GET https://a.test/\nCookie: a=1; b=2", 302,
                     "Location: /x\nSet-Cookie: b=; Max-Age=0")),
            "GET https://a.test/x\nCookie: a=1")
      << "a deletion is a word, too";
  EXPECT_EQ(
      Next(Ask("GET https://a.test/\nCookie: b=2", 302, "Location: /x\nSet-Cookie: b=; Max-Age=0")),
      "GET https://a.test/x");
  EXPECT_EQ(Next(Ask("GET https://a.test/\nCookie: a=1", 302,
                     "Location: /x\nSet-Cookie: a=2; Domain=evil.test")),
            "GET https://a.test/x\nCookie: a=1")
      << "a refused one has no say";
}

TEST(CookieField, WhatTheJarAddedIsTheJars) {
  const auto question =
      Ask("GET https://a.test/1\nCookie: h=0", 302, "Location: /2\nSet-Cookie: s=1");
  const v1::FollowResponse first = Answer(question);
  EXPECT_EQ(ToText(first), "GET https://a.test/2\nCookie: h=0; s=1");
  EXPECT_EQ(Next(Then(question, first, 302, "Location: /3")),
            "GET https://a.test/3\nCookie: h=0; s=1");
  EXPECT_EQ(Next(Then(question, first, 302, "Location: /3\nSet-Cookie: s=; Max-Age=0")),
            "GET https://a.test/3\nCookie: h=0");
}

TEST(CookieField, AWithheldValueGivesWayToTheJar) {
  EXPECT_EQ(
      Next(Ask("GET https://a.test/\nCookie: (withheld)", 302, "Location: /x\nSet-Cookie: s=1")),
      "GET https://a.test/x\nCookie: s=1");
  EXPECT_EQ(Next(Ask("GET https://a.test/\nCookie: (withheld)", 302,
                     "Location: /x\nSet-Cookie: s=; Max-Age=0")),
            "GET https://a.test/x\nCookie: (withheld)");
  EXPECT_EQ(Next(Ask("GET https://a.test/\nCookie: (withheld)", 302, "Location: https://b.test/")),
            "GET https://b.test/");
}

TEST(CookieField, IsNeverLongerThanTheNextHopTakes) {
  std::string fields = "Location: /x";
  for (int i = 0; i < 20; ++i)
    fields += "\nSet-Cookie: c" + std::to_string(i) + "=" + std::string(4000, 'v');
  const auto question = Ask("GET https://a.test/", 302, fields);
  const v1::FollowResponse answer = Answer(question);
  ASSERT_EQ(answer.next().headers_size(), 1);
  const std::string& cookies = answer.next().headers(0).value();
  EXPECT_EQ(std::count(cookies.begin(), cookies.end(), '='), 16) << "as many as fit whole";
  EXPECT_EQ(answer.chain().cookies_size(), 20);
  EXPECT_EQ(Then(question, answer, 200, "").request().headers(0).value(), cookies);
  EXPECT_EQ(Next(Then(question, answer, 200, "")), "STOP FINAL_RESPONSE");
}

TEST(Options, TrustedOriginsKeepCredentials) {
  v1::FollowRequest question =
      Ask("GET https://a.test/\nAuthorization: t\nX-Key: k\nCookie: a=1\nHost: a.test", 302,
          "Location: https://b.test/");
  question.mutable_options()->add_secret_fields("x-key");
  EXPECT_EQ(Next(question), "GET https://b.test/");
  question.mutable_options()->add_trusted_origins("https://b.test");
  EXPECT_EQ(Next(question), "GET https://b.test/") << "both ends must be trusted";
  question.mutable_options()->add_trusted_origins("https://A.test:443/");
  EXPECT_EQ(Next(question), "GET https://b.test/\nAuthorization: t\nX-Key: k\nCookie: a=1");
  *question.mutable_response() = testing::Response(302, "Location: https://b.test:8443/");
  EXPECT_EQ(Next(question), "GET https://b.test:8443/");
}

TEST(Options, DeclaredSecretsOnEveryStatus) {
  for (const int status : {301, 302, 303, 307, 308}) {
    v1::FollowRequest question = Ask("GET https://a.test/\nX-API-KEY: k\nx-api-key: (withheld)",
                                     status, "Location: https://b.test/\nCache-Control: no-store");
    question.mutable_options()->add_secret_fields("X-Api-Key");
    const v1::FollowResponse answer = Answer(question);
    EXPECT_EQ(ToText(answer), "GET https://b.test/") << status;
    EXPECT_EQ(answer.changes(1).reason(), v1::CHANGE_REASON_DECLARED_SECRET);
    EXPECT_EQ(answer.warnings_size(), 0);
  }
}

TEST(Options, EachOneOverridesTheProfile) {
  v1::FollowRequest question =
      Ask("POST https://a.test/ [body]", 302, "Location: http://u:p@a.test/x");
  v1::FollowOptions& options = *question.mutable_options();
  EXPECT_EQ(Next(question), "STOP DOWNGRADE");
  options.set_allow_downgrade(true);
  EXPECT_EQ(Next(question), "STOP USERINFO");
  options.set_userinfo(v1::USERINFO_POLICY_STRIP);
  EXPECT_EQ(Next(question), "GET http://a.test/x");
  options.set_keep_post(true);
  EXPECT_EQ(Next(question), "POST http://a.test/x [body]");
  options.set_limit(0);
  EXPECT_EQ(Next(question), "STOP LIMIT");
  options.set_limit(1);
  question.mutable_response()->set_status(300);
  EXPECT_EQ(Next(question), "STOP STATUS_NOT_FOLLOWED");
  options.set_follow_multiple_choices(true);
  EXPECT_EQ(Next(question), "POST http://a.test/x [body]");

  // The other way round, for a more generous client.
  options.Clear();
  options.set_profile(v1::PROFILE_URLLIB3);
  question.mutable_response()->set_status(302);
  EXPECT_EQ(Next(question), "POST http://a.test/x [body]");
  options.set_keep_post(false);
  EXPECT_EQ(Next(question), "GET http://a.test/x");
  options.set_allow_downgrade(false);
  EXPECT_EQ(Next(question), "STOP DOWNGRADE");
}

TEST(Options, Targets) {
  const auto to = [](const char* location, auto rules) {
    v1::FollowRequest question =
        Ask("GET http://a.test/", 302, std::string("Location: ") + location);
    rules(*question.mutable_options()->mutable_targets());
    return Next(question).substr(0, 5) == "STOP " ? Next(question).substr(5) : "OK";
  };
  const auto internal = [](v1::TargetRules& rules) { rules.set_deny_private_addresses(true); };
  for (const char* location :
       {"http://127.0.0.1/", "http://127.1/", "http://0x7f000001/", "http://2130706433/",
        "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest",
        "http://localhost/", "http://x.localhost/", "http://metadata/", "http://10.1.2.3/",
        "http://192.168.0.1/", "http://[fd00::1]/", "http://100.64.0.1/",
        "http://\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1/"}) {
    EXPECT_EQ(to(location, internal), "TARGET_NOT_ALLOWED") << location;
  }
  EXPECT_EQ(to("http://93.184.216.34/", internal), "OK");
  EXPECT_EQ(to("http://b.example/", internal), "OK");
  const auto denied = [](v1::TargetRules& rules) {
    rules.add_denied_hosts(".evil.test");
    rules.add_denied_hosts("b.test:8080");
  };
  for (const char* location :
       {"http://evil.test/", "http://evil.test:8080/", "http://a.evil.test./", "http://EVIL.test/",
        "https://evil.test/", "http://b.test:8080/"}) {
    EXPECT_EQ(to(location, denied), "TARGET_NOT_ALLOWED") << location;
  }
  EXPECT_EQ(to("http://b.test/", denied), "OK");
  const auto allowed = [](v1::TargetRules& rules) {
    rules.add_allowed_hosts("a.test");
    rules.add_allowed_hosts("b.test:8443");
    rules.add_denied_hosts("c.test");
  };
  EXPECT_EQ(to("/x", allowed), "OK");
  EXPECT_EQ(to("https://b.test:8443/", allowed), "OK");
  EXPECT_EQ(to("https://b.test/", allowed), "TARGET_NOT_ALLOWED");
  EXPECT_EQ(to("http://a.test@d.test/", allowed), "USERINFO");
  EXPECT_EQ(to("http://d.test/", allowed), "TARGET_NOT_ALLOWED");
  const auto ports = [](v1::TargetRules& rules) {
    rules.add_allowed_ports(80);
    rules.add_allowed_ports(443);
  };
  EXPECT_EQ(to("https://b.test:443/", ports), "OK");
  EXPECT_EQ(to("http://b.test:22/", ports), "TARGET_NOT_ALLOWED");
}

TEST(Options, AHostNameIsNotCheckedFurther) {
  v1::FollowRequest question = Ask("GET http://a.test/", 302, "Location: http://b.example/");
  question.mutable_options()->mutable_targets()->set_deny_private_addresses(true);
  const v1::FollowResponse answer = Answer(question);
  ASSERT_EQ(answer.warnings_size(), 1);
  EXPECT_EQ(answer.warnings(0).code(), v1::WARNING_CODE_ADDRESS_NOT_CHECKED);
}

TEST(Options, RetryAfterIsReported) {
  const auto wait = [](const char* value, int64_t now) {
    v1::FollowRequest question =
        Ask("GET https://a.test/", 302, std::string("Location: /x\nRetry-After: ") + value);
    if (now != 0) question.mutable_now()->set_seconds(now);
    const v1::FollowResponse answer = Answer(question);
    return answer.has_wait() ? answer.wait().seconds() : -1;
  };
  EXPECT_EQ(wait("120", 0), 120);
  EXPECT_EQ(wait("0", 0), 0);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT", 784111700), 77);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT", 784111800), 0);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT", 0), -1);
  EXPECT_EQ(wait("soon", 784111700), -1);
  EXPECT_EQ(wait("99999999999999999999999", 0), int64_t{100} * 365 * 86400);
}

bool ValueIsPoison(const v1::Header& header, const std::string& poison) {
  return header.raw_value() == poison;
}

// No rule reads the value of a secret: withheld, present or poisoned, it has the same fate.
TEST(Secrets, TheirValuesAreNeverRead) {
  // Names another field, a cookie and a URL, so that reading it would show.
  const std::string poison =
      "Basic \x01\x7f,;=\"\\\xff\xfe close, accept, s=0; https://evil.test/ " +
      std::string(60000, 'A');
  for (const char* name : {"Authorization", "Proxy-Authorization", "X-Key", "Cookie", "Referer",
                           "Origin", "Connection", "Host", "Content-Type"}) {
    for (const char* location :
         {"/x", "https://b.test/", "https://a.test:444/", "https://u:p@b.test/"}) {
      for (const int status : {301, 303, 307}) {
        for (int profile = v1::Profile_MIN + 1; profile <= v1::Profile_MAX; ++profile) {
          v1::FollowRequest question =
              Ask("POST https://a.test/\nAccept: text/html", status,
                  std::string("Location: ") + location + "\nSet-Cookie: s=1");
          question.mutable_options()->set_profile(static_cast<v1::Profile>(profile));
          question.mutable_options()->add_secret_fields("X-Key");
          // A caller that declares another field a secret means it.
          if (std::string_view(name) != "Authorization" &&
              std::string_view(name) != "Proxy-Authorization")
            question.mutable_options()->add_secret_fields(name);
          v1::Header& secret = *question.mutable_request()->add_headers();
          secret.set_name(name);
          v1::FollowResponse withheld = Answer(question);
          secret.set_raw_value(poison);
          v1::FollowResponse present = Answer(question);
          const auto withhold = [&](v1::FollowResponse& answer) {
            for (v1::Header& header : *answer.mutable_next()->mutable_headers()) {
              if (ValueIsPoison(header, poison)) header.clear_content();
            }
            for (v1::Header& header : *answer.mutable_chain()->mutable_set_aside()) {
              if (ValueIsPoison(header, poison)) header.clear_content();
            }
          };
          if (present.has_next()) withhold(present);
          EXPECT_EQ(withheld.ShortDebugString(), present.ShortDebugString())
              << name << " " << location << " " << status << " " << profile;
        }
      }
    }
  }
}

}  // namespace
}  // namespace fingerpost::follow
