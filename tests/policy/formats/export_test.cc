// A policy in another tool's file: what it says, what it reports, and that importing it gives the
// same answers. tests/formats/run asks the real programs.
#include <gmock/gmock.h>

#include "policy/formats/exported.h"

namespace fingerpost::policy::formats {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Rule(const std::string& match, const std::string& intent) {
  return "defaults: {allowed_hosts: [b.example]}\nrules:\n  - id: one\n    match: {" + match +
         "}\n    " + intent + "\n";
}
const std::string kMove = "intent: {purpose: permanent_move, target: /b}";
const std::string kDrop = "intent: {purpose: permanent_move, target: /b, query: {mode: drop}}";
const std::string kKeep = "intent: {purpose: permanent_move, target: /b, query: {mode: keep}}";

struct Said {
  const char* format;
  std::string policy;
  const char* expected;  // A part of the file or of the report.
};

std::ostream& operator<<(std::ostream& out, const Said& said) {
  return out << said.format << ": " << said.policy;
}

class Exports : public ::testing::TestWithParam<Said> {};

TEST_P(Exports, SayOrReport) {
  const PolicyFiles files(GetParam().policy);
  const ExportedFile file = ExportOf(GetParam().format, files);
  EXPECT_THAT(file.text + file.report, HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    CloudflareCsv, Exports,
    ::testing::Values(
        Said{"cloudflare-csv",
             Rule("hosts: [a.example], path: /a",
                  "intent: {purpose: permanent_move, target: \"https://b.example/x\"}"),
             "a.example/a,https://b.example/x,308,FALSE,FALSE,FALSE,FALSE\n"},
        Said{"cloudflare-csv",
             Rule("hosts: [.a.example], path_prefix: /a",
                  "intent: {purpose: temporary_move, target: \"https://b.example/x{rest}\"}"),
             "a.example/a,https://b.example/x,307,TRUE,TRUE,TRUE,TRUE\n"},
        Said{"cloudflare-csv", Rule("hosts: [a.example], path: /a", kMove),
             "site.yaml:3: changed: leads to https, where the policy keeps the request's scheme"},
        Said{"cloudflare-csv", Rule("path: /a", kMove), "site.yaml:3: skipped: names no host"},
        Said{"cloudflare-csv", Rule("hosts: [a.example], path: /a", "intent: {purpose: gone}"),
             "site.yaml:3: skipped: answers with 410; Cloudflare has 301, 302, 307 and 308"},
        Said{"cloudflare-csv", Rule("hosts: [a.example], path: /a", "pass: true"),
             "site.yaml:3: skipped: leaves requests alone"},
        Said{"cloudflare-csv", Rule("hosts: [a.example], path: /a, trailing_slash: either", kDrop),
             "a.example/a/,https://a.example/b,308"}));

INSTANTIATE_TEST_SUITE_P(
    Netlify, Exports,
    ::testing::Values(
        Said{"netlify", Rule("path: /a, trailing_slash: either", kKeep), "/a /b 308!\n"},
        Said{"netlify", Rule("path: /a", kKeep),
             "site.yaml:3: changed: answers the path with another last slash, too"},
        Said{"netlify", Rule("path: /a", kDrop),
             "site.yaml:3: changed: passes the request's query on"},
        Said{"netlify",
             Rule("path_prefix: /a",
                  "intent: {purpose: permanent_move, target: \"https://b.example/{rest}\"}"),
             "/a/* https://b.example/:splat 308!\n"},
        Said{"netlify", Rule("path_prefix: /a", "pass: true"), "/a/* /a/:splat 200\n"},
        Said{"netlify",
             Rule("path_regex: \"/n/(?P<year>[^/]+)/([^/]+)/?\"",
                  "intent: {purpose: campaign, target: \"/m/{2}/{year}\"}"),
             "/n/:year/:v2 /m/:v2/:year 302!\n"},
        Said{"netlify",
             Rule("path_glob: \"/g/*/x\"", "intent: {purpose: permanent_move, target: \"/h/{1}\"}"),
             "/g/:v1/x /h/:v1 308!\n"},
        Said{"netlify", Rule("path_regex: \"/n/[0-9]+\"", kMove),
             "site.yaml:3: skipped: has a pattern of other parts than whole segments"},
        Said{"netlify", Rule("path: /a, query: [{name: id, equals: \"5\"}]", kKeep),
             "/a id=5 /b 308!\n"},
        Said{"netlify", Rule("path: /a, cookies: [{name: beta}]", kKeep),
             "/a /b 308! Cookie=beta\n"},
        Said{"netlify", Rule("path: /a, fields: [{name: X}]", kKeep),
             "site.yaml:3: skipped: looks at a field"},
        Said{"netlify", Rule("path: /a, methods: [POST]", kKeep),
             "site.yaml:3: skipped: asks for a method"},
        Said{"netlify", Rule("path: \"/caf%C3%A9\"", kKeep), "/café /b 308!\n"},
        Said{"netlify", Rule("path: \"/a%20b\"", kKeep),
             "site.yaml:3: skipped: has characters in its path"},
        Said{"netlify",
             Rule("hosts: [a.example], path_prefix: /",
                  "intent: {purpose: permanent_move, target: \"https://b.example{rest}\"}"),
             "http://a.example/* https://b.example/:splat 308!\nhttps://a.example/* "
             "https://b.example/:splat 308!\n"},
        Said{"netlify", Rule("path: /a, share: {percent: 5, sticky_key: {cookie: id}}", kKeep),
             "site.yaml:3: skipped: has match.share"},
        Said{"netlify",
             "defaults: {compatibility: legacy}\nrules: [{id: one, match: {path: /a}, intent: "
             "{purpose: permanent_move, target: /b}}]\n",
             "site.yaml:2: changed: answers every method with 301, not the others with 308"}));

INSTANTIATE_TEST_SUITE_P(
    Nginx, Exports,
    ::testing::Values(
        Said{"nginx", Rule("path: /a", kDrop),
             "if ($uri = \"/a\") { set $fingerpost_fresh \"max-age=86400\"; return 308 \"/b\"; }"},
        Said{"nginx", Rule("path: /a", kKeep), "return 308 \"/b$is_args$args\""},
        Said{"nginx", Rule("path: \"/a%2Fb\"", kDrop), "if ($fingerpost_path = \"/a%2Fb\")"},
        Said{"nginx",
             Rule("path_prefix: /a",
                  "intent: {purpose: permanent_move, target: \"https://b.example{rest}\"}"),
             "if ($fingerpost_path ~ \"^/a(/.*)?$\")"},
        Said{"nginx",
             Rule("hosts: [a.example], path_prefix: /",
                  "intent: {purpose: permanent_move, target: \"https://b.example{rest}\"}"),
             "return 308 \"https://b.example$request_uri\""},
        Said{"nginx", Rule("path_prefix: /a", "pass: true"), "{ break; }"},
        Said{"nginx", Rule("path: /a", "intent: {purpose: gone}"), "return 410;"},
        Said{"nginx", Rule("path_regex: \"[^?]*[.]php\"", kDrop), "return 308 \"/b\""},
        Said{"nginx", Rule("path: /a, fields: [{name: X-Beta, equals: \"1\"}]", kDrop),
             "if ($http_x_beta = \"1\")"},
        Said{"nginx", Rule("path: /a, fields: [{name: X-Beta, equals: \"1\"}]", kDrop),
             "set $fingerpost_vary \"X-Beta\""},
        Said{"nginx", Rule("path: /a, methods: [POST]", kDrop),
             "if ($request_method ~ \"^(?:POST)$\")"},
        Said{"nginx", Rule("path: /a", "intent: {purpose: campaign, target: /b}"),
             "site.yaml:3: changed: leaves other methods to the site"},
        Said{"nginx", Rule("path: /a, query: [{name: \"a b\"}]", kDrop),
             "site.yaml:3: skipped: has a condition on the query"},
        Said{"nginx", "defaults: {require_https: true}\n",
             "if ($scheme = http) { return 308 https://$host$request_uri; }"},
        Said{"nginx",
             "defaults: {require_https: true}\nhosts: [{hosts: [plain.example], defaults: "
             "{require_https: false}}]\n",
             "site.yaml:1: skipped: require_https has exceptions (hosts[0], plain.example)"},
        Said{"nginx",
             "defaults: {require_https: true}\nhosts: [{hosts: [plain.example], defaults: "
             "{https_exempt: [/ping]}}]\n",
             "site.yaml:1: skipped: require_https has exceptions (hosts[0], plain.example)"},
        Said{"nginx",
             "defaults: {require_https: true}\nhosts: [{hosts: [plain.example], defaults: {query: "
             "{mode: keep}}}]\n",
             "if ($scheme = http) { return 308 https://$host$request_uri; }"},
        Said{"nginx",
             "hosts:\n  - {hosts: [.a.example], defaults: {require_https: true}}\n  - {hosts: "
             "[x.a.example], defaults: {query: {mode: keep}}}\n",
             "site.yaml:2: skipped: require_https has exceptions (hosts[1], x.a.example)"},
        Said{"nginx",
             "defaults: {compatibility: legacy}\nrules: [{id: one, match: {path: /a}, intent: "
             "{purpose: permanent_move, target: /b}}]\n",
             "if ($fingerpost_all = \"unsafe /a\") { set $fingerpost_fresh \"max-age=86400\"; "
             "return 308 \"/b\"; }"}));

INSTANTIATE_TEST_SUITE_P(
    Haproxy, Exports,
    ::testing::Values(
        Said{"haproxy", Rule("path: /a", kDrop),
             "http-request return status 308 hdr Location '/b' hdr Cache-Control 'max-age=86400' "
             "if { path -m str -- '/a' }"},
        Said{"haproxy",
             Rule("path_prefix: /a",
                  "intent: {purpose: permanent_move, target: \"https://b.example{rest}\"}"),
             "hdr Location 'https://b.example%[path,bytes(2)]"},
        Said{"haproxy", Rule("path: /a, case: insensitive", kDrop), "{ path -m str -i -- '/a' }"},
        Said{"haproxy", Rule("path: /a, methods: [POST]", kDrop), "{ method POST }"},
        Said{"haproxy",
             "defaults: {require_https: true}\nhosts: [{hosts: [plain.example], defaults: "
             "{require_https: false}}]\n",
             "site.yaml:1: skipped: require_https has exceptions (hosts[0], plain.example)"},
        Said{"haproxy", Rule("path: /a", "pass: true"),
             "http-request allow if { path -m str -- '/a' }"}));

INSTANTIATE_TEST_SUITE_P(
    Gateway, Exports,
    ::testing::Values(
        Said{"gateway", Rule("hosts: [.a.example], path: /a", kKeep), "    - \"*.a.example\"\n"},
        Said{"gateway",
             Rule("path_prefix: /a",
                  "intent: {purpose: permanent_move, target: \"https://b.example/x{rest}\"}"),
             "path: {type: ReplacePrefixMatch, replacePrefixMatch: /x}"},
        Said{"gateway", Rule("path: /a, methods: [GET]", kKeep), "          method: HEAD\n"},
        Said{"gateway", Rule("path: /a", "intent: {purpose: gone}"),
             "site.yaml:3: skipped: answers with 410"},
        Said{"gateway", Rule("path: /a", kDrop),
             "site.yaml:3: changed: passes the request's query on"},
        Said{"gateway", Rule("path: /a", "intent: {purpose: permanent_move, target: \"/b?x=1\"}"),
             "site.yaml:3: skipped: has a query or a fragment in its target"},
        Said{"gateway",
             Rule("path_glob: \"/g/*\"", "intent: {purpose: permanent_move, target: \"/h/{1}\"}"),
             "site.yaml:3: skipped: has a part of the path within its target"}));

// Of the policy as a whole.
TEST(Export, ReportsWhatIsNoRule) {
  const PolicyFiles files(
      "defaults: {canonical: {slash: remove}}\nintents: {done: {intent: {purpose: gone}}}\n"
      "rules: [{id: s, shadow: true, intent: {purpose: gone}}]\n");
  const ExportedFile file = ExportOf("netlify", files);
  EXPECT_THAT(file.report,
              HasSubstr("site.yaml:1: skipped: leads every other form of a URL to one"));
  EXPECT_THAT(file.report, HasSubstr("site.yaml: note: backends ask for its named intents"));
  EXPECT_THAT(file.report, HasSubstr("site.yaml:3: note: is in shadow mode and never answers"));
}

TEST(Export, RulesOnOneLineAreCountedOneByOne) {
  const auto policy = [](const std::string& one, const std::string& two) {
    return "rules: [{id: one, match: {path: /a}, " + one + "}, {id: two, match: {path: /c}, " +
           two + "}]\n";
  };
  EXPECT_EQ(ExportOf("nginx", PolicyFiles(policy(kMove, kMove))).written, 2U);
  const ExportedFile left = ExportOf(
      "gateway", PolicyFiles(policy("intent: {purpose: gone}", "intent: {purpose: gone}")));
  const std::string line = "site.yaml:1: skipped: answers with 410";
  const size_t first = left.report.find(line);
  ASSERT_NE(first, left.report.npos) << left.report;
  EXPECT_NE(left.report.find(line, first + 1), left.report.npos) << left.report;
}

TEST(Export, EveryRowOfAMapIsReported) {
  const PolicyFiles files(
      "maps: [{name: pages, file: pages.csv, intent: {purpose: campaign, window: {until: "
      "\"2030-01-01T00:00:00Z\"}}}]\n",
      "/a,/b\n/c,/d\n");
  const ExportedFile file = ExportOf("nginx", files);
  EXPECT_THAT(file.report, HasSubstr("pages.csv:1: skipped: has a window"));
  EXPECT_THAT(file.report, HasSubstr("pages.csv:2: skipped: has a window"));
  EXPECT_EQ(file.written, 0U);
}

TEST(Export, ADomainBesideItsHostIsAServerOfItsOwn) {
  const PolicyFiles files(
      "rules:\n"
      "  - {id: e, match: {hosts: [a.example], path: /go}, intent: {purpose: gone}}\n"
      "  - {id: t, match: {hosts: [.a.example], path: /t}, intent: {purpose: permanent_move, "
      "target: /u}}\n");
  EXPECT_THAT(ExportOf("nginx", files).text,
              AllOf(HasSubstr("server_name a.example;"), HasSubstr("server_name *.a.example;")));
}

TEST(Export, ManyRowsAreAMapOfNginx) {
  std::string rows;
  for (int i = 0; i < 1500; ++i)
    rows += "/old/" + std::to_string(i) + ",/new/" + std::to_string(i) + "\n";
  const PolicyFiles files("maps: [{name: pages, file: pages.csv}]\n", rows);
  const ExportedFile file = ExportOf("nginx", files);
  EXPECT_THAT(file.text, HasSubstr("map $uri $fingerpost_1_1 {\n  \"/old/0\" \"/new/0\";\n"));
  EXPECT_THAT(file.text, HasSubstr("if ($fingerpost_1_1) { set $fingerpost_fresh "
                                   "\"max-age=86400\"; return 308 $fingerpost_1_1; }"));
  EXPECT_THAT(file.report, HasSubstr("1400 more, the last of them here"));
  EXPECT_EQ(file.written, 1500U);
}

// There and back.
struct Trip {
  const char* format;
  const char* policy;
  const char* rows;
};

class RoundTrip : public ::testing::TestWithParam<Trip> {};

TEST_P(RoundTrip, AnswersAsBefore) {
  const PolicyFiles before(GetParam().policy, GetParam().rows);
  const ExportedFile file = ExportOf(GetParam().format, before);
  EXPECT_THAT(file.report, Not(HasSubstr("skipped")));
  Report report({"file"});
  Written written;
  for (const Format& format : Formats()) {
    if (format.name == GetParam().format)
      written = Convert({"site", {}}, {{&format, {"file", file.text}}}, report);
  }
  ASSERT_FALSE(written.files.empty());
  const PolicyFiles after("");
  for (const OutputFile& one : written.files) after.Write(one.name, one.content);
  const compiled::SnapshotPtr old_policy = before.Load();
  const compiled::SnapshotPtr new_policy = after.Load();
  ASSERT_TRUE(old_policy != nullptr && new_policy != nullptr)
      << file.text << written.files[0].content;
  size_t leads = 0;
  for (const std::string host : {"a.example", "old.example", "other.example"}) {
    for (const std::string path : {"/", "/one", "/two", "/gone", "/blog", "/blog/keep", "/blogs",
                                   "/team", "/n/2020/x", "/special", "/caf%C3%A9", "/Caps"}) {
      for (const std::string more : {"", "/", "/deeper", "x", "?q=1", "/deeper/Still?q=1&r"}) {
        const std::string url = "https://" + host + path + more;
        const std::string expected = AnswerTo(*old_policy, url);
        EXPECT_EQ(AnswerTo(*new_policy, url), expected) << url << "\n"
                                                        << file.text << report.Text();
        leads += expected == "pass" ? 0 : 1;
      }
    }
  }
  EXPECT_GT(leads, 5U);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, RoundTrip,
    ::testing::Values(
        Trip{"cloudflare-csv",
             "defaults: {allowed_hosts: [b.example]}\nrules:\n"
             "  - {id: blog, match: {hosts: [a.example], path_prefix: /blog}, intent: {purpose: "
             "permanent_move, target: \"https://b.example{rest}\"}}\n"
             "  - {id: keep, match: {hosts: [a.example], path_prefix: /blog/keep}, intent: "
             "{purpose: temporary_move, target: \"https://b.example/kept\"}}\n"
             "  - {id: all, match: {hosts: [.old.example], path_prefix: /}, intent: {purpose: "
             "permanent_move, target: \"https://b.example{rest}\"}}\n"
             "maps: [{name: pages, file: pages.csv}]\n",
             "https://a.example/one,https://b.example/uno,307\nhttps://old.example/special,https://"
             "b.example/s?x=1\n"},
        Trip{"netlify",
             "defaults: {allowed_hosts: [b.example], query: {mode: merge_target_wins}, "
             "trailing_slash: either}\nrules:\n"
             "  - {id: keep, match: {path_prefix: /blog/keep}, pass: true}\n"
             "  - {id: blog, match: {path_prefix: /blog}, intent: {purpose: permanent_move, "
             "target: \"https://b.example/{rest}\"}}\n"
             "  - {id: n, match: {path_regex: \"/n/(?P<year>[^/]+)/([^/]+)/?\"}, intent: {purpose: "
             "temporary_move, target: \"/m/{2}/{year}\"}}\n"
             "  - {id: all, match: {hosts: [old.example], path_prefix: /}, intent: {purpose: "
             "permanent_move, target: \"https://b.example/{rest}\"}}\n"
             "maps: [{name: pages, file: pages.csv}]\n",
             "/one,/uno,307\n/two,/zwei?x=1\nhttps://old.example/special,/sonder\n/caf%C3%A9,/"
             "coffee\n"},
        Trip{"nginx",
             "defaults: {allowed_hosts: [b.example]}\nrules:\n"
             "  - {id: keep, match: {path_prefix: /blog/keep}, pass: true}\n"
             "  - {id: blog, match: {path_prefix: /blog}, intent: {purpose: permanent_move, "
             "target: \"https://b.example/{rest}\"}}\n"
             "  - {id: team, match: {path_prefix: /team}, intent: {purpose: temporary_move, "
             "target: \"/people\", query: {mode: keep}}}\n"
             "  - {id: n, match: {path_regex: \"/n/(?P<year>[0-9]+)/([^/]+)\"}, intent: {purpose: "
             "permanent_move, target: \"/m/{2}?y={year}\"}}\n"
             "  - {id: gone, match: {path: /gone}, intent: {purpose: gone}}\n"
             "  - {id: caps, match: {path: /caps, case: insensitive}, intent: {purpose: "
             "permanent_move, target: /low}}\n"
             "  - {id: all, match: {hosts: [old.example], path_prefix: /}, intent: {purpose: "
             "permanent_move, target: \"https://b.example{rest}\"}}\n"
             "maps: [{name: pages, file: pages.csv}]\n",
             "/one,/uno,307\n/two,/zwei?x=1\nhttps://old.example/special,/sonder\n/caf%C3%A9,/"
             "coffee\n"},
        Trip{"gateway",
             "defaults: {allowed_hosts: [b.example], query: {mode: keep}}\nrules:\n"
             "  - {id: blog, match: {path_prefix: /blog}, intent: {purpose: permanent_move, "
             "target: \"https://b.example/x{rest}\"}}\n"
             "  - {id: keep, match: {path_prefix: /blog/keep}, intent: {purpose: temporary_move, "
             "target: /kept}}\n"
             "  - {id: team, match: {path: /team, query: [{name: q, equals: \"1\"}]}, intent: "
             "{purpose: permanent_move, target: /t}}\n"
             "  - {id: all, match: {hosts: [old.example], path_prefix: /}, intent: {purpose: "
             "permanent_move, target: \"https://b.example{rest}\"}}\n"
             "maps: [{name: pages, file: pages.csv}]\n",
             "/one,/uno,307\nhttps://old.example/special,/sonder\n/caf%C3%A9,/coffee\n"}),
    [](const auto& trip) {
      std::string name(trip.param.format);
      std::erase(name, '-');
      return name;
    });

}  // namespace
}  // namespace fingerpost::policy::formats
