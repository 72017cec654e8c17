// Policies with captures of every kind, and requests with bad values for them: whatever the rule
// and the request, the answer stays on the request's host or on one that the policy's text names.
//
// The check knows three host names but no templates: the request is to good.test or a name below
// it, policies name new.test and cdn.test, and let the labels of a host stand before new.test.
// Every other host comes from a request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>

#include "core/http/url.h"
#include "done.h"
#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

constexpr int kPolicies = 1000;
constexpr int kRequests = 100;  // For each policy.

bool IsNamed(std::string_view host, std::string_view own) {
  return host == own || host == "new.test" || host.ends_with(".new.test") || host == "cdn.test";
}

// The fault of a target of the answer to a request to `base`, resolved like a browser; or nothing.
std::string Misled(std::string_view text, const http::Url& base) {
  const auto url = http::ParseUrl(text, &base);
  if (!url || !http::IsHttp(*url)) return "not an http URL: " + std::string(text);
  if (http::HasUserinfo(*url) || !url->get_port().empty() ||
      !IsNamed(url->get_hostname(), base.get_hostname())) {
    return "leaves by " + std::string(text);
  }
  return {};
}

// The text between `before` and `after`, for each pair in `text`.
std::vector<std::string> Between(const std::string& text, const std::string& before, char after) {
  std::vector<std::string> found;
  for (size_t at = text.find(before); at != text.npos; at = text.find(before, at)) {
    at += before.size();
    found.push_back(text.substr(at, text.find(after, at) - at));
  }
  return found;
}

bool IsBelowTenant(std::string_view text, const http::Url& base) {
  const auto url = http::ParseUrl(text, &base);
  return url && (url->get_pathname().starts_with("/tenant/") || url->get_pathname() == "/home");
}

// `below_tenant`: all targets of the policy begin with it.
std::string Fault(const v1::DecideResponse& answer, const http::Url& base, bool below_tenant) {
  if (answer.outcome() == v1::OUTCOME_REFUSE || answer.outcome() == v1::OUTCOME_PASS) {
    return Field(answer, "Location") == "(absent)" && answer.target().empty() ? ""
                                                                              : "leads somewhere";
  }
  std::vector<std::string> places = Between(Field(answer, "Link"), "<", '>');
  if (!answer.target().empty()) places.push_back(answer.target());
  if (Field(answer, "Location") != "(absent)") places.push_back(Field(answer, "Location"));
  for (const std::string& place : Between(answer.body(), "href=\"", '"')) places.push_back(place);
  for (const std::string& place : Between(answer.body(), "\"location\":\"", '"')) {
    places.push_back(place);
  }
  for (const std::string& place : places) {
    std::string fault = Misled(place, base);
    if (!fault.empty()) return fault;
    if (below_tenant && !IsBelowTenant(place, base)) return "climbs by " + place;
  }
  return {};
}

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint64_t>(limit)); }
  std::string Of(std::initializer_list<const char*> texts) {
    return texts.begin()[Below(static_cast<int>(texts.size()))];
  }

  // One rule; each rule matches below its own path.
  std::string Policy() {
    below_tenant_ = true;
    const std::string pattern = Pattern();
    std::string text = "defaults: {allowed_hosts: [.new.test, cdn.test]" +
                       Of({"", "", ", unsafe_target: fall_back, fallback_target: /home",
                           ", unsafe_target: report_only"}) +
                       "}\n";
    const std::string intent = Intent();
    const bool by_name = Below(4) == 0;
    if (by_name) text += "intents: {named: {intent: " + intent + "}}\n";
    return text + "rules: [{id: r, match: " + pattern + ", " +
           (by_name ? "intent_name: named" : "intent: " + intent) + "}]\n";
  }

  // Of the latest policy.
  bool below_tenant() const { return below_tenant_; }

  std::string Url() {
    return "https://" +
           Of({"", "a.", "a.b.", "evil.com.", "..", "a..", "a,b.", "a;b.", "xn--bcher-kva."}) +
           Of({"good.test", "good.test", "good.test."}) + Path() + "?v=" + Parts() +
           "&w=" + Parts();
  }

  // For a field and a cookie.
  std::string Value() {
    std::string value = Parts();
    std::erase_if(value, [](char c) { return c == '\0' || c == '\r' || c == '\n'; });
    return value;
  }

 private:
  std::string Path() { return Of({"/a", "/a", "/a", "/a/", "/a-", "/", "/b/"}) + Parts(); }

  std::string Parts() {
    std::string parts;
    for (int i = Below(7); i > 0; --i) {
      parts +=
          Of({"/",     "/",      "//",       "evil.com",   "evil.com",    "\\",   ".",    "..",
              "%2e",   "%2E%2e", "%252e",    "@evil.com",  ":8080",       ":",    "%2f",  "%5c",
              "%252f", "%09",    "%0d%0a",   "%00",        "de",          "fr",   "x",    "-",
              "7",     "https:", "http://",  "admin-only", "%23",         "%3f",  "{1}",  "%7B1%7D",
              "[",     ";",      "\xC3\xBC", "%E3%80%82",  "javascript:", "/../", "&a=b", "+",
              "www.",  "*"});
    }
    return parts;
  }

  // Its path, and where other values come from: {v}, {w}, {f}, {c} and {h}.
  std::string Pattern() {
    std::string match = PathPattern();
    match.pop_back();
    has_host_ = Below(3) == 0;
    if (has_host_) match += ", hosts: [\"*.good.test\"]";
    has_values_ = Below(2) == 0;
    if (has_values_) {
      match +=
          ", query: [{name: v, regex: \"(?P<v>(?s).*)\"}, {name: w, regex: \"(?P<w>.)?(?s).*\"}], "
          "fields: [{name: X-F, regex: \"(?P<f>.*)\"}], cookies: [{name: c, regex: \"(?P<c>.*)\"}]";
    }
    return match + "}";
  }

  std::string PathPattern() {
    is_prefix_ = false;
    switch (Below(4)) {
      case 0:
        is_prefix_ = true;
        return "{path_prefix: " + Of({"/a", "/", "/a/de"}) + "}";
      case 1:
        return "{path_glob: \"" + Of({"/a/*/*", "/a*/**", "/a-*/**", "/**/*", "/a/*-*", "/*/*"}) +
               "\"}";
      case 2:
        return "{path_regex: \"" +
               Of({"/a(?:/(de|fr))?(/.*)?", "/a/([^/]*)/?(.*)", "(/?)a?(.*)", "/(.*)/(.*)",
                   "/a(.)(.*)", "/(a|b)?/?(.*)", "/a/?(/*)(.*)"}) +
               "\"}";
      default:
        return "{path: /a}";
    }
  }

  std::string Placeholder() {
    if (has_values_ && Below(2) == 0) {
      return Of({"{v}", "{+v}", "{w}", "{f}", "{+f}", "{c}", "{+c|lower}", "{v|lower}"});
    }
    if (Below(8) == 0) return "{1|lower}";
    return is_prefix_ ? Of({"{rest}", "{+rest}"})
                      : Of({"{1}", "{2}", "{1}", "{2}", "{+1}", "{+2}"});
  }

  std::string Target() {
    std::string target = Of({"/",
                             "/",
                             "/",
                             "/tenant/",
                             "/tenant/t-",
                             "https://new.test",
                             "https://new.test/",
                             "https://cdn.test/tenant/",
                             "//cdn.test/",
                             "https://",
                             "https:/",
                             "https:",
                             "\\\\\\\\",
                             "/\\\\",
                             "",
                             "x/",
                             "?q=",
                             " /",
                             "/tenant/.",
                             "https://new.test:",
                             "https://{1}.new.test",
                             "https://{1}.new.test/tenant/",
                             "//www.{1|lower}.new.test/",
                             "https://{1}.good.test/",
                             "https://u@"});
    below_tenant_ = below_tenant_ && target.find("/tenant/") != target.npos;
    for (int i = Below(5); i > 0; --i) {
      target += Of(
          {"", "", "/", "/", "\\\\", "-", ".", "%2e", "?", "?q=", "#", "/x", "evil.com", "@", ":"});
      target += Placeholder();
    }
    return target + Of({"", "", "/", "/x", "/evil.com", "\\\\evil.com", ".test", "?a=b", "#f"});
  }

  std::string Intent() {
    const std::string target = "\"" + Target() + "\"";
    switch (Below(6)) {
      case 0:
        return "{purpose: choices, alternatives: [{target: " + target + "}, {target: \"" +
               Target() + "\"}]}";
      case 1:
        return "{purpose: reroute, weighted_targets: [{target: " + target +
               ", weight: 1}, {target: \"" + Target() +
               "\", weight: 1}], sticky_key: {field: Accept}}";
      case 2:
        return "{purpose: form_result, unsafe_target: fall_back, fallback_target: \"" + Target() +
               "\", target: " + target + "}";
      case 3:
        return "{purpose: form_result, client: script, target: " + target + "}";
      case 4:
        return "{purpose: reroute, client: webhook_sender, target: " + target + "}";
      default:
        return "{purpose: " +
               Of({"permanent_move", "temporary_move", "canonical_url", "campaign", "describes"}) +
               ", query: {mode: keep}, target: " + target + "}";
    }
  }

  std::mt19937_64 random_;
  bool is_prefix_ = false;
  bool has_host_ = false;
  bool has_values_ = false;
  bool below_tenant_ = true;
};

TEST(PolicyOpenRedirect, NoRequestLeavesTheHostsThatThePolicyNames) {
  const char* wanted = std::getenv("FINGERPOST_SEED");
  const uint64_t seed =
      wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : std::random_device{}();
  std::cout << "FINGERPOST_SEED=" << seed << std::endl;
  Generator random(seed);
  std::map<v1::Outcome, int> outcomes;
  int below_tenant = 0;
  int moved_hosts = 0;
  for (int served = 0, tried = 0; served < kPolicies; ++tried) {
    ASSERT_LT(tried, kPolicies * 20) << "most policies are refused";
    const std::string text = random.Policy();
    const load::Loaded loaded = load::FromText(text, "p.yaml");
    if (loaded.snapshot == nullptr) continue;
    ++served;
    below_tenant += random.below_tenant() ? 1 : 0;
    for (int i = 0; i < kRequests; ++i) {
      v1::DecideRequest request = Get(random.Url());
      const auto base = http::ParseUrl(request.request().url());
      if (!base) continue;
      for (const std::string name : {"X-F", "Cookie"}) {
        v1::Header& header = *request.mutable_request()->add_headers();
        header.set_name(name);
        header.set_value((name == "Cookie" ? "c=" : "") + random.Value());
      }
      request.mutable_request()->set_method(random.Of({"GET", "POST", "GET", "PUT"}));
      if (random.Below(8) == 0) request.mutable_request()->set_protocol(v1::PROTOCOL_HTTP_1_0);
      v1::Header& accept = *request.mutable_request()->add_headers();
      accept.set_name("Accept");
      accept.set_value(random.Of({"text/html", "application/json"}));
      v1::DecideResponse answer;
      v1::Error error;
      const auto trace = [&] {
        return "seed " + std::to_string(seed) + "\n" + text + request.request().method() + " " +
               request.request().url() + "\n" + answer.DebugString();
      };
      ASSERT_TRUE(IsDone(Decide(*loaded.snapshot, request, answer), error))
          << error.DebugString() << trace();
      ASSERT_EQ(Fault(answer, *base, random.below_tenant()), "") << trace();
      ++outcomes[answer.outcome()];
      const auto target = http::ParseUrl(answer.target());
      moved_hosts += target && target->get_hostname().ends_with(".new.test") ? 1 : 0;
    }
  }
  EXPECT_GT(below_tenant, 20);
  EXPECT_GT(moved_hosts, 20);
  // Every kind of request occurred, including those that a guard refuses.
  for (const v1::Outcome outcome : {v1::OUTCOME_REDIRECT, v1::OUTCOME_RESPOND, v1::OUTCOME_FORWARD,
                                    v1::OUTCOME_PASS, v1::OUTCOME_REFUSE}) {
    EXPECT_GT(outcomes[outcome], 500) << v1::Outcome_Name(outcome);
  }
}

}  // namespace
}  // namespace fingerpost::policy::resolve
