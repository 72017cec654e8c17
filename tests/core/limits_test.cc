// Every limit at its edge: as much is answered; one more is refused with the name of its field.
#include <gmock/gmock.h>

#include <string>

#include "core/decide/asking.h"
#include "core/follow/asking.h"
#include "core/follow/chain.h"
#include "core/follow/cookie_jar.h"
#include "core/follow/follow.h"
#include "done.h"

namespace fingerpost {
namespace {

using ::testing::ElementsAre;

std::string Long(size_t size) { return std::string(size, 'a'); }
// "base" and as many letters as make `size` octets.
std::string Padded(const std::string& base, size_t size) { return base + Long(size - base.size()); }
std::string Nth(const char* name, size_t i) { return name + std::to_string(i); }

template <typename Strings>
void Fill(size_t size, const char* name, Strings* strings) {
  for (size_t i = 0; i < size; ++i) strings->Add(Nth(name, i));
}
void Fill(size_t size, google::protobuf::RepeatedPtrField<v1::Header>* headers) {
  for (size_t i = 0; i < size; ++i) headers->Add()->set_name(Nth("X-", i));
}

template <typename Question>
struct Limit {
  std::string name;
  size_t most;
  std::string field;  // The named field.
  void (*fill)(size_t size, Question& question);
};

std::vector<std::string> FieldsOf(const v1::Error& error) {
  std::vector<std::string> fields;
  for (const auto& violation : error.violations()) fields.push_back(violation.field());
  return fields;
}

// --- Follow ---

// Hops of a valid chain.
v1::Chain& Chain(size_t hops, v1::FollowRequest& question) {
  v1::Chain& chain = *question.mutable_chain();
  chain.set_first_url("https://a.test/0");
  chain.set_first_method("GET");
  chain.set_profile(question.options().profile());
  chain.set_count(static_cast<uint32_t>(hops));
  for (size_t i = 0; i < hops; ++i) {
    chain.add_visited()->set_method("GET");
    chain.mutable_visited(static_cast<int>(i))->set_url(Nth("https://a.test/", i));
  }
  return chain;
}

using FollowLimit = Limit<v1::FollowRequest>;
class FollowLimits : public ::testing::TestWithParam<FollowLimit> {};

TEST_P(FollowLimits, HoldAtTheirEdge) {
  const FollowLimit& limit = GetParam();
  for (const size_t more : {size_t{0}, size_t{1}}) {
    auto question = testing::Ask("GET https://a.test/", 302, "Location: /x");
    question.mutable_options()->set_profile(v1::PROFILE_STRICT);
    limit.fill(limit.most + more, question);
    v1::FollowResponse answer;
    v1::Error error;
    EXPECT_EQ(IsDone(follow::Follow(question, answer), error), more == 0)
        << error.ShortDebugString();
    if (more == 1) {
      EXPECT_THAT(FieldsOf(error), ElementsAre(limit.field));
    }
  }
}

const FollowLimit kFollowLimits[] = {
    {"Method", 64, "request.method",
     [](size_t size, auto& q) { q.mutable_request()->set_method(Long(size)); }},
    {"Url", 65536, "request.url",
     [](size_t size, auto& q) { q.mutable_request()->set_url(Padded("https://a.test/", size)); }},
    {"RequestFields", 256, "request.headers",
     [](size_t size, auto& q) { Fill(size, q.mutable_request()->mutable_headers()); }},
    // The fields that a hop may add do not count against the caller.
    {"RequestFieldsLater", 262, "request.headers",
     [](size_t size, auto& q) {
       Chain(1, q);
       Fill(size, q.mutable_request()->mutable_headers());
     }},
    {"FieldName", 256, "request.headers[0].name",
     [](size_t size, auto& q) { q.mutable_request()->add_headers()->set_name(Long(size)); }},
    {"FieldValue", 65536, "request.headers[0].value",
     [](size_t size, auto& q) {
       q.mutable_request()->add_headers()->set_name("a");
       q.mutable_request()->mutable_headers(0)->set_value(Long(size));
     }},
    {"RawFieldValue", 65536, "request.headers[0].raw_value",
     [](size_t size, auto& q) {
       q.mutable_request()->add_headers()->set_name("a");
       q.mutable_request()->mutable_headers(0)->set_raw_value(Long(size));
     }},
    {"ResponseFields", 256, "response.headers",
     [](size_t size, auto& q) { Fill(size - 1, q.mutable_response()->mutable_headers()); }},
    {"ResponseFieldName", 256, "response.headers[1].name",
     [](size_t size, auto& q) { q.mutable_response()->add_headers()->set_name(Long(size)); }},
    {"Status", 599, "response.status",
     [](size_t size, auto& q) { q.mutable_response()->set_status(static_cast<int>(size)); }},
    {"Hops", 100, "options.limit",
     [](size_t size, auto& q) { q.mutable_options()->set_limit(static_cast<uint32_t>(size)); }},
    {"TrustedOrigins", 64, "options.trusted_origins",
     [](size_t size, auto& q) {
       Fill(size, "https://a.test:8", q.mutable_options()->mutable_trusted_origins());
     }},
    {"SecretFields", 64, "options.secret_fields",
     [](size_t size, auto& q) { Fill(size, "X-", q.mutable_options()->mutable_secret_fields()); }},
    {"SecretFieldName", 256, "options.secret_fields[0]",
     [](size_t size, auto& q) { q.mutable_options()->add_secret_fields(Long(size)); }},
    {"AllowedHosts", 256, "options.targets.allowed_hosts",
     [](size_t size, auto& q) {
       Fill(size, "h", q.mutable_options()->mutable_targets()->mutable_allowed_hosts());
     }},
    {"DeniedHosts", 256, "options.targets.denied_hosts",
     [](size_t size, auto& q) {
       Fill(size, "h", q.mutable_options()->mutable_targets()->mutable_denied_hosts());
     }},
    {"AllowedPorts", 64, "options.targets.allowed_ports",
     [](size_t size, auto& q) {
       for (uint32_t port = 1; port <= size; ++port) {
         q.mutable_options()->mutable_targets()->add_allowed_ports(port);
       }
     }},
    {"Port", 65535, "options.targets.allowed_ports[0]",
     [](size_t size, auto& q) {
       q.mutable_options()->mutable_targets()->add_allowed_ports(static_cast<uint32_t>(size));
     }},
    {"Count", 100, "chain.count", [](size_t size, auto& q) { Chain(size, q); }},
    {"FirstUrl", 65536, "chain.first_url",
     [](size_t size, auto& q) { Chain(1, q).set_first_url(Padded("https://a.test/0#", size)); }},
    {"VisitedUrl", 65536, "chain.visited[1].url",
     [](size_t size, auto& q) {
       Chain(2, q).mutable_visited(1)->set_url(Padded("https://a.test/", size));
     }},
    {"Jar", 1000, "chain.cookies",
     [](size_t size, auto& q) {
       for (size_t i = 0; i < size; ++i) {
         v1::Cookie& cookie = *Chain(0, q).add_cookies();
         cookie.set_name(Nth("c", i));
         cookie.set_domain(Nth("d", i % 10) + ".test");
         cookie.set_path("/");
       }
     }},
    {"Cookie", 4096, "chain.cookies[0]",
     [](size_t size, auto& q) {
       v1::Cookie& cookie = *Chain(0, q).add_cookies();
       cookie.set_name("12345");
       cookie.set_value(Long(size - 5));
       cookie.set_domain("a.test");
       cookie.set_path("/");
     }},
    {"SetAside", 256, "chain.set_aside",
     [](size_t size, auto& q) {
       q.mutable_options()->set_profile(v1::PROFILE_CURL);
       Fill(size, Chain(1, q).mutable_set_aside());
     }},
    {"AddedFields", 16, "chain.added_fields",
     [](size_t size, auto& q) {
       q.mutable_options()->set_profile(v1::PROFILE_GO);
       Fill(size, "X-", Chain(1, q).mutable_added_fields());
     }},
};
INSTANTIATE_TEST_SUITE_P(Follow, FollowLimits, ::testing::ValuesIn(kFollowLimits),
                         [](const auto& info) { return info.param.name; });

// --- Decide ---

using DecideLimit = Limit<v1::DecideRequest>;
class DecideLimits : public ::testing::TestWithParam<DecideLimit> {};

TEST_P(DecideLimits, HoldAtTheirEdge) {
  const DecideLimit& limit = GetParam();
  for (const size_t more : {size_t{0}, size_t{1}}) {
    decide::Asking asking(
        "request { method: 'GET' url: 'https://a.test/' } "
        "intent { purpose: PURPOSE_CAMPAIGN target: '/x' }");
    limit.fill(limit.most + more, asking.request);
    EXPECT_EQ(asking.Ask(), more == 0) << asking.error.ShortDebugString();
    if (more == 1) {
      EXPECT_THAT(FieldsOf(asking.error), ElementsAre(limit.field));
    }
  }
}

const DecideLimit kDecideLimits[] = {
    {"Url", 65536, "request.url",
     [](size_t size, auto& q) { q.mutable_request()->set_url(Padded("https://a.test/", size)); }},
    {"Location", 8000, "intent.target",
     [](size_t size, auto& q) { q.mutable_intent()->set_target(Padded("/", size)); }},
    {"LocationEncoded", 8000, "intent.target",
     [](size_t size, auto& q) { q.mutable_intent()->set_target(Padded("/ ", size - 2)); }},
    {"AlternativeLocation", 8000, "intent.alternatives[0].target",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_purpose(v1::PURPOSE_CHOICES);
       q.mutable_intent()->add_alternatives()->set_target(Padded("/", size));
     }},
    {"Parameters", 64, "parameters",
     [](size_t size, auto& q) {
       std::string target = "/";
       for (size_t i = 0; i < size; ++i) {
         target += "{" + Nth("p", i) + "}";
         (*q.mutable_parameters())[Nth("p", i)] = "x";
       }
       q.mutable_intent()->set_target(target);
     }},
    {"Parameter", 7999, "intent.target",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_target("/{p}");
       (*q.mutable_parameters())["p"] = Long(size);
     }},
    {"AllowedHosts", 256, "intent.allowed_hosts",
     [](size_t size, auto& q) { Fill(size, "h", q.mutable_intent()->mutable_allowed_hosts()); }},
    {"RedirectUris", 256, "intent.redirect_uris",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_purpose(v1::PURPOSE_AUTHORIZATION_RESPONSE);
       Fill(size, "https://b.test/", q.mutable_intent()->mutable_redirect_uris());
     }},
    {"ResponseParameters", 64, "intent.response_parameters",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_purpose(v1::PURPOSE_AUTHORIZATION_RESPONSE);
       for (size_t i = 0; i < size; ++i) {
         q.mutable_intent()->add_response_parameters()->set_name(Nth("p", i));
       }
     }},
    {"WeightedTargets", 64, "intent.weighted_targets",
     [](size_t size, auto& q) {
       q.mutable_intent()->clear_target();
       q.mutable_intent()->mutable_sticky_key()->set_text("k");
       for (size_t i = 0; i < size; ++i) {
         q.mutable_intent()->add_weighted_targets()->set_target(Nth("/", i));
         q.mutable_intent()->mutable_weighted_targets(static_cast<int>(i))->set_weight(1);
       }
     }},
    {"Weight", 1000000, "intent.weighted_targets[0].weight",
     [](size_t size, auto& q) {
       q.mutable_intent()->clear_target();
       q.mutable_intent()->mutable_sticky_key()->set_text("k");
       q.mutable_intent()->add_weighted_targets()->set_target("/a");
       q.mutable_intent()->add_weighted_targets()->set_target("/b");
       q.mutable_intent()->mutable_weighted_targets(0)->set_weight(static_cast<uint32_t>(size));
     }},
    {"Alternatives", 64, "intent.alternatives",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_purpose(v1::PURPOSE_CHOICES);
       for (size_t i = 0; i < size; ++i) q.mutable_intent()->add_alternatives()->set_target("/y");
     }},
    {"Title", 256, "intent.alternatives[0].title",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_purpose(v1::PURPOSE_CHOICES);
       q.mutable_intent()->add_alternatives()->set_target("/y");
       q.mutable_intent()->mutable_alternatives(0)->set_title(Long(size));
     }},
    {"LookedAtFields", 32, "intent.looked_at_fields",
     [](size_t size, auto& q) {
       Fill(size, "X-", q.mutable_intent()->mutable_looked_at_fields());
     }},
    {"QueryNames", 64, "intent.query.allowed_names",
     [](size_t size, auto& q) {
       Fill(size, "n", q.mutable_intent()->mutable_query()->mutable_allowed_names());
     }},
    {"QueryName", 256, "intent.query.allowed_names[0]",
     [](size_t size, auto& q) {
       q.mutable_intent()->mutable_query()->add_allowed_names(Long(size));
     }},
    {"FlashText", 1024, "intent.flash.text",
     [](size_t size, auto& q) { q.mutable_intent()->mutable_flash()->set_text(Long(size)); }},
    // Three octets each, once encoded.
    {"FlashTextEncoded", 341, "intent.flash.text",
     [](size_t size, auto& q) {
       q.mutable_intent()->mutable_flash()->set_text(std::string(size, '!'));
     }},
    {"FlashName", 64, "intent.flash.name",
     [](size_t size, auto& q) {
       q.mutable_intent()->mutable_flash()->set_text("x");
       q.mutable_intent()->mutable_flash()->set_name(Long(size));
     }},
    {"FlashAge", 34560000, "intent.flash.max_age",
     [](size_t size, auto& q) {
       q.mutable_intent()->mutable_flash()->set_text("x");
       q.mutable_intent()->mutable_flash()->mutable_max_age()->set_seconds(
           static_cast<int64_t>(size));
     }},
    {"Challenge", 1024, "intent.challenge",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_purpose(v1::PURPOSE_LOGIN_REQUIRED);
       q.mutable_intent()->set_challenge(Padded("Basic x=", size));
     }},
    {"MaxAge", 31536000, "intent.cache.max_age",
     [](size_t size, auto& q) {
       q.mutable_intent()->mutable_cache()->mutable_max_age()->set_seconds(
           static_cast<int64_t>(size));
     }},
    {"SharedMaxAge", 31536000, "intent.cache.shared_max_age",
     [](size_t size, auto& q) {
       q.mutable_intent()->mutable_cache()->mutable_shared_max_age()->set_seconds(
           static_cast<int64_t>(size));
     }},
    {"HstsAge", 315360000, "intent.hsts.max_age",
     [](size_t size, auto& q) {
       q.mutable_intent()->mutable_hsts()->mutable_max_age()->set_seconds(
           static_cast<int64_t>(size));
     }},
    {"RetryAfter", 31536000, "intent.retry_after",
     [](size_t size, auto& q) {
       q.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
       q.mutable_intent()->mutable_retry_after()->set_seconds(static_cast<int64_t>(size));
     }},
};
INSTANTIATE_TEST_SUITE_P(Decide, DecideLimits, ::testing::ValuesIn(kDecideLimits),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace fingerpost
