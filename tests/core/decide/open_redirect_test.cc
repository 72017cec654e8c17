// A target that an end user supplied never leaves the allowed hosts, whatever its spelling. The
// test has one rule instead of a verdict per payload: the answer, resolved like a browser, stays on
// an allowed host, or there is no answer to follow.
#include <gmock/gmock.h>

#include <random>
#include <string>

#include "core/decide/asking.h"
#include "core/decide/open_redirect_payloads.h"
#include "core/http/url.h"

namespace fingerpost::decide {
namespace {

constexpr char kRequestUrl[] = "https://good.test/dir/page?q=1";

// The test's own reading of "good.test, example.com and its subdomains, on the default port".
bool IsAllowed(std::string_view host_and_port) {
  return host_and_port == "good.test" || host_and_port == "example.com" ||
         host_and_port.ends_with(".example.com");
}

// Forms that no client can misread: a path with one slash, or a scheme, "://", an allowed host and
// "/".
bool LooksSafe(std::string_view location) {
  if (location.starts_with('/')) {
    return location.size() == 1 || (location[1] != '/' && location[1] != '\\');
  }
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!location.starts_with(scheme)) continue;
    location.remove_prefix(scheme.size());
    const size_t slash = location.find('/');
    return slash != std::string_view::npos && IsAllowed(location.substr(0, slash));
  }
  return false;
}

// Where the answer leads its client.
std::string LeadOf(const v1::DecideResponse& answer) {
  for (const char* name : {"HX-Redirect", "X-Inertia-Location"}) {
    std::string lead = FieldOf(answer, name);
    if (lead != "<none>") return lead;
  }
  return FieldOf(answer, "Location");
}

// Empty if the answer keeps the promise; otherwise the fault.
std::string Fault(const Asking& asking, bool answered) {
  if (!answered) {
    return asking.error.reason() == v1::ERROR_REASON_INVALID_FIELDS
               ? ""
               : asking.error.ShortDebugString();
  }
  const v1::DecideResponse& answer = asking.answer;
  if (answer.outcome() == v1::OUTCOME_REFUSE) {
    return answer.headers().empty() && answer.target().empty() ? "" : "REFUSE that leads somewhere";
  }
  const std::string location = LeadOf(answer);
  for (const char c : location) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F ||
        std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos) {
      return "an octet that no URI has in " + location;
    }
  }
  if (!LooksSafe(location)) return "a Location that can be misread: " + location;
  const auto base = http::ParseUrl(kRequestUrl);
  const auto url = http::ParseUrl(location, &*base);
  if (!url) return "a Location that is no URL: " + location;
  if (!http::IsHttp(*url) || http::HasUserinfo(*url) || !IsAllowed(url->get_host())) {
    return "a Location that leaves: " + location;
  }
  if (url->get_href() != answer.target()) return "target is not what Location says: " + location;
  return "";
}

// Every way for an end user's text into a Location.
enum class Way { kTarget, kPathValue, kPathRest, kQueryValue, kFallback, kFirstSegment, kWays };

Asking Plant(std::string_view payload, Way way, v1::Purpose purpose) {
  Asking asking("request { method: 'POST' } intent { allowed_hosts: '.example.com' }");
  asking.request.mutable_request()->set_url(kRequestUrl);
  v1::Intent& intent = *asking.request.mutable_intent();
  intent.set_purpose(purpose);
  const std::string text(payload);
  auto& parameters = *asking.request.mutable_parameters();
  switch (way) {
    case Way::kTarget:
    case Way::kWays:
      intent.set_target(text);
      break;
    case Way::kPathValue:
      intent.set_target("/a/{next}/b");
      parameters["next"] = text;
      break;
    case Way::kPathRest:
      intent.set_target("/{+next}");
      parameters["next"] = text;
      break;
    case Way::kQueryValue:
      intent.set_target("https://www.example.com/login?next={next}#{next}");
      parameters["next"] = text;
      break;
    case Way::kFallback:
      intent.set_target("https://evil.test/");
      intent.set_unsafe_target(v1::UNSAFE_TARGET_FALL_BACK);
      intent.set_fallback_target(text);
      break;
    case Way::kFirstSegment:
      intent.set_target("{next}" + text);
      parameters["next"] = text;
      break;
  }
  return asking;
}

constexpr v1::Purpose kPurposes[] = {v1::PURPOSE_FORM_RESULT, v1::PURPOSE_LOGIN_REQUIRED,
                                     v1::PURPOSE_TEMPORARY_MOVE, v1::PURPOSE_PERMANENT_MOVE,
                                     v1::PURPOSE_RESOURCE_CREATED};

// A script that swaps pages is led by a field of its own.
constexpr v1::ClientKind kClients[] = {v1::CLIENT_KIND_UNSPECIFIED, v1::CLIENT_KIND_HTMX,
                                       v1::CLIENT_KIND_INERTIA};

TEST(OpenRedirect, Payloads) {
  int refused = 0;
  for (const Payload& payload : kOpenRedirectPayloads) {
    for (const v1::Purpose purpose : kPurposes) {
      for (int way = 0; way < static_cast<int>(Way::kWays); ++way) {
        for (const v1::ClientKind client : kClients) {
          Asking asking = Plant(payload.text, static_cast<Way>(way), purpose);
          asking.request.mutable_intent()->set_client(client);
          const bool answered = asking.Ask();
          EXPECT_EQ(Fault(asking, answered), "")
              << payload.number << " (" << payload.where << ") by way " << way << " to "
              << v1::ClientKind_Name(client) << ": "
              << testing::PrintToString(std::string(payload.text));
          refused += answered && asking.answer.outcome() == v1::OUTCOME_REFUSE ? 1 : 0;
        }
      }
    }
  }
  // Some payloads must be refused, and some must be answered.
  EXPECT_GT(refused, 200);
}

// What a rule captured of a query, a field or a cookie, and of a host, in a target of the policy's
// own.
Asking PlantCaptured(std::string_view payload, ValueKind kind, const std::string& target,
                     const std::string& policy, bool& answered) {
  Asking asking("request { method: 'GET' url: 'https://good.test/dir/page?q=1' }", policy);
  message::Faults faults;
  const http::Request request = http::ReadRequest(asking.request.request(), {}, faults);
  Wish wish(asking.defaults, "v");
  wish.matched = true;
  v1::Intent& intent = wish.intent.Own({});
  intent.set_purpose(v1::PURPOSE_PERMANENT_MOVE);
  intent.set_trust(v1::TRUST_POLICY);
  intent.set_target(target);
  const std::vector<Capture> captures = {{"v", kind}};
  wish.captures = captures;
  wish.captured = {payload};
  answered = IsDone(Decide(asking.request, request, wish, faults, asking.answer), asking.error);
  return asking;
}

TEST(OpenRedirect, CapturedPayloads) {
  constexpr char kAllowed[] = "allowed_hosts: '.example.com'";
  constexpr char kReported[] = "unsafe_target: UNSAFE_TARGET_REPORT_ONLY";
  for (const Payload& payload : kOpenRedirectPayloads) {
    for (const ValueKind kind : {ValueKind::kParameter, ValueKind::kHost}) {
      for (const char* target :
           {"/a/{v}/b", "/{v}", "/{+v}", "{v}", "{+v}", "/{v|lower}/..", "/x?next={v}#{v}",
            "https://{v}.example.com/", "//www.{v|lower}.example.com/", "https://{v}/",
            "https://example.com{v}", "https://example.com:{v}/", "https://{v}@example.com/"}) {
        for (const char* policy : {kAllowed, "", kReported}) {
          bool answered = false;
          const Asking asking = PlantCaptured(payload.text, kind, target, policy, answered);
          EXPECT_EQ(Fault(asking, answered), "")
              << payload.number << " in " << target << ": "
              << testing::PrintToString(std::string(payload.text));
          EXPECT_TRUE(answered) << "a visitor's value is no fault of the question: " << target
                                << asking.error.ShortDebugString();
          const std::string location = FieldOf(asking.answer, "Location");
          const bool elsewhere = location.starts_with("https:");
          EXPECT_TRUE(!elsewhere || policy == kAllowed) << location;
        }
      }
    }
  }
}

// A whole host is labels, too: it stays below the fixed domain, and that one must be allowed.
TEST(OpenRedirect, ACapturedHostStaysBelowTheAllowedDomain) {
  for (const auto& [policy, location] :
       {std::pair("allowed_hosts: '.example.com'", "https://evil.test.example.com/"),
        std::pair("allowed_hosts: 'example.com'", "<none>"),
        std::pair("unsafe_target: UNSAFE_TARGET_REPORT_ONLY", "<none>"),
        std::pair("unsafe_target: UNSAFE_TARGET_FALL_BACK fallback_target: '/home'", "/home")}) {
    bool answered = false;
    const Asking asking =
        PlantCaptured("evil.test", ValueKind::kHost, "https://{v}.example.com/", policy, answered);
    EXPECT_TRUE(answered);
    EXPECT_EQ(FieldOf(asking.answer, "Location"), location) << policy;
  }
}

// Registered URIs are compared to the octet, whatever made them.
TEST(OpenRedirect, AHostThatWasCapturedIsNotAllowedByRedirectUris) {
  for (const auto& [policy, outcome] :
       {std::pair("allowed_hosts: '.example.com'", v1::OUTCOME_REDIRECT),
        std::pair("", v1::OUTCOME_REFUSE)}) {
    Asking asking("request { method: 'GET' url: 'https://good.test/' }", policy);
    message::Faults faults;
    const http::Request request = http::ReadRequest(asking.request.request(), {}, faults);
    Wish wish(asking.defaults, "v");
    wish.matched = true;
    v1::Intent& intent = wish.intent.Own({});
    intent.set_purpose(v1::PURPOSE_AUTHORIZATION_RESPONSE);
    intent.set_trust(v1::TRUST_POLICY);
    intent.set_target("https://{1}.example.com/cb");
    intent.add_redirect_uris("https://a.example.com/cb");
    const std::vector<Capture> captures = {{"1", ValueKind::kHost}};
    wish.captures = captures;
    wish.captured = {"a"};
    EXPECT_TRUE(IsDone(Decide(asking.request, request, wish, faults, asking.answer), asking.error));
    EXPECT_EQ(asking.answer.outcome(), outcome) << asking.answer.ShortDebugString();
  }
}

// The Host field and its substitutes never choose a host.
TEST(OpenRedirect, FieldsNeverChooseTheHost) {
  for (const std::string name :
       {"Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host", "Forwarded",
        "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Rewrite-URL", "Referer", "Origin"}) {
    for (const std::string value : {"evil.test", "//evil", "host=evil.test", "https://evil.test/",
                                    "good.test@evil.test", "evil.test:80"}) {
      std::string field = "request { headers { name: '";
      field.append(name).append("' value: '").append(value).append("' } }");
      const auto relative =
          Ask({"request { method: 'POST' url: 'https://good.test/a' protocol: PROTOCOL_HTTP_1_0 } "
               "intent { purpose: PURPOSE_FORM_RESULT target: '/b' }",
               field});
      EXPECT_EQ(FieldOf(relative, "Location"), "https://good.test/b") << field;
      const auto evil =
          Ask({"request { method: 'POST' url: 'https://good.test/a' } "
               "intent { purpose: PURPOSE_FORM_RESULT target: 'https://evil.test/b' }",
               field});
      EXPECT_EQ(evil.outcome(), v1::OUTCOME_REFUSE) << field;
    }
  }
}

// A policy may decide only about the host: report-only still redirects only to http and https.
TEST(OpenRedirect, ReportOnlyNeverLeavesHttp) {
  for (const Payload& payload : kOpenRedirectPayloads) {
    Asking asking = Plant(payload.text, Way::kTarget, v1::PURPOSE_FORM_RESULT);
    asking.request.mutable_intent()->set_unsafe_target(v1::UNSAFE_TARGET_REPORT_ONLY);
    if (!asking.Ask() || asking.answer.outcome() == v1::OUTCOME_REFUSE) continue;
    const auto base = http::ParseUrl(kRequestUrl);
    const auto url = http::ParseUrl(FieldOf(asking.answer, "Location"), &*base);
    ASSERT_TRUE(url) << payload.text;
    EXPECT_TRUE(http::IsHttp(*url)) << payload.text;
    EXPECT_FALSE(http::HasUserinfo(*url)) << payload.text;
    const bool reported = !IsAllowed(url->get_host());
    EXPECT_EQ(testing::Value(WarningsOf(asking.answer),
                             testing::Contains(v1::WARNING_CODE_UNSAFE_TARGET_REPORTED)),
              reported)
        << payload.text;
  }
}

// Changes a payload as attackers do: other slashes, encodings, cases, widths, and parts of others.
class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  std::string Mutate() {
    std::string text = Any();
    for (int steps = Below(4); steps >= 0; --steps) Step(text);
    return text;
  }
  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint64_t>(limit)); }

 private:
  std::string Any() {
    return std::string(
        kOpenRedirectPayloads[static_cast<size_t>(Below(kOpenRedirectPayloads.size()))].text);
  }
  size_t Place(const std::string& text) {
    return static_cast<size_t>(Below(static_cast<int>(text.size()) + 1));
  }

  void Step(std::string& text) {
    static constexpr std::array<std::string_view, 34> kPieces = {
        "/",         "\\",        "//",           "@",      ":",    "?",      "#",
        ".",         "..",        "%2e",          "%2F",    "%5C",  "%00",    "%0d%0a",
        " ",         "\t",        "\n",           "\x01",   "\x7f", "\u3002", "\uFF0F",
        "\u2100",    "\uFF20",    "\u00AD",       "[",      "]",    "https:", "http:",
        "good.test", "evil.test", ".example.com", "{next}", "%",    "%25"};
    switch (Below(7)) {
      case 0:
      case 1:
        text.insert(Place(text), kPieces[static_cast<size_t>(Below(kPieces.size()))]);
        break;
      case 2:
        if (!text.empty()) text.erase(Place(text) % text.size(), 1);
        break;
      case 3:  // Percent-encode one octet.
        if (!text.empty()) Encode(text, Place(text) % text.size());
        break;
      case 4:  // Turn a slash round.
        for (char& c : text) {
          if ((c == '/' || c == '\\') && Below(2) == 0) c = c == '/' ? '\\' : '/';
        }
        break;
      case 5:  // The head of this and the tail of another.
        text = text.substr(0, Place(text)) + Any();
        break;
      case 6:
        for (char& c : text) {
          if (c >= 'a' && c <= 'z' && Below(4) == 0) c = static_cast<char>(c - 32);
        }
        break;
      default:
        break;
    }
  }

  static void Encode(std::string& text, size_t at) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto octet = static_cast<unsigned char>(text[at]);
    text.replace(at, 1, {'%', kHex[octet >> 4], kHex[octet & 15]});
  }

  std::mt19937_64 random_;
};

TEST(OpenRedirect, Mutations) {
  const uint64_t seed = SeedOfThisRun();
  Mutator mutator(seed);
  for (int i = 0; i < 100000; ++i) {
    const std::string payload = mutator.Mutate();
    const auto way = static_cast<Way>(mutator.Below(static_cast<int>(Way::kWays)));
    Asking asking = Plant(payload, way, kPurposes[mutator.Below(std::size(kPurposes))]);
    const bool answered = asking.Ask();
    ASSERT_EQ(Fault(asking, answered), "")
        << "seed " << seed << ", number " << i << ", way " << static_cast<int>(way) << ": "
        << testing::PrintToString(payload);
  }
}

}  // namespace
}  // namespace fingerpost::decide
