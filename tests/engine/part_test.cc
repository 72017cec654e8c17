// A policy that was handed out, in whole or in part: what is answered is what the whole policy
// answers, and the rest is left to the service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/library.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/selector.h"
#include "policy/document/file.h"
#include "policy/load/including.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::engine::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kDocument[] = R"(
defaults:
  allowed_hosts: [journal.example, .old.example]
  canonical: {slash: remove}
  case: insensitive
hosts:
  - hosts: [shop.example]
    defaults: {require_https: true, https_exempt: [/health], gone_max_age: 60s}
  - hosts: [.shop.example]
    defaults: {canonical: {host: shop.example}, allowed_hosts: [cdn.example]}
  - hosts: [b.example, www.b.example]
    defaults: {require_https: true, canonical: {host: www.b.example, case: lower},
               allowed_hosts: [elsewhere.example]}
intents:
  order: {intent: {purpose: form_result, target: "/orders/{id}"}, parameters: {id: {type: integer}}}
  leave: {intent: {purpose: temporary_move, target: "https://elsewhere.example/"}}
  moved: {intent: {purpose: permanent_move, target: "https://cdn.example/moved"}}
maps:
  - {name: small, file: small.csv, host: shop.example}
  - {name: large, file: large.csv}
  - {name: asked, file: asked.csv, trailing_slash: either, exact_query: true}
rules:
  - {id: exact, match: {hosts: [shop.example], path: /tea}, intent: {purpose: gone}}
  - {id: exact-post, match: {hosts: [www.shop.example], path: /tea, methods: [POST]},
     intent: {purpose: temporary_move, target: /posted}}
  - {id: everywhere, match: {path: /tea}, intent: {purpose: permanent_move, target: /teas}}
  - {id: domain, match: {hosts: [.shop.example], path: /blog}, intent_name: moved}
  - {id: prefix, match: {hosts: [www.shop.example, b.example], path_prefix: /old},
     intent: {purpose: permanent_move, target: "https://cdn.example{rest}"}}
  - {id: shadow, shadow: true, match: {path_prefix: /}, intent: {purpose: gone}}
  - {id: cookie, match: {hosts: [b.example], path: /c, cookies: [{name: a, present: true}]},
     intent: {purpose: temporary_move, target: /cookie}}
  - {id: glob, match: {hosts: ["*.old.example"], path_glob: "/p/*"},
     intent: {purpose: permanent_move, target: "https://{1}.old.example/q/{2}"}}
  - {id: leaves, match: {hosts: [a.example], path: /alone}, pass: true}
include:
  - {files: teams/*.yaml}
)";
constexpr char kTeam[] = R"(
intents:
  team: {intent: {purpose: form_result, target: /team}}
maps:
  - {name: team-rows, file: rows.csv}
rules:
  - {id: team-exact, match: {hosts: [shop.example, a.example], path: /tea},
     intent: {purpose: temporary_move, target: /team}}
  - {id: team-prefix, match: {path_prefix: /team}, intent_name: team}
)";
constexpr char kSmall[] = "source,target\n/s,/small\nhttps://a.example/tea,/small-tea\n";
constexpr char kLarge[] = "/l,/large\n/Old/x,/large-x\nhttps://www.b.example/l,/large-b\n";
constexpr char kAsked[] = "/q?a=1,/asked\n/q/,/asked-slash,302\n";

constexpr const char* kHosts[] = {"shop.example",  "www.shop.example", "b.example",
                                  "www.b.example", "x.old.example",    "old.example",
                                  "a.example",     "SHOP.example.",    "none.example"};
constexpr const char* kPaths[] = {"/",     "/tea",  "/TEA",     "/tea/",  "/blog",  "/old/x",
                                  "/OLD",  "/s",    "/l",       "/L",     "/q?a=1", "/q/?a=1&b=2",
                                  "/q",    "/c",    "/p/1",     "/alone", "/team",  "/team/x",
                                  "/rows", "/none", "/Health/", "/health"};

v1::DecideRequest About(const std::string& url) {
  v1::DecideRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url(url);
  question.mutable_now()->set_seconds(1'767'225'600);
  question.set_draw(0);
  return question;
}

// By the rules.
std::vector<v1::DecideRequest> ByRules() {
  std::vector<v1::DecideRequest> questions;
  for (const std::string scheme : {"http://", "https://"}) {
    for (const std::string host : kHosts) {
      for (const char* path : kPaths) {
        for (const bool is_odd : {false, true}) {
          v1::DecideRequest& question = questions.emplace_back(About(scheme + host + path));
          if (!is_odd) continue;
          question.mutable_request()->set_method("POST");
          v1::Header& cookie = *question.mutable_request()->add_headers();
          cookie.set_name("Cookie");
          cookie.set_value("a=b");
        }
      }
    }
  }
  return questions;
}

// With an intent or the name of one.
std::vector<v1::DecideRequest> WithWish() {
  std::vector<v1::DecideRequest> questions;
  for (const std::string host :
       {"https://shop.example", "https://b.example", "http://none.example", ""}) {
    v1::DecideRequest question = About(host + (host.empty() ? "" : "/orders"));
    if (host.empty()) question.mutable_request()->clear_url();
    for (const char* name : {"order", "leave", "moved", "team", "ordre", "none"}) {
      question.set_intent_name(name);
      questions.push_back(question);
      (*question.mutable_parameters())["id"] = "7";
      questions.push_back(question);
      question.clear_parameters();
    }
    question.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
    questions.push_back(question);
    question.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
    for (const char* target :
         {"/", "https://elsewhere.example/", "https://journal.example/", "\n"}) {
      question.mutable_intent()->set_target(target);
      questions.push_back(question);
    }
  }
  return questions;
}

class EnginePart : public policy::load::Include {
 protected:
  EnginePart() {
    Write("p.yaml", kDocument);
    Write("teams/a.yaml", kTeam);
    Write("teams/rows.csv", "/rows,/team-row\n");
    Write("small.csv", kSmall);
    Write("large.csv", kLarge);
    Write("asked.csv", kAsked);
    loaded_ = Load();
    EXPECT_NE(loaded_.snapshot, nullptr) << Told();
    for (const auto& questions : {ByRules(), WithWish()}) {
      for (v1::DecideRequest question : questions) {
        for (const bool explain : {false, true}) {
          question.set_explain(explain);
          questions_.push_back(question);
        }
      }
    }
  }

  std::string Told() const {
    std::string told;
    for (const auto& problem : loaded_.problems) told += ToString(problem) + '\n';
    return told;
  }

  // As the service hands it out, with the rows of these maps.
  v1::Policy HandedOut(const std::set<std::string>& maps) const {
    v1::Policy policy = loaded_.merged->policy();
    policy.clear_include();
    v1::HandedOut& handed_out = *policy.mutable_handed_out();
    handed_out.set_version(loaded_.snapshot->version);
    for (const auto& [name, place] : loaded_.snapshot->origins) {
      (*handed_out.mutable_origins())[name] = place;
    }
    for (const v1::MapFile& map : policy.maps()) {
      if (!maps.contains(map.name())) continue;
      (*handed_out.mutable_rows())[map.name()] =
          *policy::document::ReadFile((directory_ / map.file()).string(), 1 << 20);
    }
    return policy;
  }

  // The same of a part, from the service's own octets.
  v1::Policy Part(const v1::PolicySelector& asked, const std::set<std::string>& maps) const {
    message::Faults faults;
    const policy::compiled::Selector selector(asked, "hosts", "intents", faults);
    EXPECT_TRUE(faults.empty());
    v1::Policy part;
    EXPECT_TRUE(part.ParseFromString(*loaded_.snapshot->handed_out->Octets(selector)));
    for (const v1::MapFile& map : part.maps()) {
      if (!maps.contains(map.name())) part.mutable_handed_out()->mutable_rows()->erase(map.name());
    }
    return part;
  }

  // Expects that what is answered is what the whole policy answers. Returns how much that is.
  size_t Compare(const v1::Policy& part, const char* version = nullptr) const {
    const Policy engine(part.SerializeAsString(), version);
    EXPECT_EQ(engine.opened().status, FINGERPOST_OK) << engine.opened().error().message();
    EXPECT_EQ(fingerpost_policy_version(engine.get()), loaded_.snapshot->version);
    size_t answered = 0;
    for (const v1::DecideRequest& question : questions_) {
      const Result result = engine.Decide(question.SerializeAsString());
      if (result.status == FINGERPOST_ERROR &&
          result.error().reason() == v1::ERROR_REASON_NOT_IMPLEMENTED) {
        EXPECT_EQ(result.error().code(), "UNIMPLEMENTED");
        EXPECT_THAT(result.error().message(), HasSubstr("ask the service"));
        continue;
      }
      ++answered;
      v1::DecideResponse answer;
      const auto done = policy::resolve::Decide(*loaded_.snapshot, question, answer);
      EXPECT_EQ(result.octets, done ? answer.SerializeAsString() : done.error().SerializeAsString())
          << question.ShortDebugString() << result.error().message();
    }
    return answered;
  }

  [[nodiscard]] static Result Ask(const Policy& engine, const std::string& url) {
    return engine.Decide(About(url).SerializeAsString());
  }

  policy::load::Loaded loaded_;
  std::vector<v1::DecideRequest> questions_;
};

const std::set<std::string> kAllMaps = {"small", "large", "asked", "team-rows"};

TEST_F(EnginePart, WithAllRowsIsTheWhole) {
  EXPECT_EQ(Compare(HandedOut(kAllMaps)), questions_.size());
  v1::Policy policy = HandedOut(kAllMaps);
  policy.mutable_handed_out()->mutable_selector();  // Selects everything.
  EXPECT_EQ(Compare(policy), questions_.size());
}

TEST_F(EnginePart, WithSomeRowsLeavesTheOthersToTheService) {
  for (unsigned some = 0; some < 15; ++some) {
    std::set<std::string> maps;
    unsigned bit = 1;
    for (const std::string& map : kAllMaps) {
      if ((some & bit) != 0) maps.insert(map);
      bit *= 2;
    }
    const size_t answered = Compare(HandedOut(maps));
    EXPECT_GT(answered, questions_.size() / 20) << some;
    EXPECT_LT(answered, questions_.size()) << some;
  }
}

TEST_F(EnginePart, AnswersByWhatComesBeforeTheRows) {
  const Policy engine(HandedOut({}).SerializeAsString(), nullptr);
  for (const char* url :
       {"https://shop.example/tea", "http://shop.example/tea", "http://shop.example/no/rule/at/all",
        "https://a.example/alone", "https://shop.example./tea"}) {
    EXPECT_EQ(Ask(engine, url).status, FINGERPOST_OK) << url;
  }
  // A row for the host itself comes before rules for all of its domain, and before prefixes.
  for (const char* url :
       {"https://www.shop.example/blog", "https://none.example/tea", "https://b.example/old",
        "https://shop.example/Tea", "https://none.example/none"}) {
    EXPECT_EQ(Ask(engine, url).error().reason(), v1::ERROR_REASON_NOT_IMPLEMENTED) << url;
  }
}

TEST_F(EnginePart, WithoutIncludedFilesIsThatOfTheDocument) {
  v1::Policy policy = loaded_.kept->document->policy();
  ASSERT_EQ(policy.include_size(), 1);
  EXPECT_GT(Compare(policy, loaded_.snapshot->version.c_str()), questions_.size() / 20);
  policy.clear_maps();
  *policy.mutable_handed_out() = HandedOut(kAllMaps).handed_out();
  for (const v1::MapFile& map : loaded_.kept->document->policy().maps()) *policy.add_maps() = map;
  EXPECT_GT(Compare(policy), questions_.size() / 20);
}

TEST_F(EnginePart, OfSomeHostsOrIntentsLeavesTheOthersToTheService) {
  const std::vector<std::vector<std::string>> hosts = {
      {},
      {"shop.example"},
      {".shop.example"},
      {"*.old.example", "b.example"},
      {"b.example", "www.b.example"},
      {"a.example", "none.example", "www.shop.example"},
  };
  const std::vector<std::vector<std::string>> intents = {{}, {"order"}, {"leave", "none", "team"}};
  for (const auto& maps : {kAllMaps, {"small", "team-rows"}}) {
    for (const auto& some_hosts : hosts) {
      for (const auto& some_intents : intents) {
        v1::PolicySelector selector;
        selector.mutable_hosts()->Assign(some_hosts.begin(), some_hosts.end());
        selector.mutable_intents()->Assign(some_intents.begin(), some_intents.end());
        if (some_hosts.empty() && some_intents.empty()) continue;
        SCOPED_TRACE(selector.ShortDebugString());
        const size_t answered = Compare(Part(selector, maps));
        EXPECT_GT(answered, 10);
        EXPECT_LT(answered, questions_.size());
      }
    }
  }
}

}  // namespace
}  // namespace fingerpost::engine::testing
