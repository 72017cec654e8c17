// 404, 410 and 451, of which a target is no part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/formats/imported.h"

namespace fingerpost::policy::formats {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class BareCodes : public ::testing::TestWithParam<Row> {};

TEST_P(BareCodes, AreAnswersOrTold) {
  EXPECT_THAT(ImportOf(GetParam()), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Csv, BareCodes,
    ::testing::Values(Row{"csv", "/a,,404\n", "path: /a}\n    intent: {purpose: not_found}"},
                      Row{"csv", "/a,,410\n", "intent: {purpose: gone}"},
                      Row{"csv", "/a,,451\n", "intent: {purpose: unavailable_for_legal_reasons}"},
                      Row{"csv", "/a,,Not found\n", "purpose: not_found"},
                      // The code may be the one that a crawler got.
                      Row{"csv", "/a,/b,404\n", "file:1: skipped: has a target and the code 404"},
                      Row{"csv", "/a,/b,410\n", "file:1: skipped: has a target and the code 410"},
                      Row{"csv", "/a,,301\n", "file:1: skipped: has no target"},
                      Row{"csv", "/a,/b,403\n", "file:1: skipped: \"403\" is no code"}));

INSTANTIATE_TEST_SUITE_P(
    Nginx, BareCodes,
    ::testing::Values(
        Row{"nginx", "location = /a { return 404; }",
            "path: /a}\n    intent: {purpose: not_found}"},
        Row{"nginx", "location = /a { return 451; }", "purpose: unavailable_for_legal_reasons"},
        Row{"nginx", "location ~ ^/a/ { return 410 \"It is gone.\"; }",
            "file:1: changed: 410 has the policy's content, not the text"},
        Row{"nginx", "if ($arg_id = 7) { return 404; }",
            "query: [{name: id, equals: \"7\"}]}\n    intent: {purpose: not_found}"},
        Row{"nginx", "location = /a/x { return 403; }\nlocation /a/ { return 301 /b; }",
            "pass: true"},
        // What certbot writes: over https the host answers.
        Row{"nginx",
            "server { listen 80; server_name a.example; location = /x { return 301 /y; }\n"
            "return 404; }",
            "file:2: note: answers whatever else http asks for with 404"}));

INSTANTIATE_TEST_SUITE_P(
    Apache, BareCodes,
    ::testing::Values(Row{"apache", "Redirect 404 /a\n",
                          "path_prefix: /a}\n    intent: {purpose: not_found}"},
                      Row{"apache", "Redirect gone /a\n", "purpose: gone"},
                      Row{"apache", "Redirect 451 /a\n", "purpose: unavailable_for_legal_reasons"},
                      Row{"apache", "RedirectMatch 404 /\\.git\n",
                          "path_regex: '.*/\\.git.*'}\n    intent: {purpose: not_found}"},
                      Row{"apache", "RedirectMatch 451 ^/a$\n",
                          "path: /a}\n    intent: {purpose: unavailable_for_legal_reasons}"},
                      Row{"apache", "RewriteEngine On\nRewriteRule ^/a$ - [R=404]\n",
                          "path: /a}\n    intent: {purpose: not_found}"},
                      Row{"apache", "RewriteEngine On\nRewriteRule ^/a$ /b [R=451,L]\n",
                          "purpose: unavailable_for_legal_reasons"},
                      Row{"apache", "RewriteEngine On\nRewriteRule ^/a$ - [G]\n", "purpose: gone"},
                      Row{"apache", "RewriteEngine On\nRewriteRule ^/a$ - [F]\n",
                          "file:2: skipped: does not redirect"},
                      Row{"apache", "Redirect 403 /a\n", "file:1: skipped: answers with 403"}));

INSTANTIATE_TEST_SUITE_P(
    Others, BareCodes,
    ::testing::Values(
        Row{"netlify", "/a /404.html 404!\n", "path: /a}\n    intent: {purpose: not_found}"},
        Row{"netlify", "/a /404.html 404!\n",
            "file:1: changed: 404 has the policy's content, not the page that the line names"},
        Row{"netlify", "/a /legal.html 451\n", "purpose: unavailable_for_legal_reasons"},
        // A file of that name is served; where there is none, the server says 404 itself.
        Row{"netlify", "/* /404.html 404\n",
            "file:1: skipped: serves another page with the status 404 where there is no file"},
        Row{"netlify.toml",
            "[[redirects]]\nfrom = \"/a\"\nto = \"/404.html\"\nstatus = 404\nforce = true\n",
            "purpose: not_found"},
        Row{"cloudflare-pages", "/a /404.html 404\n",
            "file:1: skipped: \"404\" is no status of Cloudflare Pages"},
        Row{"cloudflare-csv", "a.example/x,https://b.example/,410\n",
            "file:1: skipped: \"410\" is no code of Cloudflare"},
        Row{"vercel",
            R"({"redirects": [{"source": "/a", "destination": "/b", "statusCode": 404}]})",
            "file:1: skipped: 404 is no code of a redirect"},
        Row{"gateway",
            "kind: HTTPRoute\nspec:\n  rules:\n"
            "    - filters: [{type: RequestRedirect, requestRedirect: {statusCode: 404}}]\n",
            "skipped: the policy does not have the code 404"}));

// A policy does not know whether https is asked: a whole site that http does not have may be there.
TEST(BareCodesFile, TheRestOfAnHttpSiteIsLeftAlone) {
  const Imported http =
      ImportAs("nginx",
               "server { listen 80; server_name a.example; location = /x { return 301 /y; }\n"
               "location / { return 404; } }");
  EXPECT_THAT(http.policy, Not(HasSubstr("not_found")));
  const Imported https =
      ImportAs("nginx",
               "server { listen 443 ssl; server_name a.example; location = /x { return 301 /y; }\n"
               "location / { return 404; } }");
  EXPECT_THAT(https.policy, HasSubstr("path_prefix: /}\n    intent: {purpose: not_found}"));
}

TEST(BareCodesFile, ManyAreRowsWithoutATarget) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "/a" + std::to_string(i) + ",,404\n";
  EXPECT_THAT(ImportAs("csv", text).rows, HasSubstr("/a199,,404\n"));
}

}  // namespace
}  // namespace fingerpost::policy::formats
