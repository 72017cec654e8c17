#include "core/decide/random.h"

#include "core/decide/intent_faults.h"

namespace fingerpost::decide {
namespace {

constexpr const char* kMethods[] = {"GET",    "GET",   "HEAD",  "POST",    "POST",  "PUT",
                                    "DELETE", "PATCH", "QUERY", "OPTIONS", "TRACE", "PROPFIND"};
constexpr const char* kUrls[] = {"https://shop.example.com/orders?id=1&utm_source=x",
                                 "http://shop.example.com/orders",
                                 "https://shop.example.com:8443//a//b?x",
                                 "https://user:secret@shop.example.com/a#f",
                                 "http://[::1]:8080/",
                                 "https://xn--bcher-kva.example/%C3%BC?q=%20",
                                 ""};
constexpr const char* kTargets[] = {"/orders/7829/confirmation",
                                    "/a/{name}/b?x={name}#y",
                                    "https://shop.example.com/orders?id=1",
                                    "https://other.example.net/x?y=1#z",
                                    "//cdn.example.org/",
                                    "confirmation",
                                    "?page=2",
                                    "#top",
                                    "/\"<script>'&amp;",
                                    "/x#",
                                    "http://shop.example.com/",
                                    "javascript:alert(1)",
                                    "https://a:b@shop.example.com/",
                                    "com.example.app:/cb",
                                    "http://127.0.0.1:51000/cb",
                                    "/\xC3\xBC ber",
                                    "https://shop.example.com/orders"};
constexpr const char* kAccepts[] = {
    "text/html", "application/json",        "text/plain;q=0.5, */*;q=0.1", "image/png",
    "*/*",       "application/problem+json"};
constexpr int64_t kNow = 1700000000;

}  // namespace

Asking RandomQuestions::Next() {
  Asking asking("");
  FillRequest(asking.request);
  FillIntent(*asking.request.mutable_intent());
  if (OneIn(2)) FillModifiers(*asking.request.mutable_intent());
  FillForPurpose(*asking.request.mutable_intent());
  FillPolicy(asking);
  if (asking.request.intent().target().find('{') != std::string::npos) {
    (*asking.request.mutable_parameters())["name"] =
        PickOf({"7", "a b", "../x", "%2e", "\xE2\x82\xAC"});
  }
  return asking;
}

void RandomQuestions::FillRequest(v1::DecideRequest& request) {
  v1::HttpRequest& http = *request.mutable_request();
  http.set_method(Pick(kMethods));
  http.set_url(Pick(kUrls));
  http.set_protocol(static_cast<v1::Protocol>(Below(5)));
  http.set_body(static_cast<v1::Body>(Below(4)));
  request.mutable_now()->set_seconds(kNow);
  request.set_draw(static_cast<uint32_t>(Below(1 << 20)));
  request.set_explain(OneIn(20));
  const auto add = [&http](const std::string& name, const std::string& value) {
    v1::Header& header = *http.add_headers();
    header.set_name(name);
    header.set_value(value);
  };
  if (OneIn(2)) add("Accept", Pick(kAccepts));
  if (OneIn(4)) add("Sec-Fetch-Mode", PickOf({"navigate", "cors", "no-cors"}));
  if (OneIn(8)) add("X-Requested-With", "XMLHttpRequest");
  if (OneIn(6)) add("HX-Request", "true");
  if (OneIn(8)) add("HX-Boosted", "true");
  if (OneIn(8)) add("X-Inertia", "true");
  if (OneIn(8)) add("Turbo-Frame", "cart");
  if (OneIn(4)) add("Host", PickOf({"shop.example.com", "evil.test", ""}));
  if (OneIn(8)) add("Cookie", "bucket=7; a=b");
  if (OneIn(8)) add("Content-Type", PickOf({"application/json", "text/plain", "application/grpc"}));
  if (OneIn(20)) add("Upgrade", "websocket");
  if (OneIn(8)) add("Origin", "https://a.example");
  if (OneIn(8)) add("Access-Control-Request-Method", "POST");
}

void RandomQuestions::FillIntent(v1::Intent& intent) {
  intent.set_purpose(static_cast<v1::Purpose>(1 + Below(v1::Purpose_ARRAYSIZE - 1)));
  intent.set_client(static_cast<v1::ClientKind>(OneIn(2) ? 0 : Below(v1::ClientKind_ARRAYSIZE)));
  intent.set_compatibility(static_cast<v1::Compatibility>(Below(v1::Compatibility_ARRAYSIZE)));
  intent.set_permanence(static_cast<v1::Permanence>(Below(v1::Permanence_ARRAYSIZE)));
  intent.set_trust(OneIn(2) ? v1::TRUST_CALLER : v1::TRUST_UNSPECIFIED);
  const bool none =
      !HasTarget(intent.purpose()) || (intent.purpose() == v1::PURPOSE_HTTPS_UPGRADE && !OneIn(4));
  if (!none) intent.set_target(Pick(kTargets));
}

void RandomQuestions::FillModifiers(v1::Intent& intent) {
  if (OneIn(4)) {
    intent.mutable_flash()->set_text(PickOf({"Saved", "a\r\nb; \"c\" \xE2\x82\xAC", "+%20"}));
    intent.mutable_flash()->set_readable_by_scripts(OneIn(2));
  }
  if (OneIn(3)) {
    v1::CacheWish& wish = *intent.mutable_cache();
    if (OneIn(2)) wish.mutable_max_age()->set_seconds(Below(1000000));
    if (OneIn(3)) wish.mutable_shared_max_age()->set_seconds(Below(1000));
    wish.set_visibility(static_cast<v1::Visibility>(Below(3)));
    wish.set_no_cache(OneIn(4));
    wish.set_no_store(OneIn(6));
  }
  if (OneIn(4)) {
    intent.mutable_query()->set_mode(static_cast<v1::QueryMode>(Below(v1::QueryMode_ARRAYSIZE)));
    if (OneIn(2)) intent.mutable_query()->add_allowed_names("utm_*");
  }
  if (OneIn(4)) {
    intent.mutable_window()->mutable_until()->set_seconds(kNow - 50 + Below(200));
    intent.mutable_window()->set_afterwards(static_cast<v1::AfterWindow>(Below(3)));
    if (OneIn(2)) intent.mutable_window()->mutable_from()->set_seconds(kNow - 100 + Below(40));
  }
  if (OneIn(8)) {
    constexpr int kPinned[] = {200, 201, 301, 302, 303, 307, 308, 401, 410};
    intent.set_pinned_status(kPinned[Below(std::size(kPinned))]);
  }
  if (OneIn(4)) intent.add_allowed_hosts(".example.net");
  if (OneIn(4)) intent.add_looked_at_fields(PickOf({"X-Route", "cookie", "Authorization", "*"}));
  if (OneIn(6)) {
    intent.set_unsafe_target(static_cast<v1::UnsafeTarget>(Below(v1::UnsafeTarget_ARRAYSIZE)));
    intent.set_fallback_target(PickOf({"/", "https://evil.test/", "/home?x=1"}));
  }
  if (OneIn(6)) intent.mutable_retry_after()->set_seconds(Below(100));
  if (OneIn(6)) {
    intent.mutable_hsts()->mutable_max_age()->set_seconds(31536000);
    intent.mutable_hsts()->set_include_subdomains(OneIn(2));
  }
  FillFields(intent);
  intent.set_full_page_load(OneIn(6));
  intent.set_redirect_capable(OneIn(4));
  intent.set_prefer_see_other(OneIn(4));
}

void RandomQuestions::FillFields(v1::Intent& intent) {
  if (OneIn(6)) {
    intent.mutable_cors()->add_allowed_origins(PickOf({"*", "https://a.example"}));
    intent.mutable_cors()->set_allow_credentials(OneIn(4));
  }
  if (OneIn(8)) intent.add_robots(v1::ROBOTS_DIRECTIVE_NOINDEX);
  if (OneIn(8)) {
    v1::Link& link = *intent.add_links();
    link.set_target(PickOf({"/a>\"b\"", "https://shop.example.com/c", "https://evil.test/"}));
    link.set_rel("successor-version");
    link.set_title(PickOf({"", "A \"title\"\\", "\xE2\x82\xAC <b>"}));
  }
  if (OneIn(6)) {
    v1::ResponseCookie& cookie = *intent.add_cookies();
    cookie.set_name(PickOf({"a", "__Host-a", "__Secure-a"}));
    cookie.set_domain(OneIn(4) ? "example.com" : "");
    cookie.set_same_site(static_cast<v1::SameSite>(Below(v1::SameSite_ARRAYSIZE)));
    if (OneIn(4)) cookie.set_secure(OneIn(2));
  }
}

void RandomQuestions::FillForPurpose(v1::Intent& intent) {
  switch (intent.purpose()) {
    case v1::PURPOSE_OPERATION_RESULT:
      intent.set_operation_state(static_cast<v1::OperationState>(1 + Below(4)));
      break;
    case v1::PURPOSE_AUTHORIZATION_RESPONSE: {
      if (OneIn(2)) intent.add_redirect_uris(intent.target().substr(0, intent.target().find('#')));
      v1::Parameter& code = *intent.add_response_parameters();
      code.set_name("code");
      code.set_value("a b\r\n&=#\"");
      intent.set_response_mode(static_cast<v1::ResponseMode>(Below(3)));
      break;
    }
    case v1::PURPOSE_CHOICES:
      for (int i = 1 + Below(3); i > 0; --i) {
        v1::Alternative& alternative = *intent.add_alternatives();
        alternative.set_target(PickOf({"/a.pdf", "https://shop.example.com/\"b\"", "/c?<d>"}));
        alternative.set_title(PickOf({"", "A \"title\"\\", "\xE2\x82\xAC <b>"}));
        alternative.set_media_type(PickOf({"", "application/pdf"}));
        alternative.set_language(PickOf({"", "de-CH"}));
      }
      break;
    case v1::PURPOSE_REROUTE:
    case v1::PURPOSE_CAMPAIGN:
    case v1::PURPOSE_TEMPORARY_MOVE:
      if (!OneIn(3)) break;
      intent.clear_target();
      for (int i = 0; i < 2 + Below(3); ++i) {
        v1::WeightedTarget& target = *intent.add_weighted_targets();
        target.set_target(PickOf({"/v1", "/v2?x", "https://shop.example.com/v3"}));
        target.set_weight(1 + static_cast<uint32_t>(Below(100)));
      }
      if (OneIn(3))
        intent.mutable_sticky_key()->set_field("X-Account");
      else if (OneIn(2))
        intent.mutable_sticky_key()->set_cookie("bucket");
      else
        intent.mutable_sticky_key()->set_text("account 7");
      if (intent.sticky_key().has_cookie() && OneIn(2)) {
        intent.mutable_sticky_key()->mutable_assign()->mutable_max_age()->set_seconds(60);
      }
      break;
    default:
      break;
  }
}

void RandomQuestions::FillPolicy(Asking& asking) {
  v1::Defaults& defaults = asking.defaults;
  if (OneIn(4)) defaults.add_allowed_hosts("cdn.example.org");
  if (OneIn(4)) defaults.mutable_permanent_max_age()->set_seconds(Below(100));
  if (OneIn(4)) defaults.mutable_gone_max_age()->set_seconds(Below(100));
  if (OneIn(4)) defaults.set_compatibility(v1::COMPATIBILITY_LEGACY);
  if (OneIn(4)) defaults.mutable_hsts()->mutable_max_age()->set_seconds(31536000);
  if (OneIn(8)) defaults.set_fallback_target("https://other.example.net/");
  if (OneIn(8)) defaults.set_flash_cookie("note");
  if (OneIn(8)) asking.looked_at.push_back("X-Tenant");
  if (OneIn(4)) asking.rule = "rule-7";
}

}  // namespace fingerpost::decide
