// Rows of maps whose source has a query.
#include "policy/compiled/row_query.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/resolve/asking.h"
#include "policy/resolve/with_maps.h"

namespace fingerpost::policy::resolve {
namespace {

using RowQuery = WithMaps;

std::string RowFor(const compiled::SnapshotPtr& policy, const std::string& url) {
  const auto answer = Ask(policy, Get("https://h.example" + url));
  return answer.rule().empty() ? "-" : answer.rule();
}

TEST_F(RowQuery, MatchesAsASetOfParameters) {
  Write("a.csv",
        "/index.asp?PageID=26,/about\n"
        "/index.asp?PageID=27&lang=de,/ueber\n"
        "/index.asp?lang=de,/de\n"
        "/index.asp,/\n"
        "/twice?a=1&a=1,/both\n"
        "/twice?a=2&a=1,/two\n"
        "/flag?x,/x\n"
        "\"/enc?q=a%26b+c&n=%C3%A9\",/e\n"
        "/raw?q=é,/r\n"
        "https://o.example/index.asp?PageID=26,/o\n");
  ASSERT_EQ(Told("maps: [{name: a, file: a.csv}]\n"), "");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/index.asp?PageID=26", "a:1"},
      {"/index.asp?utm=x&PageID=26&y", "a:1"},
      {"/index.asp?pageid=26", "a:4"},
      {"/index.asp?PageID=26x", "a:4"},
      {"/index.asp?%50ageID=2%36", "a:1"},
      {"/index.asp?lang=de&PageID=27", "a:2"},
      {"/index.asp?PageID=27", "a:4"},
      {"/index.asp?PageID=26&lang=de", "a:1"},
      {"/index.asp?lang=de", "a:3"},
      {"/index.asp?lang=en&lang=de", "a:3"},
      {"/index.asp", "a:4"},
      {"/index.asp?", "a:4"},
      {"/twice?a=1", "-"},
      {"/twice?a=1&a=1", "a:5"},
      {"/twice?a=1&b&a=2", "a:6"},
      {"/twice?a=1&a=2&a=1", "a:5"},
      {"/flag?x", "a:7"},
      {"/flag?x=", "a:7"},
      {"/flag?x=1", "-"},
      {"/enc?n=%c3%a9&q=a%26b%20c", "a:8"},
      {"/enc?n=é&q=a&b+c", "-"},
      {"/raw?q=%C3%A9", "a:9"},
      {"/other?PageID=26", "-"}};
  for (const auto& [url, row] : cases) EXPECT_EQ(RowFor(policy_, url), row) << url;
  EXPECT_EQ(Ask(policy_, Get("https://o.example/index.asp?PageID=26")).rule(), "a:10");
  EXPECT_EQ(policy_->rules.maps().size(), 10U);
}

TEST_F(RowQuery, ExactlyTheseOrOthersToo) {
  Write("a.csv", "/a?x=1,/1\n/a?x=1&y=2,/2\n/a?z,/z\n");
  ASSERT_EQ(Told("maps: [{name: a, file: a.csv, exact_query: true}]\n"), "");
  EXPECT_EQ(RowFor(policy_, "/a?x=1"), "a:1");
  EXPECT_EQ(RowFor(policy_, "/a?y=2&x=1"), "a:2");
  EXPECT_EQ(RowFor(policy_, "/a?x=1&q"), "-");
  EXPECT_EQ(RowFor(policy_, "/a?x=1&x=1"), "-");
  std::string many = "/a?z";
  for (int i = 0; i < 100; ++i) many += "&" + std::to_string(i);
  EXPECT_EQ(RowFor(policy_, many), "-");
}

TEST_F(RowQuery, WhatTheRowMatchedDoesNotPass) {
  Write("a.csv", "/a?id=1&id=1,/one\n/a?id=2,/two?own\n/b,/c\n");
  ASSERT_EQ(Told("defaults: {query: {mode: keep}}\nmaps: [{name: a, file: a.csv}]\n"), "");
  const auto location = [this](const std::string& url) {
    return Field(Ask(policy_, Get("https://h.example" + url)), "Location");
  };
  EXPECT_EQ(location("/a?id=1&x&&id=1&y=%20"), "/one?x&&y=%20");
  EXPECT_EQ(location("/a?i%64=1&id=1"), "/one");
  EXPECT_EQ(location("/a?id=1&id=1&id=1"), "/one?id=1");
  EXPECT_EQ(location("/a?id=2&x"), "/two?own");
  EXPECT_EQ(location("/b?id=2&&x"), "/c?id=2&&x");
  v1::DecideRequest explained = Get("https://h.example/a?id=1&id=1");
  explained.set_explain(true);
  EXPECT_EQ(Ask(policy_, explained).explanation().trace(0).detail(),
            "matches, and takes the parameters of its source");
  Write("a.csv", "/a?id=2,/two?own\n");
  ASSERT_EQ(Told("defaults: {query: {mode: append}}\nmaps: [{name: a, file: a.csv}]\n"), "");
  EXPECT_EQ(location("/a?id=2&x"), "/two?own&x");
}

TEST_F(RowQuery, RulesMapsHostsAndFolding) {
  Write("a.csv", "/A?x=1,/1\n/a,/0\n");
  ASSERT_EQ(Told(R"(
defaults: {case: insensitive, trailing_slash: either}
maps: [{name: a, file: a.csv}]
rules:
  - {id: r, match: {path: /A, case: sensitive, trailing_slash: exact, query: [{name: r}]}, intent: {purpose: gone}}
)"),
            "");
  EXPECT_EQ(RowFor(policy_, "/A?x=1"), "a:1");
  EXPECT_EQ(RowFor(policy_, "/A?x=1&r"), "r");
  EXPECT_EQ(RowFor(policy_, "/a/?x=1"), "a:1") << "by folding, with the query first";
  EXPECT_EQ(RowFor(policy_, "/a?x=1"), "a:2") << "as it came";
  EXPECT_EQ(RowFor(policy_, "/A?X=1"), "a:2") << "parameters do not fold";
}

TEST_F(RowQuery, TheNextRowIsAskedWhereOneSleeps) {
  Write("a.csv", "/a?x=1,/1\n");
  Write("b.csv", "/a?x=1&y=2,/2\n");
  ASSERT_EQ(Told(R"(
maps:
  - {name: a, file: a.csv}
  - {name: b, file: b.csv, intent: {purpose: campaign, window: {from: "2030-01-01T00:00:00Z"}}}
)"),
            "");
  EXPECT_EQ(RowFor(policy_, "/a?x=1&y=2"), "a:1");
}

TEST_F(RowQuery, WhatIsWrongIsTold) {
  Write("a.csv",
        "/a?x=1,/1\n/a?%78=1,/1\n/a?x=1,/2\n/b?,/x\n/c?x#y,/x\n/d?x=1,/d?y&x=1\n/e?x=1,/e\n"
        "/f?x=1,/f?x=2\n/f?x=2,/f?x=1\n/g?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q,/x\n");
  EXPECT_EQ(Told("maps: [{name: a, file: a.csv}]\n"),
            "2:1: warning: repeats line 1; remove one\n"
            "3:1: has the source of line 1 and another answer; keep one\n"
            "4:1: has a query without parameters; remove the \"?\"\n"
            "5:1: can never match: a source has no fragment and no control; remove it\n"
            "6:8: redirects to itself; remove the row\n"
            "8:1: leads back to itself by line 9 of a.csv: clients would go in circles; end it at "
            "one of them\n"
            "10:1: has more than 16 parameters; use a rule\n");
}

// Against the definition, tried row by row.
TEST(RowQueries, AgreeWithAnOrdinarySearch) {
  using compiled::MapEntry;
  using compiled::Parameters;
  std::mt19937 random(std::random_device{}());
  const auto query = [&random](size_t most) {
    std::string text = "?";
    for (size_t n = random() % (most + 1); n > 0; --n) {
      text += std::string(1, static_cast<char>('a' + random() % 3)) + "=" +
              std::to_string(random() % 3) + (n > 1 ? "&" : "");
    }
    return text;
  };
  for (int round = 0; round < 50; ++round) {
    compiled::QueryRows rows;
    std::vector<std::vector<std::string>> all;
    std::vector<std::string> texts;
    texts.reserve(100);
    for (uint32_t line = 1; line <= 100; ++line) {
      const Parameters own = compiled::ParametersOf(query(4), 16);
      if (own.pairs.empty()) continue;
      const std::string_view text = texts.emplace_back("/p?" + compiled::Joined(own.pairs));
      const MapEntry row = {
          .path = text.substr(0, 2), .target = "/t", .line = line, .query = text.substr(3)};
      if (rows.Add(row, compiled::MapTable::HashOf(compiled::kAnyHost, text))) continue;
      all.resize(line + 1);
      all[line] = own.pairs;
    }
    for (int i = 0; i < 100; ++i) {
      const Parameters asked = compiled::ParametersOf(query(7), 64);
      std::vector<std::pair<size_t, uint32_t>> expected;
      for (uint32_t line = 1; line < all.size(); ++line) {
        if (!all[line].empty() && std::includes(asked.pairs.begin(), asked.pairs.end(),
                                                all[line].begin(), all[line].end())) {
          expected.emplace_back(16 - all[line].size(), line);
        }
      }
      std::sort(expected.begin(), expected.end());
      std::vector<std::pair<size_t, uint32_t>> got;
      for (const auto& match : rows.Find(compiled::kAnyHost, "/p", asked)) {
        EXPECT_EQ(match.row.path, "/p");
        got.emplace_back(16 - match.parameters, match.row.line);
      }
      ASSERT_EQ(got, expected);
      EXPECT_TRUE(rows.Find(compiled::kAnyHost, "/q", asked).empty());
      EXPECT_TRUE(rows.Find(7, "/p", asked).empty());
    }
  }
}

// More than what knows their keys has room for at first.
TEST(RowQueries, AreFoundHoweverManyThereAre) {
  compiled::QueryRows rows;
  const auto source = [](uint32_t i) {
    return "/p?a=" + std::to_string(i) + "&b=" + std::to_string(i % 7);
  };
  constexpr uint32_t kRows = 20'000;
  for (uint32_t i = 0; i < kRows; ++i) {
    const std::string text = source(i);
    const compiled::MapEntry row = {.path = std::string_view(text).substr(0, 2),
                                    .target = "/t",
                                    .line = i,
                                    .query = std::string_view(text).substr(3)};
    ASSERT_FALSE(rows.Add(row, compiled::MapTable::HashOf(compiled::kAnyHost, text)));
  }
  EXPECT_EQ(rows.size(), kRows);
  for (uint32_t i = 0; i < 2 * kRows; ++i) {
    const auto found = rows.Find(compiled::kAnyHost, "/p",
                                 compiled::ParametersOf("?c=1&" + source(i).substr(3), 64));
    ASSERT_EQ(found.size(), i < kRows ? 1U : 0U) << i;
    if (i < kRows) {
      ASSERT_EQ(found.front().row.line, i);
    }
  }
}

}  // namespace
}  // namespace fingerpost::policy::resolve
