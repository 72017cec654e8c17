// match.accept_language: what a client's languages decide, and {language}.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

v1::DecideRequest In(const std::string& url, const char* languages) {
  v1::DecideRequest request = Get(url);
  v1::Header& header = *request.mutable_request()->add_headers();
  header.set_name("Accept-Language");
  header.set_value(languages);
  return request;
}

constexpr char kShop[] = R"yaml(
rules:
  - id: language
    match: {path: /, accept_language: {prefers: [de, fr, pt-BR], over: [en]}}
    intent: {purpose: temporary_move, target: "/{language}/"}
  - {id: english, match: {path: /}, intent: {purpose: temporary_move, target: /en/}}
)yaml";

TEST(Languages, TheClientGetsTheOneThatItPrefers) {
  const auto policy = Load(kShop);
  const auto location = [&](const char* languages) {
    return Field(Ask(policy, In("https://h.example/", languages)), "Location");
  };
  EXPECT_EQ(location("de-AT,de;q=0.9,en;q=0.8"), "/de/");
  EXPECT_EQ(location("es, pt;q=0.9, en;q=0.8"), "/pt-BR/");
  EXPECT_EQ(location("FR-ca"), "/fr/");
  EXPECT_EQ(location("en-US,en;q=0.9,de;q=0.8"), "/en/");
  EXPECT_EQ(location("*"), "/en/");
  EXPECT_EQ(location("de_DE"), "/en/");
}

TEST(Languages, TheFieldIsInVaryWhateverItSays) {
  const auto policy = Load(kShop);
  EXPECT_EQ(Field(Ask(policy, In("https://h.example/", "de")), "Vary"), "Accept, Accept-Language");
  EXPECT_EQ(Field(Ask(policy, In("https://h.example/", "en")), "Vary"), "Accept, Accept-Language");
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/")), "Vary"), "Accept, Accept-Language");
  EXPECT_EQ(Field(Ask(policy, Get("https://h.example/x")), "Vary"), "(absent)");
}

TEST(Languages, TheCaptureStandsBesideThoseOfThePathAndInTexts) {
  const auto policy = Load(R"yaml(
defaults: {allowed_hosts: [www.shop.example]}
rules:
  - id: prefix
    match: {path_prefix: /shop, accept_language: {prefers: [de, fr]}}
    intent: {purpose: temporary_move, target: "https://www.shop.example/{language}{rest}?l={language}"}
  - id: glob
    match: {path_glob: "/p/*", accept_language: {prefers: [de]}}
    intent: {purpose: form_result, target: "/{language}/{1}", flash: {text: "{language}: {1}"}}
  - id: named
    match: {path_regex: "/q/(?P<id>[0-9]+)", accept_language: {prefers: [fr]}}
    intent_name: page
intents:
  page: {intent: {purpose: temporary_move, target: "/{language}/q/{id}"}}
)yaml");
  EXPECT_EQ(Field(Ask(policy, In("https://h.example/shop/a%20b", "fr")), "Location"),
            "https://www.shop.example/fr/a%20b?l=fr");
  const auto glob = Ask(policy, In("https://h.example/p/a%20b", "de"));
  EXPECT_EQ(Field(glob, "Location"), "/de/a%20b");
  EXPECT_THAT(Field(glob, "Set-Cookie"), ::testing::HasSubstr("de%3A%20a%20b"));
  EXPECT_EQ(Field(Ask(policy, In("https://h.example/q/7", "fr-FR")), "Location"), "/fr/q/7");
}

TEST(Languages, OfAnException) {
  const auto policy = Load(R"yaml(
rules:
  - id: others
    match: {path: /, not: [{accept_language: {prefers: [de]}}]}
    intent: {purpose: temporary_move, target: /en/}
)yaml");
  EXPECT_EQ(Ask(policy, In("https://h.example/", "fr")).rule(), "others");
  const auto german = Ask(policy, In("https://h.example/", "de-CH"));
  EXPECT_EQ(german.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(Field(german, "Vary"), "Accept-Language");
}

TEST(Languages, AreExplained) {
  const auto policy = Load(kShop);
  v1::DecideRequest request = In("https://h.example/", "en");
  request.set_explain(true);
  const auto answer = Ask(policy, request);
  EXPECT_EQ(answer.explanation().trace(0).rule(), "rule.language");
  EXPECT_EQ(answer.explanation().trace(0).detail(), "match.accept_language does not hold");
}

}  // namespace
}  // namespace fingerpost::policy::resolve
