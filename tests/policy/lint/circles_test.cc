// Every finite walk of random rules and rows ends as the resolver ends it.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "core/http/url.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::policy::lint {
namespace {

// Whether following the redirects from the URL never ends.
bool IsEndless(const compiled::Snapshot& snapshot, std::string url) {
  std::set<std::string> seen;
  while (seen.insert(url).second) {
    v1::DecideRequest asked;
    asked.mutable_request()->set_method("GET");
    asked.mutable_request()->set_url(url);
    v1::DecideResponse answer;
    if (!resolve::Decide(snapshot, asked, answer)) return false;
    if (answer.outcome() == v1::OUTCOME_REFUSE) return true;  // To itself.
    if (answer.outcome() != v1::OUTCOME_REDIRECT) return false;
    url = answer.target();
  }
  return true;
}

TEST(Circles, AreFoundWhereTheyAreAndNowhereElse) {
  std::mt19937 random(7);
  int circles = 0;
  for (int round = 0; round < 300; ++round) {
    constexpr int kPages = 12;
    std::string text = "rules:\n";
    for (int page = 0; page < kPages; ++page) {
      if (random() % 2 == 0) continue;
      text += "  - {id: r" + std::to_string(page) + ", match: {path: /p" + std::to_string(page) +
              "}, intent: {purpose: temporary_move, target: /p" +
              std::to_string(random() % (kPages * 2)) + "}}\n";
    }
    text += "  - {id: end, match: {path: /end}, intent: {purpose: gone}}\n";
    const load::Loaded unchecked = load::FromText(text, "p.yaml", {}, load::Checks::kNone);
    ASSERT_NE(unchecked.snapshot, nullptr) << text;
    bool endless = false;
    for (int page = 0; page < kPages; ++page) {
      endless =
          endless || IsEndless(*unchecked.snapshot, "https://h.example/p" + std::to_string(page));
    }
    EXPECT_EQ(load::FromText(text, "p.yaml").snapshot == nullptr, endless) << text;
    circles += endless ? 1 : 0;
  }
  EXPECT_GT(circles, 50);
  EXPECT_LT(circles, 250);
}

}  // namespace
}  // namespace fingerpost::policy::lint
