#include "core/placeholders.h"

#include <gmock/gmock.h>

#include <string>

namespace fingerpost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "path: description" of each violation.
std::vector<std::string> Texts(const v1::Error& error) {
  std::vector<std::string> texts;
  for (const auto& violation : error.violations()) {
    texts.push_back(violation.field() + ": " + violation.description());
  }
  return texts;
}

std::string Fill(std::string_view target, const std::string& value) {
  Parameters parameters;
  parameters["v"] = value;
  v1::Error error;
  Violations violations(error);
  CheckPlaceholders(target, "t", violations);
  std::string filled = FillPlaceholders(target, parameters, "t", violations);
  return violations.empty() ? filled : "! " + error.violations(0).field();
}

TEST(Placeholders, AreEncodedForTheirPlace) {
  EXPECT_EQ(Fill("/a/{v}/b", "7829"), "/a/7829/b");
  EXPECT_EQ(Fill("/a/{v}", "a/b?c#d&e=f+g h"), "/a/a%2Fb%3Fc%23d%26e%3Df%2Bg%20h");
  EXPECT_EQ(Fill("/a/{+v}", "b/c d/e"), "/a/b/c%20d/e");
  EXPECT_EQ(Fill("/a?x={v}&y={v}", "a&b=c#d"), "/a?x=a%26b%3Dc%23d&y=a%26b%3Dc%23d");
  EXPECT_EQ(Fill("/a#{v}", "\"<>\\"), "/a#%22%3C%3E%5C");
  EXPECT_EQ(Fill("/{v}", "%2F%"), "/%252F%25");
  EXPECT_EQ(Fill("/{v}", "\xC3\xBC"), "/%C3%BC");
  EXPECT_EQ(Fill("/-._~{v}", "-._~"), "/-._~-._~");
  EXPECT_EQ(Fill("https://h.test/{v}", "x"), "https://h.test/x");
  EXPECT_EQ(Fill("//h.test/{v}", "x"), "//h.test/x");
}

TEST(Placeholders, OtherBracesStandForThemselves) {
  for (const char* text : {"/{", "/}", "/{}", "/{a b}", "/{+}", "/{v", "/?q={\"a\":1}", "/{{v!}"}) {
    EXPECT_EQ(Fill(text, "x"), text);
  }
  EXPECT_EQ(Fill("/{{v}}", "x"), "/{x}");
}

TEST(Placeholders, NeverReachSchemeHostOrPort) {
  for (const char* text :
       {"{v}://h.test/", "ht{v}://h.test/", "https://{v}/", "https://{v}.h.test/",
        "https://h.test{v}/", "https://h.test:{v}/", "https://u{v}@h.test/", "https:{v}",
        "https:/{v}", "https:\\{v}/", "https:///{v}/", "//{v}/", "/\\{v}", "\\\\{v}/", "///{v}",
        "//h.test{v}", "{v}:80/", "a{v}b:c", "com.app:{v}"}) {
    EXPECT_EQ(Fill(text, "x"), "! t") << text;
  }
}

TEST(Placeholders, KeepSlashesInThePathOnly) {
  EXPECT_EQ(Fill("/a?x={+v}", "b/c"), "! t");
  EXPECT_EQ(Fill("/a#{+v}", "b/c"), "! t");
}

TEST(Placeholders, NeverMakeADotSegment) {
  constexpr char kFault[] = "! parameters[\"v\"]";
  for (const char* value : {".", ".."}) {
    for (const char* text : {"/a/{v}/b", "/a/{v}", "/{v}?x", "/{v}#x", "{v}/a", "{v}", "/a\\{v}\\b",
                             "https://h.test/{v}/x"}) {
      EXPECT_EQ(Fill(text, value), kFault) << text << " with " << value;
    }
  }
  EXPECT_EQ(Fill("/a/.{v}/b", "."), kFault);
  EXPECT_EQ(Fill("/a/%2e{v}/b", "."), kFault);
  EXPECT_EQ(Fill("/a/{v}%2E/b", "."), kFault);
  EXPECT_EQ(Fill("/a/.{v}/b", ""), kFault);
  EXPECT_EQ(Fill("/a/{+v}", "b/../../c"), kFault);
  EXPECT_EQ(Fill("/a/{+v}", ".."), kFault);
  EXPECT_EQ(Fill("/a/{v}/b", "..."), "/a/.../b");
  EXPECT_EQ(Fill("/a/{v}.html", ".."), "/a/...html");
  EXPECT_EQ(Fill("/a?x={v}", ".."), "/a?x=..");
  // What is written in the target itself is the author's.
  EXPECT_EQ(Fill("/a/../{v}", "x"), "/a/../x");
}

TEST(Placeholders, NeverStartWithTwoSlashes) {
  EXPECT_EQ(Fill("/{v}/evil.test", ""), "! t");
  EXPECT_EQ(Fill("/{v}\\evil.test", ""), "! t");
  EXPECT_EQ(Fill("{v}//evil.test", ""), "! t");
  EXPECT_EQ(Fill("/{+v}", "/evil.test"), "! t");
  EXPECT_EQ(Fill("{+v}", "//evil.test"), "! t");
  EXPECT_EQ(Fill("/{v}", "/evil.test"), "/%2Fevil.test");
  EXPECT_EQ(Fill("/{v}", "\\evil.test"), "/%5Cevil.test");
}

TEST(Placeholders, AMissingValueIsNamed) {
  v1::Error error;
  Violations violations(error);
  (void)FillPlaceholders("/{id}/{id-2}", {}, "intent.target", violations);
  EXPECT_THAT(Texts(error),
              ElementsAre("parameters[\"id\"]: required: intent.target has {id}",
                          "parameters[\"id-2\"]: required: intent.target has {id-2}"));
}

// A short target and one long value must not make a text that is as long as both multiplied.
TEST(Placeholders, TheTextStaysBounded) {
  std::string target;
  for (int i = 0; i < 16000; ++i) target += "/{v}";
  v1::Error error;
  Violations violations(error);
  Parameters parameters;
  parameters["v"] = std::string(8000, ' ');
  EXPECT_EQ(FillPlaceholders(target, parameters, "t", violations), "");
  EXPECT_THAT(Texts(error), ElementsAre("t: at most 65536 octets with its parameters"));
}

TEST(Placeholders, AreCollected) {
  std::vector<std::string_view> names;
  CollectPlaceholders("/{a}/{+b_1}?{c}={}#{d-}", names);
  EXPECT_THAT(names, ElementsAre("a", "b_1", "c", "d-"));
  names.clear();
  CollectPlaceholders("/" + std::string(100, '{') + "}", names);
  EXPECT_THAT(names, IsEmpty());
}

}  // namespace
}  // namespace fingerpost
