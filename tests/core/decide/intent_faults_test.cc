// Every malformed field is named, with what was expected; several faults are reported together.
#include <gmock/gmock.h>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

// A question without faults; each case spoils one thing.
constexpr char kSound[] =
    "request { method: 'POST' url: 'https://shop.example.com/orders' } "
    "intent { purpose: PURPOSE_FORM_RESULT target: '/done' }";

struct Case {
  std::string name;
  std::string spoil;  // Merged into kSound.
  std::string fault;  // The beginning of "path: description".
};

class OneFault : public testing::TestWithParam<Case> {};

TEST_P(OneFault, IsNamed) {
  EXPECT_THAT(Faults({kSound, GetParam().spoil}), ElementsAre(StartsWith(GetParam().fault)));
}

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    Request, OneFault,
    testing::Values(
        Case{"MethodNoToken", "request { method: 'PO ST' }", "request.method: not a token"},
        Case{"UrlRelative", "request { url: '/orders' }", "request.url: expected an absolute http"},
        Case{"UrlScheme", "request { url: 'ftp://a/' }", "request.url: expected an absolute http"},
        Case{"UrlControl", "request { url: 'https://a/\\n' }", "request.url: control characters"},
        Case{"UrlLong", "request { url: 'https://a/" + Repeat("a", 65536) + "' }",
             "request.url: at most 65536 octets"},
        Case{"FieldName", "request { headers { name: 'a b' value: '' } }",
             "request.headers[0].name: not a token"},
        Case{"FieldValue",
             "request { headers { name: 'a' } headers { name: 'b' value: 'x\\r\\ny' } }",
             "request.headers[1].value: CR, LF and NUL"},
        Case{"RawFieldValue", "request { headers { name: 'b' raw_value: '\\xff\\n' } }",
             "request.headers[0].raw_value: CR, LF and NUL"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Target, OneFault,
    testing::Values(
        Case{"Control", "intent { target: '/a\\r\\nX: y' }", "intent.target: control characters"},
        Case{"Nul", "intent { target: '/a\\000' }", "intent.target: control characters"},
        Case{"Delete", "intent { target: '/a\\177' }", "intent.target: control characters"},
        Case{"Tab", "intent { target: '/\\t/evil.test' }", "intent.target: control characters"},
        Case{"NoUrl", "intent { target: 'https://[' }", "intent.target: not a URL"},
        Case{"ForbiddenHost", "intent { target: 'https://a%00b/' }", "intent.target: not a URL"},
        Case{"Long", "intent { target: '/" + Repeat("a", 8000) + "' }",
             "intent.target: at most 8000 octets once serialised"},
        Case{"LongOnceEncoded", "intent { target: '/" + Repeat("\xC3\xBC", 1400) + "' }",
             "intent.target: at most 8000 octets once serialised"},
        Case{"VeryLong", "intent { target: '/" + Repeat("a", 65536) + "' }",
             "intent.target: at most 65536 octets"},
        Case{"PlaceholderInHost",
             "intent { target: 'https://{a}/' } parameters { key: 'a' value: 'b' }",
             "intent.target: a placeholder cannot stand in"},
        Case{"BracesInHost", "intent { target: 'https://{a}/' trust: TRUST_CALLER }",
             "intent.target: not a URL"},
        Case{"UnusedParameter", "parameters { key: 'a' value: 'b' }",
             "parameters[\"a\"]: no target has a placeholder"},
        Case{"ParameterControl", "intent { target: '/{a}' } parameters { key: 'a' value: 'x\\ny' }",
             "parameters[\"a\"]: at most 8000 octets without control"},
        Case{"DotSegment", "intent { target: '/{a}/x' } parameters { key: 'a' value: '..' }",
             "parameters[\"a\"]: would be a dot segment"},
        Case{"OfGone", "intent { purpose: PURPOSE_GONE }",
             "intent.target: validation_failed, gone, not_found"},
        Case{"HttpUpgrade",
             "intent { purpose: PURPOSE_HTTPS_UPGRADE target: 'http://shop.example.com/' }",
             "intent.target: expected an https URL"},
        Case{"FragmentInRedirectUri",
             "intent { purpose: PURPOSE_AUTHORIZATION_RESPONSE target: '/cb#x' }",
             "intent.target: a redirect URI has no fragment"},
        Case{"Fallback", "intent { unsafe_target: UNSAFE_TARGET_FALL_BACK }",
             "intent.fallback_target: required with FALL_BACK"},
        Case{"FallbackControl", "intent { fallback_target: '/\\n' }",
             "intent.fallback_target: control characters"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Intent, OneFault,
    testing::Values(
        Case{"UnknownPurpose", "intent { purpose: 99 }", "intent.purpose: not a value"},
        Case{"CreatedOnGet",
             "request { method: 'GET' } intent { purpose: PURPOSE_RESOURCE_CREATED }",
             "intent.purpose: a safe method creates nothing"},
        Case{"FormResultForWebhook", "intent { client: CLIENT_KIND_WEBHOOK_SENDER }",
             "intent.purpose: has no meaning for a webhook sender"},
        Case{"UnknownPermanence", "intent { permanence: 9 }", "intent.permanence: not a value"},
        Case{"UnknownCompatibility", "intent { compatibility: 9 }", "intent.compatibility: not a"},
        Case{"UnknownClient", "intent { client: 99 }", "intent.client: not a value"},
        Case{"UnknownTrust", "intent { trust: 9 }", "intent.trust: not a value"},
        Case{"ClaimedPolicy", "intent { trust: TRUST_POLICY }",
             "intent.trust: only a policy gives TRUST_POLICY"},
        Case{"PinnedStatus", "intent { pinned_status: 42 }",
             "intent.pinned_status: expected a status"},
        Case{"FlashText", "intent { flash {} }", "intent.flash.text: required"},
        Case{"FlashLong", "intent { flash { text: '" + Repeat(" ", 342) + "' } }",
             "intent.flash.text: at most 1024 octets"},
        Case{"FlashName", "intent { flash { text: 'x' name: '__Host-a' } }", "intent.flash.name: "},
        Case{"FlashAge", "intent { flash { text: 'x' max_age { seconds: 34560001 } } }",
             "intent.flash.max_age: expected 1 s to 34560000 s"},
        Case{"FlashAgeZero", "intent { flash { text: 'x' max_age {} } }", "intent.flash.max_age: "},
        Case{"CacheAge", "intent { cache { max_age { seconds: -1 } } }",
             "intent.cache.max_age: expected 0 s to 31536000 s"},
        Case{"CacheHalfSecond", "intent { cache { shared_max_age { nanos: 500000000 } } }",
             "intent.cache.shared_max_age: expected whole seconds"},
        Case{"Visibility", "intent { cache { visibility: 7 } }", "intent.cache.visibility: not a"},
        Case{"QueryMode", "intent { query { mode: 7 } }", "intent.query.mode: not a value"},
        Case{"QueryName", "intent { query { allowed_names: 'a*b' } }",
             "intent.query.allowed_names[0]: expected a name"},
        Case{"EmptyWindow", "now {} intent { window {} }", "intent.window: expected from, until"},
        Case{"BackwardWindow",
             "now {} intent { window { from { seconds: 2 } until { seconds: 2 } } }",
             "intent.window.until: expected an instant after"},
        Case{"WindowWithoutNow", "intent { window { until { seconds: 2 } } }",
             "now: required with intent.window"},
        Case{"Host", "intent { allowed_hosts: 'https://a.test' }", "intent.allowed_hosts[0]: "},
        Case{"WildcardHost", "intent { allowed_hosts: 'a.test' allowed_hosts: '*.a.test' }",
             "intent.allowed_hosts[1]: "},
        Case{"RedirectUri",
             "intent { purpose: PURPOSE_AUTHORIZATION_RESPONSE redirect_uris: '/cb' }",
             "intent.redirect_uris[0]: expected an absolute URI"},
        Case{"ResponseParameter",
             "intent { purpose: PURPOSE_AUTHORIZATION_RESPONSE response_parameters {} }",
             "intent.response_parameters[0].name: required"},
        Case{"OperationState", "intent { purpose: PURPOSE_OPERATION_RESULT }",
             "intent.operation_state: required"},
        Case{"RetryAfter", "intent { retry_after { seconds: 31536001 } }", "intent.retry_after: "},
        Case{"Challenge", "intent { challenge: 'Be arer\\n' }", "intent.challenge: "},
        Case{"ChallengeScheme", "intent { challenge: '\"x\"' }", "intent.challenge: "},
        Case{"Alternatives", "intent { purpose: PURPOSE_CHOICES }",
             "intent.alternatives: required"},
        Case{"AlternativeTarget", "intent { purpose: PURPOSE_CHOICES alternatives {} }",
             "intent.alternatives[0].target: required"},
        Case{"AlternativeUrl",
             "intent { purpose: PURPOSE_CHOICES alternatives { target: 'https://[' } }",
             "intent.alternatives[0].target: not a URL"},
        Case{"MediaType",
             "intent { purpose: PURPOSE_CHOICES alternatives { target: '/' media_type: 'pdf' } }",
             "intent.alternatives[0].media_type: "},
        Case{"Language",
             "intent { purpose: PURPOSE_CHOICES alternatives { target: '/' language: 'de_CH' } }",
             "intent.alternatives[0].language: "},
        Case{"Title",
             "intent { purpose: PURPOSE_CHOICES alternatives { target: '/' title: '\\n' } }",
             "intent.alternatives[0].title: "},
        Case{"HstsAge", "intent { hsts {} }", "intent.hsts.max_age: required"},
        Case{"HstsPreload", "intent { hsts { max_age { seconds: 31536000 } preload: true } }",
             "intent.hsts.preload: needs include_subdomains"},
        Case{"LookedAt", "intent { looked_at_fields: 'a b' }", "intent.looked_at_fields[0]: "}),
    [](const auto& info) { return info.param.name; });

constexpr char kWeighted[] =
    "request { method: 'GET' url: 'https://shop.example.com/' } "
    "intent { purpose: PURPOSE_REROUTE sticky_key { text: 'k' } "
    "weighted_targets { target: '/a' weight: 1 } ";

TEST(Faults, OfWeights) {
  const auto faults = [](const std::string& rest) { return Faults(kWeighted + rest + "}"); };
  EXPECT_THAT(faults(""), ElementsAre(StartsWith("intent.weighted_targets: at least 2")));
  EXPECT_THAT(faults("weighted_targets { target: '/b' } target: '/c'"),
              ElementsAre(StartsWith("intent.weighted_targets: either target or")));
  EXPECT_THAT(faults("weighted_targets { target: '/b' weight: 1000001 }"),
              ElementsAre(StartsWith("intent.weighted_targets[1].weight: expected 0 to 1000000")));
  EXPECT_THAT(Faults("request { method: 'GET' } intent { purpose: PURPOSE_REROUTE "
                     "weighted_targets { target: '/a' } weighted_targets { target: '/b' } }"),
              ElementsAre(StartsWith("intent.weighted_targets: the weights add up to 0"),
                          StartsWith("intent.sticky_key: required")));
  EXPECT_THAT(Faults({kWeighted + std::string("weighted_targets { target: '/b' } }"),
                      "intent { purpose: PURPOSE_PERMANENT_MOVE }"}),
              ElementsAre(StartsWith("intent.weighted_targets: only for reroute")));
}

TEST(Faults, OfAnAbsentUrl) {
  const auto faults = [](const std::string& rest) {
    return Faults("request { method: 'POST' } " + rest);
  };
  EXPECT_THAT(faults("intent { purpose: PURPOSE_FORM_RESULT target: 'done' }"),
              ElementsAre(StartsWith("request.url: required: intent.target is neither")));
  EXPECT_THAT(faults("intent { purpose: PURPOSE_FORM_RESULT target: '//evil.test' }"),
              ElementsAre(StartsWith("request.url: required: intent.target is neither")));
  EXPECT_THAT(faults("intent { purpose: PURPOSE_FORM_RESULT target: '/a/..//evil.test' }"),
              ElementsAre(StartsWith("request.url: required: the path of intent.target starts")));
  EXPECT_THAT(faults("intent { purpose: PURPOSE_HTTPS_UPGRADE }"),
              ElementsAre("request.url: required by https_upgrade"));
  EXPECT_THAT(faults("intent { purpose: PURPOSE_FORM_RESULT target: '/' flash { text: 'x' } }"),
              ElementsAre("request.url: required: the flash cookie depends on its scheme"));
  EXPECT_THAT(
      faults("intent { purpose: PURPOSE_FORM_RESULT target: '/' query { mode: QUERY_MODE_KEEP } }"),
      ElementsAre("request.url: required: intent.query reads its query"));
  EXPECT_THAT(Faults("request { method: 'POST' protocol: PROTOCOL_HTTP_1_0 } "
                     "intent { purpose: PURPOSE_FORM_RESULT target: '/' }"),
              ElementsAre(StartsWith("request.url: required: HTTP/1.0 needs an absolute")));
}

TEST(Faults, AreNamedTogether) {
  EXPECT_THAT(Faults("request { url: 'nonsense' headers { name: '' value: '\\n' } protocol: 9 } "
                     "intent { purpose: PURPOSE_FORM_RESULT target: '/\\n' flash {} }"),
              ElementsAre(StartsWith("request.method: required"),
                          StartsWith("request.url: expected an absolute"),
                          StartsWith("request.protocol: not a value"),
                          StartsWith("request.headers[0].name: required"),
                          StartsWith("request.headers[0].value: CR, LF and NUL"),
                          StartsWith("intent.target: control characters"),
                          StartsWith("intent.flash.text: required")));
  EXPECT_THAT(Faults(""), ElementsAre(StartsWith("request.method: required"),
                                      StartsWith("intent.purpose: required"),
                                      StartsWith("intent.target: required")));
}

TEST(Faults, SayHowMany) {
  Asking asking("");
  ASSERT_FALSE(asking.Ask());
  EXPECT_EQ(asking.error.code(), "INVALID_ARGUMENT");
  EXPECT_EQ(asking.error.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_THAT(asking.error.message(), testing::EndsWith("(and 2 more)"));
}

}  // namespace
}  // namespace fingerpost::decide
