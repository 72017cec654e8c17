// What becomes of the request's query where the intents of a policy do not say it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Location(const compiled::SnapshotPtr& policy, const std::string& url) {
  return Field(Ask(policy, Get(url)), "Location");
}

constexpr std::string_view kRules = R"yaml(
  - {id: all, match: {path_prefix: /blog}, intent: {purpose: permanent_move, target: "/journal{rest}"}}
  - {id: all-named, match: {path_prefix: /docs}, intent_name: docs}
  - {id: weighted, match: {path_prefix: /a}, intent: {purpose: reroute, weighted_targets: [{target: "/b{rest}", weight: 1}, {target: "/c{rest}", weight: 0}], sticky_key: {field: X}}}
  - {id: own, match: {path_prefix: /own}, intent: {purpose: temporary_move, target: "/new{rest}?b=2"}}
  - {id: said, match: {path_prefix: /said}, intent: {purpose: temporary_move, target: "/new{rest}", query: {mode: drop}}}
  - {id: some, match: {path_prefix: /some}, intent: {purpose: permanent_move, target: /one}}
  - {id: login, match: {path_prefix: /in}, intent: {purpose: login_required, target: "/login{rest}"}}
  - {id: page, match: {path: /page}, intent: {purpose: permanent_move, target: /other}}
  - {id: right, match: {path: /Right}, intent: {purpose: canonical_url, target: /right}}
  - {id: tls, match: {path: /tls}, intent: {purpose: https_upgrade, target: /safe}}
)yaml";

std::string Document(std::string_view defaults) {
  return std::string(defaults) +
         "intents:\n"
         "  docs: {intent: {purpose: temporary_move, target: \"/manual{+rest}\"}}\n"
         "  done: {intent: {purpose: form_result, target: /done}}\n"
         "rules:" +
         std::string(kRules);
}

TEST(Query, MovesOfAllAndTheSamePageKeepIt) {
  const auto policy = Load(Document(""));
  EXPECT_EQ(Location(policy, "https://h.example/blog/a?x=1&&"), "/journal/a?x=1&&");
  EXPECT_EQ(Location(policy, "https://h.example/blog?"), "/journal?");
  EXPECT_EQ(Location(policy, "https://h.example/docs/a?x"), "/manual/a?x");
  EXPECT_EQ(Location(policy, "https://h.example/a/1?x"), "/b/1?x");
  EXPECT_EQ(Location(policy, "https://h.example/own/a?x"), "/new/a?b=2");
  EXPECT_EQ(Location(policy, "https://h.example/said/a?x"), "/new/a");
  EXPECT_EQ(Location(policy, "https://h.example/some/a?x"), "/one");
  EXPECT_EQ(Location(policy, "https://h.example/in/a?x"), "/login/a");
  EXPECT_EQ(Location(policy, "https://h.example/page?x"), "/other");
  EXPECT_EQ(Location(policy, "https://h.example/Right?x"), "/right?x");
  EXPECT_EQ(Location(policy, "http://h.example/tls?x"), "https://h.example/safe?x");
}

TEST(Query, TheDefaultsSayItForRulesAndNames) {
  const auto policy =
      Load(Document("defaults: {query: {mode: keep, allowed_names: [utm_*]}}\n"
                    "hosts: [{hosts: [other.example], defaults: {query: {mode: append}}},\n"
                    "        {hosts: [third.example], defaults: {gone_max_age: 60s}}]\n"));
  EXPECT_EQ(Location(policy, "https://h.example/page?utm_a=1&s=2"), "/other?utm_a=1");
  EXPECT_EQ(Location(policy, "https://h.example/blog/a?utm_a=1&s=2"), "/journal/a?utm_a=1");
  EXPECT_EQ(Location(policy, "https://h.example/Right?utm_a=1&s=2"), "/right?utm_a=1");
  EXPECT_EQ(Location(policy, "https://h.example/said/a?utm_a=1"), "/new/a");
  // A host's is its own as a whole: the document's names do not narrow it.
  EXPECT_EQ(Location(policy, "https://other.example/page?s=2"), "/other?s=2");
  EXPECT_EQ(Location(policy, "https://other.example/own/a?x"), "/new/a?b=2&x");
  EXPECT_EQ(Location(policy, "https://third.example/page?s=2"), "/other");

  v1::DecideRequest named = Get("https://h.example/form?utm_a=1&s=2");
  named.set_intent_name("done");
  EXPECT_EQ(Field(Ask(policy, named), "Location"), "/done?utm_a=1");
  // What is not known is not added; and what a request spells out is the caller's alone.
  named.mutable_request()->clear_url();
  EXPECT_EQ(Field(Ask(policy, named), "Location"), "/done");
  v1::DecideRequest spelled = Get("https://h.example/form?utm_a=1");
  spelled.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  spelled.mutable_intent()->set_target("/done");
  EXPECT_EQ(Field(Ask(policy, spelled), "Location"), "/done");
}

TEST(Query, HttpsKeepsAllOfIt) {
  const auto policy = Load("defaults: {require_https: true, query: {mode: drop}}\n");
  EXPECT_EQ(Location(policy, "http://h.example/a?x&&"), "https://h.example/a?x&&");
}

std::vector<std::string> Traced(const compiled::SnapshotPtr& policy, const std::string& url) {
  v1::DecideRequest request = Get(url);
  request.set_explain(true);
  std::vector<std::string> found;
  const v1::DecideResponse answer = Ask(policy, request);
  for (const v1::TraceStep& step : answer.explanation().trace()) {
    if (step.rule() == "target.query") found.push_back(step.detail().substr(0, 60));
  }
  return found;
}

TEST(Query, WhatIsDroppedIsExplained) {
  const auto policy = Load(Document(""));
  EXPECT_THAT(Traced(policy, "https://h.example/page?x"),
              ElementsAre("the request's query is dropped, as it is for this purpose by"));
  EXPECT_THAT(Traced(policy, "https://h.example/said/a?x"),
              ElementsAre("the request's query is dropped, as the query wish of intent "));
  EXPECT_THAT(Traced(policy, "https://h.example/own/a?x"),
              ElementsAre("the request's query is dropped: the target has a query of it"));
  EXPECT_THAT(Traced(policy, "https://h.example/blog/a?x"), IsEmpty());
  EXPECT_THAT(Traced(policy, "https://h.example/page"), IsEmpty());
  const auto named = Load(Document("defaults: {query: {mode: keep, allowed_names: [a]}}\n"));
  EXPECT_THAT(Traced(named, "https://h.example/page?a=1&b"),
              ElementsAre("parameters of the request's query that allowed_names does no"));
  EXPECT_THAT(Traced(named, "https://h.example/page?a=1"), IsEmpty());
  const auto merged = Load(Document("defaults: {query: {mode: merge_target_wins}}\n"));
  EXPECT_THAT(Traced(merged, "https://h.example/own/a?b=1&x"),
              ElementsAre("parameters of the request's query whose names the target has"));
}

std::vector<std::string> Notes(std::string_view text) {
  std::vector<std::string> notes;
  for (const message::Fault& note : load::FromText(text, "p.yaml").notes) {
    EXPECT_EQ(note.severity, message::Severity::kNote);
    notes.push_back(ToString(note.path));
  }
  return notes;
}

TEST(Query, AMoveThatDropsItIsNoted) {
  EXPECT_THAT(Notes(Document("")),
              ElementsAre("intents.docs.intent", "rules[5].intent", "rules[7].intent"));
  EXPECT_THAT(Notes(Document("defaults: {query: {mode: drop}}\n")), IsEmpty());
  EXPECT_THAT(Notes("rules: [{id: a}]\n"), IsEmpty()) << "there is an error";
}

}  // namespace
}  // namespace fingerpost::policy::resolve
