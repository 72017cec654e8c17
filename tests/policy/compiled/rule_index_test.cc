#include "policy/compiled/rule_index.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::compiled {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A question about `url`, already read.
struct Asked {
  explicit Asked(const std::string& url) : asked(About(url)), request(Read(asked)) {}

  static v1::DecideRequest About(const std::string& url) {
    v1::DecideRequest asked;
    asked.mutable_request()->set_url(url);
    return asked;
  }
  static http::Request Read(const v1::DecideRequest& asked) {
    message::Faults faults;
    return http::ReadRequest(asked.request(), {}, faults);
  }

  v1::DecideRequest asked;
  http::Request request;
};

// The rules in protobuf's text form, which is short and needs no files.
class Rules {
 public:
  explicit Rules(const std::string& text) {
    v1::Policy policy;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &policy));
    for (v1::Rule& rule : *policy.mutable_rules()) {
      if (rule.wish_case() == v1::Rule::WISH_NOT_SET) {
        rule.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
      }
    }
    snapshot_ = Compile(policy, faults_);
    for (const auto& fault : faults_.list()) ADD_FAILURE() << message::ToString(fault);
  }

  // MayHaveRule says of each URL exactly whether there are candidates.
  void ExpectCertainty() { is_certain_ = true; }

  // The ids of the candidates, with the first capture.
  std::vector<std::string> Candidates(const std::string& url) const {
    std::vector<std::string> ids;
    const Asked asked(url);
    const Subject subject(asked.asked, asked.request, snapshot_->hosts);
    snapshot_->rules.Visit(subject, [&](const Candidate& candidate) {
      std::string id = candidate.rule->id;
      if (!candidate.captures.empty()) id += "=" + std::string(candidate.captures.front());
      ids.push_back(std::move(id));
      return true;
    });
    const bool may = snapshot_->rules.MayHaveRule(subject.hosts(), subject.path());
    EXPECT_TRUE(may || ids.empty()) << url;
    EXPECT_FALSE(may && ids.empty() && is_certain_) << url;
    return ids;
  }

  // The expected candidates if all rules are patterns.
  std::vector<std::string> OneByOne(const std::string& url) const {
    std::vector<std::string> ids;
    const Asked asked(url);
    const Subject subject(asked.asked, asked.request, snapshot_->hosts);
    const std::string path(subject.path());
    for (const Rule& rule : snapshot_->rules.rules()) {
      std::string capture;
      const RE2::Arg arg(&capture);
      const std::array args = {&arg};
      const int count = std::min(rule.pattern->NumberOfCapturingGroups(), 1);
      if (subject.IsOn(rule.hosts) && RE2::FullMatchN(path, *rule.pattern, args.data(), count)) {
        ids.push_back(count == 0 ? rule.id : rule.id + "=" + capture);
      }
    }
    return ids;
  }

 private:
  message::Faults faults_{message::Faults::kMostOfDocument};
  std::shared_ptr<Snapshot> snapshot_;
  bool is_certain_ = false;
};

TEST(RuleIndex, TheOrderOfPriority) {
  // In the reverse of policy.proto's order.
  const Rules rules(R"pb(
    rules { id: "anywhere" }
    rules {
      id: "second-pattern"
      match { path_regex: "/a/(.*)" }
    }
    rules {
      id: "glob"
      match { path_glob: "/a/*" }
    }
    rules {
      id: "short-prefix"
      match { path_prefix: "/a" hosts: "h.example" }
    }
    rules {
      id: "long-prefix"
      match { path_prefix: "/a/b" }
    }
    rules {
      id: "long-prefix-of-host"
      match { path_prefix: "/a/b" hosts: ".example" }
    }
    rules {
      id: "exact"
      match { path: "/a/b" }
    }
    rules {
      id: "exact-of-domain"
      match { path: "/a/b" hosts: ".example" }
    }
    rules {
      id: "exact-of-host"
      match { path: "/a/b" hosts: "h.example" }
    })pb");
  EXPECT_THAT(rules.Candidates("https://h.example/a/b"),
              ElementsAre("exact-of-host", "exact-of-domain", "exact",
                          "long-prefix-of-host=", "long-prefix=", "short-prefix=/b",
                          "second-pattern=b", "glob=b", "anywhere"));
  EXPECT_THAT(rules.Candidates("https://other.test/a/b/c"),
              ElementsAre("long-prefix=/c", "second-pattern=b/c", "anywhere"));
}

TEST(RuleIndex, PrefixesEndAtSegments) {
  const Rules rules(R"pb(
    rules {
      id: "service"
      match { path_prefix: "/service" }
    }
    rules {
      id: "root"
      match { path_prefix: "/" }
    })pb");
  EXPECT_THAT(rules.Candidates("https://h.example/service"),
              ElementsAre("service=", "root=/service"));
  EXPECT_THAT(rules.Candidates("https://h.example/service/"),
              ElementsAre("service=/", "root=/service/"));
  EXPECT_THAT(rules.Candidates("https://h.example/servicefoo"), ElementsAre("root=/servicefoo"));
  EXPECT_THAT(rules.Candidates("https://h.example"), ElementsAre("root=/"));
  EXPECT_THAT(rules.Candidates("https://h.example/service//x"),
              ElementsAre("service=//x", "root=/service//x"));
}

TEST(RuleIndex, ExactMeansExact) {
  Rules rules(R"pb(rules {
                     id: "about"
                     match { path: "/About us" }
                   })pb");
  rules.ExpectCertainty();
  EXPECT_THAT(rules.Candidates("https://h.example/About%20us"), ElementsAre("about"));
  EXPECT_THAT(rules.Candidates("https://h.example/x/../%41bout us?q#f"), ElementsAre("about"));
  EXPECT_THAT(rules.Candidates("https://h.example/about%20us"), IsEmpty());
  EXPECT_THAT(rules.Candidates("https://h.example/About%20us/"), IsEmpty());
}

TEST(RuleIndex, PatternsMatchTheWholePath) {
  Rules rules(R"pb(
    rules {
      id: "named"
      match { path_regex: "/p/(?P<id>[0-9]+)" }
    }
    rules {
      id: "optional"
      match { path_regex: "/o(/x)?" }
    })pb");
  rules.ExpectCertainty();
  EXPECT_THAT(rules.Candidates("https://h.example/p/77"), ElementsAre("named=77"));
  EXPECT_THAT(rules.Candidates("https://h.example/p/77/x"), IsEmpty());
  EXPECT_THAT(rules.Candidates("https://h.example/o"), ElementsAre("optional="));
}

// One automaton matches many patterns, with the same result as one by one, in the order of the
// document.
TEST(RuleIndex, ManyPatternsAnswerAsOneByOne) {
  std::mt19937 random(20'261'120);
  const auto pick = [&](const auto& from) {
    return from[std::uniform_int_distribution<size_t>(0, std::size(from) - 1)(random)];
  };
  const std::array pieces = {"/a",   "/b",     "/[ab]+",     "/(.*)", "(/x)?", "/.",
                             "/ab*", "/[^/]+", "/(a|b)(c?)", "%2F",   "/a{2}", "(?:/b|/c)"};
  const std::array hosts = {"", "hosts: \"h.example\"", "hosts: \".example\"", "hosts: \"o.test\""};
  for (int round = 0; round < 30; ++round) {
    std::string text;
    // Some rounds need more than one automaton.
    const size_t count =
        std::uniform_int_distribution<size_t>(1, round % 10 == 0 ? 600 : 60)(random);
    for (size_t i = 0; i < count; ++i) {
      text +=
          "rules { id: \"r" + std::to_string(i) + "\" match { " + pick(hosts) + " path_regex: \"/?";
      for (size_t n = std::uniform_int_distribution<size_t>(1, 4)(random); n > 0; --n) {
        text += pick(pieces);
      }
      text += "\" } }\n";
    }
    const Rules rules(text);
    for (int question = 0; question < 200; ++question) {
      const std::array segments = {"/a", "/b", "/c", "/x", "/aa", "/ab", "/abb", "%2f", "/ac", "/"};
      std::string path;
      for (size_t n = std::uniform_int_distribution<size_t>(1, 5)(random); n > 0; --n) {
        path += pick(segments);
      }
      if (!path.starts_with('/')) path.insert(0, "/");
      const std::string url =
          std::string("https://") + (question % 2 ? "h.example" : "o.test") + path;
      EXPECT_EQ(rules.Candidates(url), rules.OneByOne(url)) << url << "\n" << text;
    }
  }
}

TEST(RuleIndex, APathThatAPatternsAutomatonCannotHoldIsTriedOneByOne) {
  // Each "." doubles the states of a deterministic automaton.
  std::string text;
  for (int i = 0; i < 8; ++i) {
    text += "rules { id: \"r" + std::to_string(i) + "\" match { path_regex: \"(.*)a.{" +
            std::to_string(18 + i) + "}\" } }\n";
  }
  const Rules rules(text);
  std::mt19937 random(7);
  std::string url = "https://h.example/";
  for (int i = 0; i < 20'000; ++i) url += random() % 2 == 0 ? 'a' : 'b';
  EXPECT_EQ(rules.Candidates(url), rules.OneByOne(url));
}

TEST(RuleIndex, ADeepPathCostsNoMoreThanTheDeepestPrefix) {
  const Rules rules(R"pb(rules {
                           id: "a"
                           match { path_prefix: "/a" }
                         })pb");
  std::string url = "https://h.example/a";
  for (int i = 0; i < 30'000; ++i) url += "/x";
  EXPECT_THAT(rules.Candidates(url),
              ElementsAre("a=" + url.substr(std::string("https://h.example/a").size())));
}

}  // namespace
}  // namespace fingerpost::policy::compiled
