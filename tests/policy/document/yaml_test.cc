#include "policy/document/yaml.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fingerpost::policy::document {
namespace {

using message::Path;
using message::Place;

std::string Where(const message::Position& at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string Fault(std::string_view text) {
  const auto tree = ParseYaml(text);
  if (tree) return "";
  return Where(tree.error().position) + ": " + tree.error().what;
}

TEST(Yaml, RemembersWhereEverythingStands) {
  const auto tree = ParseYaml(
      "defaults:\n"
      "  allowed_hosts: [a.example, \"b.example\"]\n"
      "rules:\n"
      "  - id: one\n"
      "    match: {path: /a}\n"
      "intents:\n"
      "  order_placed: {}\n"
      "  odd.name: {}\n");
  ASSERT_TRUE(tree) << tree.error().what;
  const Place allowed("defaults.allowed_hosts");
  const Place rules("rules");
  const Place intents("intents");
  EXPECT_EQ(Where(Locate(*tree, allowed[1].ToPath())), "2:30");
  EXPECT_EQ(Where(Locate(*tree, rules.Element(0, "id").ToPath())), "4:9");
  EXPECT_EQ(Where(Locate(*tree, rules.Element(0, "match.path").ToPath())), "5:19");
  EXPECT_EQ(Where(Locate(*tree, rules.Element(0, "match.methods").ToPath())), "5:12")
      << "the nearest that is there";
  EXPECT_EQ(Where(Locate(*tree, rules.Element(7, "id").ToPath())), "4:3");
  EXPECT_EQ(Where(Locate(*tree, intents.Key("order_placed").ToPath())), "7:17");
  EXPECT_EQ(Where(Locate(*tree, intents.Key("odd.name").ToPath())), "8:13");
  EXPECT_EQ(Where(Locate(*tree, Path())), "1:1");
}

TEST(Yaml, TakesJson) {
  const auto tree = ParseYaml(R"({"rules": [{"id": "one", "shadow": true}]})");
  ASSERT_TRUE(tree) << tree.error().what;
  EXPECT_EQ(tree->size(), 8U);
}

TEST(Yaml, AnEmptyDocumentIsOne) {
  EXPECT_TRUE(ParseYaml(""));
  EXPECT_TRUE(ParseYaml("# nothing\n---\n"));
  EXPECT_TRUE(ParseYaml("\xEF\xBB\xBFrules: []\n")) << "a byte order mark";
}

TEST(Yaml, AliasesCannotMultiply) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string previous(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [*" + previous + ", *" + previous + "]\n";
  }
  EXPECT_EQ(Fault(bomb), "1:4: anchors (&name) are not supported; leave it out");
}

TEST(Yaml, NestingIsBounded) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_EQ(Fault(deep), "1:33: nested deeper than 32 levels");
  EXPECT_NE(Fault(std::string(100'000, '[')), "");
  std::string blocks;
  for (int i = 0; i < 100; ++i) blocks += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(Fault(blocks), "33:33: nested deeper than 32 levels");
}

TEST(Yaml, SizeIsBounded) {
  EXPECT_EQ(Fault(std::string(kMaxDocument + 1, 'a')),
            "0:0: is larger than 8 MiB; move exact redirects into a map file");
}

TEST(Yaml, NumberOfValuesIsBounded) {
  std::string text = "[";
  for (size_t i = 0; i < kMaxNodes; ++i) text += "1,";
  EXPECT_EQ(Fault(text + "1]"),
            "1:1000000: the document has more than 500000 values; move exact redirects into a map "
            "file");
}

TEST(Yaml, ALineOfTheWholeLimitIsRead) {
  const std::string text = "a: \"" + std::string(kMaxDocument - 6, 'x') + "\"";
  EXPECT_EQ(Fault(text), "");
}

TEST(Yaml, NoExceptionLeaves) {
  for (const char* text : {"a: b: c",
                           "- a\nb",
                           "{a: 1",
                           "[1, 2",
                           "\"open",
                           "a: 'open",
                           "%YAML 9.9\n---\na",
                           "a:\n\t- b",
                           "? [a]\n: b",
                           "!!binary abc",
                           "*a",
                           "a: |x\n",
                           "--- a\n... b\n%",
                           "a: b\n--- \nc: d\n",
                           ": :",
                           "- - - -",
                           "{,}",
                           "[,]",
                           "@",
                           "`",
                           "a: @b"}) {
    EXPECT_EQ(Fault(text).substr(0, 1) == "0", false) << text << " -> " << Fault(text);
  }
}

// YAML 1.2.2 §7.3.3; yaml-cpp 0.7 refuses them.
TEST(Yaml, AQuestionMarkIsTextInsideAFlowMapping) {
  for (const char* text :
       {"/b?x=1", "https://h.example/b?x=1&y=?", "?x", "/a(b)?c", "/a.?", "a ? b", "a ?", "??"}) {
    for (const std::string& document : std::vector<std::string>{
             "{a: " + std::string(text) + ", b: 1}", "a: " + std::string(text) + "\nb: 1",
             "{a: \"" + std::string(text) + "\", b: [" + text + "]}",
             "[{a: " + std::string(text) + "}] # really?"}) {
      const auto tree = ParseYaml(document);
      ASSERT_TRUE(tree) << document << ": " << tree.error().what;
      const auto has = [&](const YamlNode& node) { return node.text == text; };
      EXPECT_TRUE(std::any_of(tree->begin(), tree->end(), has)) << document;
    }
  }
  EXPECT_EQ(Fault("{a: /b?x, b: é?y, c: @}"),
            "1:23: is not YAML: unknown token; put quotes around a "
            "text that begins with \"@\", \"`\" or \"%\"");
}

TEST(Yaml, AQuestionMarkThatMarksAKeyStillDoes) {
  for (const char* document : {"{? a : 1}", "? a\n: 1\n", "{b: 2, ? a : 1}", "{b: 2,\n ? a : 1}"}) {
    const auto tree = ParseYaml(document);
    ASSERT_TRUE(tree) << document << ": " << tree.error().what;
    const auto is_key = [](const YamlNode& node) { return node.text == "a"; };
    EXPECT_TRUE(std::any_of(tree->begin(), tree->end(), is_key)) << document;
  }
}

TEST(Yaml, AnEscapeIsNoQuestionMark) {
  const auto tree = ParseYaml("a: \"\\xFF?\"");
  ASSERT_TRUE(tree) << tree.error().what;
  EXPECT_EQ(tree->back().text, "\xC3\xBF?");
}

TEST(Yaml, APlaceholderWithoutQuotesIsToldSo) {
  for (const auto& [document, fault] : std::vector<std::pair<std::string, std::string>>{
           {"a: {b: /b{rest}}", "{rest}"},
           {"a: {b: /x/{1}/{2}}", "{1}"},
           {"a: {b: https://new.example{rest}, c: 1}", "{rest}"},
           {"x: 1\na: {rest}/x", "{rest}"},
           {"a: {b: {rest}?x}", "{rest}"},
           {"a: [/b{+name}]", "{+name}"},
       }) {
    EXPECT_TRUE(Fault(document).ends_with("put quotes around the text with " + fault + " in it"))
        << document << ": " << Fault(document);
  }
}

}  // namespace
}  // namespace fingerpost::policy::document
