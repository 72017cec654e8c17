#include "core/decide/placeholders.h"

#include <gmock/gmock.h>

#include <string>

namespace fingerpost::decide {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "name: what" of each fault.
std::vector<std::string> Texts(const std::vector<ValueFault>& faults) {
  std::vector<std::string> texts;
  for (const ValueFault& fault : faults) {
    texts.push_back(std::string(fault.name) + ": " + std::string(fault.what));
  }
  return texts;
}

// The filled-in target, or "! " and the placeholder whose value is at fault, "t" for the target.
std::string Filled(std::string_view target, const Values& values) {
  std::vector<ValueFault> faults;
  std::string filled = FillPlaceholders(target, values, faults);
  if (faults.empty()) return filled;
  return "! " + std::string(faults.front().name.empty() ? "t" : faults.front().name);
}

std::string Fill(std::string_view target, const std::string& value) {
  Parameters parameters;
  parameters["v"] = value;
  return Filled(target, Values(parameters));
}

// {1}, {2}, … are captures.
const std::vector<Capture> kCaptures = {{"1"}, {"2"}, {"3"}};
std::string Capture(std::string_view target, std::vector<std::string_view> values) {
  values.resize(kCaptures.size());
  return Filled(target, Values(kCaptures, values));
}

// {rest} is the rest after a prefix.
const std::vector<decide::Capture> kRest = {{"rest", ValueKind::kRest}};
std::string Rest(std::string_view target, std::string_view rest) {
  const std::vector<std::string_view> values = {rest};
  return Filled(target, Values(kRest, values));
}

// {1} is labels of the request's host.
const std::vector<decide::Capture> kHostAndRest = {{"1", ValueKind::kHost},
                                                   {"rest", ValueKind::kRest}};
std::string Host(std::string_view target, std::string_view labels, std::string_view rest = "") {
  const std::vector<std::string_view> values = {labels, rest};
  return Filled(target, Values(kHostAndRest, values));
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
  constexpr char kFault[] = "! v";
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
  // The target's own text is the author's.
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

TEST(Placeholders, WithoutAValueAreText) {
  EXPECT_EQ(Fill("/{id}/{v}/{+id-2}?x={9C2A}", "x"), "/{id}/x/{+id-2}?x={9C2A}");
  EXPECT_EQ(Filled("https://{h}/{id}", Values()), "https://{h}/{id}");
  EXPECT_EQ(Rest("/{v}{rest}", "/a"), "/{v}/a");
}

TEST(Captures, KeepTheSpellingOfThePath) {
  EXPECT_EQ(Capture("/w/{1}", {"Foo_(bar),%20x%2Fy%5Cz"}), "/w/Foo_(bar),%20x%2Fy%5Cz");
  EXPECT_EQ(Capture("/a/{1}/{2}?from={1}#{2}", {"7", "b/c"}), "/a/7/b/c?from=7#b/c");
  EXPECT_EQ(Capture("/{}/{a b}/{+1}/{", {"x/y"}), "/{}/{a b}/x/y/{");
  EXPECT_EQ(Capture("?q={1}", {"x"}), "?q=x");
  EXPECT_EQ(Capture("a/{1}", {"b:c"}), "a/b:c");
}

TEST(Captures, CannotAddQueryParameters) {
  EXPECT_EQ(Capture("/s?q={1}", {"a&admin=1+x;y"}), "/s?q=a%26admin%3D1%2Bx%3By");
}

TEST(Captures, NeverReachSchemeHostOrPort) {
  for (const char* target :
       {"{1}", "{1}/a", "//{1}/a", "https://{1}/a", "https://{1}", "https://a.example{1}",
        "https:{1}", "https://a.example:{1}/", "h{1}ttps://a/", "\\\\{1}", "/\\{1}", "https:///{1}",
        "https:/\\/{1}", " //{1}", "https:/{1}", "https://u{1}@a.example/", "{1}:a", "{1}?x",
        "a{1}"}) {
    EXPECT_EQ(Capture(target, {"x"}), "! t") << target;
    EXPECT_THAT(MisplacedPlaceholder(target, kCaptures),
                testing::HasSubstr("{1} could choose the scheme, host or port"))
        << target;
  }
}

TEST(Captures, NeverStartWithTwoSlashes) {
  EXPECT_EQ(Capture("/{2}/{1}", {"evil.test", ""}), "! t");
  EXPECT_EQ(Capture("/{1}/{2}/", {"", "evil.test"}), "! t");
  EXPECT_EQ(Capture("/{1}\\{2}", {"", "evil.test"}), "! t");
  EXPECT_EQ(Capture(" /{1}\\{2}", {"", "evil.test"}), "! t");
  EXPECT_EQ(Capture("\\{1}/{2}", {"", "evil.test"}), "! t");
  EXPECT_EQ(Capture("/{+1}/{+2}", {"", "evil.test"}), "! t");
  EXPECT_EQ(Capture("/{1}{2}{3}", {"", "/evil.test", ""}), "! t");
  EXPECT_EQ(Capture("/{1}", {"/evil.test"}), "! t");
  EXPECT_EQ(Capture("/{1}/{2}", {"a", ""}), "/a/");
}

TEST(Captures, NeverMakeADotSegment) {
  EXPECT_EQ(Capture("/tenant/{1}/{2}", {"..", "admin"}), "! 1");
  EXPECT_EQ(Capture("/tenant/{1}/{2}", {".", "admin"}), "! 1");
  EXPECT_EQ(Capture("/tenant/{1}{2}/x", {".", "."}), "! 2");
  EXPECT_EQ(Capture("/tenant/.{1}/x", {"."}), "! 1");
  EXPECT_EQ(Capture("/tenant/%2e{1}/x", {"."}), "! 1");
  EXPECT_EQ(Capture("/tenant/{1}%2E", {"."}), "! 1");
  EXPECT_EQ(Capture("/tenant/.{1}/x", {""}), "! 1");
  EXPECT_EQ(Capture("/tenant/{1}", {"a/%2E%2e/b"}), "! 1");
  EXPECT_EQ(Capture("/tenant/{1}", {"a/.."}), "! 1");
  EXPECT_EQ(Capture("\\tenant\\{1}\\x", {".."}), "! 1");
  EXPECT_EQ(Capture("/tenant/{1}?x", {".."}), "! 1");
  EXPECT_EQ(Capture("/tenant/{1}", {"%252e%252e"}), "/tenant/%252e%252e");
  EXPECT_EQ(Capture("/tenant?x={1}", {".."}), "/tenant?x=..");
}

TEST(Captures, AnEmptyOneEatsNoSlash) {
  EXPECT_EQ(Capture("https://n.example/{1}{2}", {"", "/a"}), "https://n.example//a");
  EXPECT_EQ(Capture("https://n.example/{1}{2}", {"a", ""}), "https://n.example/a");
  EXPECT_EQ(Capture("https://n.example/{1}", {"/a"}), "https://n.example//a");
  EXPECT_EQ(Capture("https://n.example/x/{1}/", {""}), "https://n.example/x//");
  EXPECT_EQ(Capture("https://n.example/{1}/{2}/", {"", ""}), "https://n.example///");
  EXPECT_EQ(Rest("https://n.example/s{rest}", "//a/"), "https://n.example/s//a/");
}

TEST(Captures, TheRestOfAPrefixMayFollowAHost) {
  EXPECT_EQ(Rest("https://new.example{rest}", "/a/b"), "https://new.example/a/b");
  EXPECT_EQ(Rest("https://new.example{rest}", "//evil.test"), "https://new.example//evil.test");
  EXPECT_EQ(Rest("https://new.example{rest}", ""), "https://new.example");
  EXPECT_EQ(Rest("https://new.example{rest}?x={rest}", "/a"), "https://new.example/a?x=/a");
  EXPECT_EQ(Rest("https://new.example:8443{rest}", ""), "https://new.example:8443");
  for (const char* rest : {".evil.test", "@evil.test", ":8080", "evil", "\\evil.test"}) {
    EXPECT_EQ(Rest("https://new.example{rest}", rest), "! rest") << rest;
  }
  for (const char* target :
       {"https://{rest}", "https://{rest}/a", "https://new.example{rest}.evil.test",
        "https://new.example{rest}{rest}", "https://new.example:{rest}", "https://u@{rest}",
        "https:{rest}", "//{rest}", "{rest}", "https{rest}://a/", "https://{v}.example{rest}"}) {
    EXPECT_EQ(Rest(target, ""), "! t") << target;
    EXPECT_NE(MisplacedPlaceholder(target, kRest), "") << target;
  }
}

TEST(Captures, TheRestAddsNoSecondSlash) {
  EXPECT_EQ(Rest("/new{rest}", ""), "/new");
  EXPECT_EQ(Rest("/new{rest}", "/a"), "/new/a");
  EXPECT_EQ(Rest("/new/{rest}", "/a"), "/new/a");
  EXPECT_EQ(Rest("/new/{rest}", "//a"), "/new//a");
  EXPECT_EQ(Rest("/new/{rest}", ""), "/new/");
  EXPECT_EQ(Rest("/{rest}", "/a"), "/a");
  EXPECT_EQ(Rest("/{rest}", "//evil.test"), "! t");
  EXPECT_EQ(Rest("/{rest}/evil.test", ""), "! t");
}

TEST(Captures, LabelsStandInAHostAsAWhole) {
  EXPECT_EQ(Host("https://{1}.n.example", "a"), "https://a.n.example");
  EXPECT_EQ(Host("https://{1}.n.example{rest}", "a.b", "/x"), "https://a.b.n.example/x");
  EXPECT_EQ(Host("https://{1}.n.example/{rest}", "a", "/x"), "https://a.n.example/x");
  EXPECT_EQ(Host("https://www.{1}.n.example:8443/", "a_b-c"), "https://www.a_b-c.n.example:8443/");
  EXPECT_EQ(Host(" //{1|lower}.n.example/", "A"), "//a.n.example/");
  EXPECT_EQ(Host("https://{1}.n.example/{1}?x={1}", "a"), "https://a.n.example/a?x=a");
  EXPECT_EQ(Host("/x/{1}?x={+1}", "a"), "! t");
  EXPECT_EQ(Host("/x/{1}", "a&b"), "/x/a%26b");
  EXPECT_EQ(Host("/x/{1}", ".."), "! 1");
  for (const char* labels : {"", ".", "a.", ".a", "a..b", "a/b", "a\\b", "a@b", "a:1", "a b", "a?b",
                             "a#b", "a%2eb", "a,b", "[a]", "\xC3\xBC"}) {
    EXPECT_EQ(Host("https://{1}.n.example/", labels), "! 1") << labels;
  }
  for (const char* target :
       {"https://{1}", "https://{1}/", "https://{1}.", "https://{1}.{rest}", "https://n.{1}/",
        "https://x{1}.n.example/", "https://{1}x.n.example/", "https://{1}n.example",
        "https://{1}:80.n.example/", "https://n.example:{1}.5/", "https://u@{1}.n.example/",
        "https://{1}.n.example@e.example/", "https://{1}.{1}.n.example/",
        "https://{1}.n{rest}.example/", "{1}.n.example:/", "{1}://n.example/",
        "https://{+1}.n.example/", "https://n.example{1}", "//{1}"}) {
    const bool is_relative = std::string_view(target).starts_with('{');
    if (!is_relative) {
      EXPECT_EQ(Host(target, "a"), "! t") << target;
    }
    EXPECT_NE(MisplacedPlaceholder(target, kHostAndRest), "") << target;
  }
}

TEST(Captures, OnlyLabelsStandInAHost) {
  EXPECT_EQ(Fill("https://{v}.n.example/", "a"), "! t");
  EXPECT_EQ(Capture("https://{1}.n.example/", {"a"}), "! t");
  EXPECT_EQ(Rest("https://{rest}.n.example/", ""), "! t");
}

TEST(Captures, HostAfterPlaceholder) {
  EXPECT_EQ(HostAfterPlaceholder("https://{1}.n.example:8443{rest}"), ".n.example:8443");
  EXPECT_EQ(HostAfterPlaceholder(" //www.{1}.n.example/x"), ".n.example");
  for (const char* target : {"https://n.example{rest}", "/{1}.n.example/",
                             "https://n.example/{1}.x", "https://n.example", "{1}.n.example/"}) {
    EXPECT_EQ(HostAfterPlaceholder(target), std::nullopt) << target;
  }
}

TEST(Placeholders, LowerIsTheOnlyTransformation) {
  EXPECT_EQ(Fill("/{v|lower}?a={v|lower}#{v|lower}", "A\xC3\x9C/%C3"),
            "/a%C3%9C%2F%25c3?a=a%C3%9C%2F%25c3#a%C3%9C%2F%25c3");
  EXPECT_EQ(Fill("/{+v|lower}", "A/B"), "/a/b");
  EXPECT_EQ(Capture("/{1|lower}", {"A%C3%9C/B"}), "/a%C3%9C/b");
  EXPECT_EQ(Capture("/{1|lower}/x", {".."}), "! 1");
  for (const char* text : {"/{v|upper}", "/{v|}", "/{v|Lower}", "/{v|lower|lower}", "/{|lower}"}) {
    EXPECT_EQ(Fill(text, "x"), text);
  }
  EXPECT_EQ(UnknownTransformation("/{a}/{b|lower}/{c|upper}"), "{c|upper}");
  EXPECT_EQ(UnknownTransformation("/{+c|}"), "{+c|}");
  for (const char* text : {"/{a|lower}", "/{|x}", "/a|b", "/{a", "/?q={\"a|b\"}"}) {
    EXPECT_EQ(UnknownTransformation(text), "") << text;
  }
}

// The length of the text must not grow with the product of the target's and the value's lengths.
TEST(Placeholders, TheTextStaysBounded) {
  std::string target;
  for (int i = 0; i < 16000; ++i) target += "/{v}";
  Parameters parameters;
  parameters["v"] = std::string(8000, ' ');
  std::vector<ValueFault> faults;
  EXPECT_EQ(FillPlaceholders(target, Values(parameters), faults), "");
  EXPECT_THAT(Texts(faults), ElementsAre(": at most 65536 octets with its values"));
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
}  // namespace fingerpost::decide
