// What each format says, and what a policy says for it. tests/formats/run compares with the
// programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/formats/imported.h"

namespace fingerpost::policy::formats {
namespace {

using ::testing::HasSubstr;

class Readers : public ::testing::TestWithParam<Row> {};

TEST_P(Readers, SayItAsAPersonWould) {
  EXPECT_THAT(ImportOf(GetParam()), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Csv, Readers,
    ::testing::Values(
        Row{"csv", "/a,/b\n",
            "match: {path: /a}\n    intent: {purpose: permanent_move, target: /b"},
        Row{"csv", "/a,/b\n", "file: note: rows have no code; they are 301"},
        Row{"csv", "/a,/b,302\n", "purpose: temporary_move"},
        Row{"csv", "/a;/b;302;;;\r\n", "purpose: temporary_move"},
        Row{"csv", "\xEF\xBB\xBFRedirect from\tRedirect to\n/a\t/b\n", "path: /a"},
        Row{"csv", "sep=|\nold url|new url|type\n/a|/b|Temporary\n", "purpose: temporary_move"},
        Row{"csv", "\"/a,b\",\"/c\"\"d\"\n", "path: \"/a,b\""},
        Row{"csv", "https://a.example/x?id=1,/b\n",
            "match: {hosts: [a.example], path: /x, query: [{name: id, equals: \"1\"}]}"},
        Row{"csv", "source,target,regex\n^/a/(.*)$,/b/$1,1\n", "path_regex: \"/a/(.*)\""},
        Row{"csv", "/a,,410\n", "purpose: gone"},
        Row{"csv", "source,target,weight\n/a,/b,3\n",
            "file:1: note: the column \"weight\" is unknown"},
        Row{"csv", "source,source\n/a,/b\n", "file:1: skipped: the header names not one column"},
        Row{"csv", "source,target,enabled\n/a,/b,0\n", "file:2: skipped: is not enabled"},
        Row{"csv", "/a,/b,404\n", "file:1: skipped: has a target and the code 404"},
        Row{"csv", "/a,/b,301,x\n", "file:1: skipped: has 4 fields instead of 3"},
        Row{"csv", "/a\n", "file:1: skipped: has no target"},
        Row{"csv", "/a,\"/b\n", "file:1: skipped: has a quote that does not end"},
        Row{"csv", "/a#b,/c\n", "file:1: skipped: its source has a fragment"},
        Row{"csv", "/a,/b\n/a,/c\n", "file:2: skipped: can never answer: line 1 comes first"}));

INSTANTIATE_TEST_SUITE_P(
    ApacheJumps, Readers,
    ::testing::Values(
        Row{"apache",
            "RewriteEngine on\nRewriteRule ^/a$ /b [C]\nRewriteRule ^/c$ /d [R=301]\n"
            "RewriteRule ^/e$ /f [R=301]\n",
            "file:3: skipped: is reached only where the rule of line 2 matches"},
        Row{"apache",
            "RewriteEngine on\nRewriteRule ^/a$ /b [C]\nRewriteRule ^/b$ /c [C]\n"
            "RewriteRule ^/c$ /d [R=301]\nRewriteRule ^/e$ /f [R=301]\n",
            "file:4: skipped: is reached only where the rule of line 3 matches"},
        Row{"apache",
            "RewriteEngine on\nRewriteRule ^/a$ /b [C]\nRewriteRule ^/c$ /d [R=301]\n"
            "RewriteRule ^/e$ /f [R=301]\n",
            "path: /e"},
        Row{"apache",
            "RewriteEngine on\nRewriteRule ^/a - [S=2]\nRewriteRule ^/c$ /d [R=301]\n"
            "RewriteRule ^/e$ /f [R=301]\nRewriteRule ^/g$ /h [R=301]\n",
            "file:4: skipped: is reached only where the rule of line 2 does not match"},
        Row{"apache",
            "RewriteEngine on\nRewriteRule ^/a - [S=1]\nRewriteRule ^/c$ /d [R=301]\n"
            "RewriteRule ^/e$ /f [R=301]\n",
            "path: /e"},
        Row{"apache", "RewriteEngine on\nRewriteRule ^/a$ /b [R=301,N]\n",
            "file:2: skipped: has the flag N"},
        Row{"apache",
            "RewriteEngine on\nRewriteCond %{HTTP_HOST} ^a\\.example$\n"
            "RewriteCond %{HTTP_HOST} ^b\\.example$\nRewriteRule ^/a$ /b [R=301]\n",
            "file:4: skipped: can never answer: its conditions ask for two hosts at once"},
        Row{"apache",
            "RewriteEngine on\nRewriteCond %{HTTP_HOST} ^a\\.example$ [OR]\n"
            "RewriteCond %{HTTP_HOST} ^b\\.example$\nRewriteRule ^/a$ /b [R=301]\n",
            "hosts: [a.example, b.example]"},
        Row{"apache",
            "RewriteEngine on\nRewriteCond %{HTTP_HOST} ^a\\.example$ [OR]\n"
            "RewriteCond %{HTTP_HOST} ^b\\.example$\nRewriteCond %{HTTP_HOST} ^b\\.example$\n"
            "RewriteRule ^/a$ /b [R=301]\n",
            "hosts: [b.example]"}));

INSTANTIATE_TEST_SUITE_P(
    Odd, Readers,
    ::testing::Values(
        Row{"netlify.toml", "[[redirects]]\nfrom = \"/a\"\nto = \"/b\"\nquery = {id = 5}\n",
            "query: [{name: id, equals: \"5\"}]"},
        Row{"vercel",
            "{\"redirects\": [{\"source\": \"/\\uD83D\\uDE00\", \"destination\": \"/b\"}]}",
            "path: /%F0%9F%98%80"},
        Row{"vercel",
            "{\"redirects\": [{\"source\": \"/a\", \"destination\": \"/b?x=\\\\uD83D\\\\uDE00\"}]}",
            "\\uD83D"},
        Row{"gateway",
            "kind: HTTPRoute\nspec:\n  rules:\n    - matches: [{path: {type: Exact, value: /a}, "
            "method: get}]\n"
            "      filters: [{type: RequestRedirect, requestRedirect: {hostname: b.example}}]\n",
            "skipped: has the method \"get\""},
        Row{"gateway",
            "kind: HTTPRoute\nspec:\n  rules:\n    - matches: [{path: {type: Exact, value: /a}}]\n"
            "      filters: [{type: RequestRedirect, requestRedirect: {scheme: https, hostname: "
            "b.example, path:\n"
            "        {type: ReplaceFullPath, replaceFullPath: x}}}]\n",
            "skipped: has the path \"x\", which does not begin with \"/\""},
        Row{"nginx",
            "server { listen 80; server_name a.example; return 301 https://b.example$request_uri; "
            "}\n"
            "server { listen 443 ssl; server_name a.example; location = /x { return 301 /y; } }\n",
            "file:2: changed: answers http, too, where line 1 comes first"},
        Row{"nginx",
            "server { listen 80; server_name a.example; return 301 https://b.example$request_uri; "
            "}\n"
            "server { listen 443 ssl; server_name a.example; location = /x { return 301 /y; } }\n",
            "path: /x}"},
        Row{"nginx",
            "server { listen 80; server_name a.example; return 301 https://b.example$request_uri; "
            "}\n"
            "server { listen 443 ssl; server_name a.example; return 301 "
            "https://c.example$request_uri; }\n",
            "file:2: skipped: is for https, and line 1, which is for http, comes first"},
        Row{"nginx",
            "map $request_uri $raw { \"~^(?<p>[^?]*)\" $p; }\nserver { listen 80; listen 443 ssl;\n"
            "if ($raw ~ \"^/a%2Fb(/.*)?$\") { return 308 https://b.example$1$is_args$args; } }\n",
            "path_regex: \"/a%2Fb"},
        Row{"nginx",
            "server { listen 80; listen 443 ssl;\nif ($uri = /keep) { break; }\n"
            "if ($uri ~ ^/k) { return 301 /b; } }\n",
            "pass: true"}));

INSTANTIATE_TEST_SUITE_P(
    CloudflareCsv, Readers,
    ::testing::Values(
        Row{"cloudflare-csv", "a.example/x,https://b.example/y\n",
            "match: {hosts: [a.example], path: /x}"},
        Row{"cloudflare-csv", "a.example/x,https://b.example/y,302,TRUE,TRUE,TRUE,TRUE\n",
            "match: {hosts: [.a.example], path_prefix: /x}"},
        Row{"cloudflare-csv", "a.example/x,https://b.example/y?q=1,,,,true,true\n",
            "target: \"https://b.example/y{rest}?q=1\""},
        Row{"cloudflare-csv", "http://a.example/x,https://b.example/y\n",
            "file:1: changed: answers http and https alike, not http only"},
        Row{"cloudflare-csv", "/x,https://b.example/y\n",
            "file:1: skipped: its source has no host"},
        Row{"cloudflare-csv", "a.example/x?q,https://b.example/y\n",
            "skipped: its source has a query"},
        Row{"cloudflare-csv", "a.example/x,/y\n", "skipped: its target is no URL"},
        Row{"cloudflare-csv", "a.example/x,https://b.example/,303\n",
            "skipped: \"303\" is no code"},
        Row{"cloudflare-csv", "a.example/x,https://b.example/,301,maybe\n",
            "neither TRUE nor FALSE"},
        Row{"cloudflare-csv", "a.example/x,https://b.example/,301,,,,,,x\n", "has 9 fields"}));

INSTANTIATE_TEST_SUITE_P(
    Nginx, Readers,
    ::testing::Values(
        Row{"nginx", "location = /a { return 301 /b; }", "match: {path: /a}"},
        Row{"nginx", "location /a/ { return 301 https://b.example$request_uri; }",
            "target: \"https://b.example/{path}\""},
        Row{"nginx", "rewrite ^/a/(.*)$ /b/$1 permanent;", "path_regex: \"/a/(.*)\""},
        Row{"nginx", "rewrite ^/a/?$ /b redirect;", "match: {path: /a}"},
        Row{"nginx",
            "server { listen 80; server_name a.example; return 301 https://$host$request_uri; }",
            "- hosts: [a.example]\n    defaults: {require_https: true}"},
        Row{"nginx", "server { server_name .a.example; return 301 https://b.example$request_uri; }",
            "match: {hosts: [.a.example], path_prefix: /}"},
        Row{"nginx", "map $uri $to { /a /b; } server { if ($to) { return 302 $to; } }",
            "purpose: temporary_move, target: /b"},
        Row{"nginx", "/a /b;\n~^/c/(.*) /d/$1;\n", "target: \"/d/{1}\""},
        Row{"nginx", "if ($arg_id = 7) { return 301 /b; }", "query: [{name: id, equals: \"7\"}]"},
        Row{"nginx", "location ~ ^/a/x { root /x; }\nlocation /a/ { return 301 /b; }",
            "pass: true"},
        Row{"nginx", "rewrite ^/a$ /b last;", "file:1: skipped: rewrites the path within nginx"},
        Row{"nginx", "return 301 https://b.example/$foo;", "file:1: skipped: its target has $foo"},
        Row{"nginx", "if ($foo ~ x) { return 301 /b; }",
            "file:1: skipped: the policy does not have"},
        Row{"nginx", "location = /a { return 301 /b; }\nlocation = /c {\n",
            "file:3: skipped: the file ends"},
        Row{"nginx", "location = /a { return 301 \"/b; }\n",
            "file:1: skipped: a quote does not end"},
        Row{"nginx", "location = /a { return 301 /b }\n", "skipped: a directive has no \";\""},
        Row{"nginx", "}\n", "file:1: skipped: a \"}\" closes no block"},
        Row{"nginx", "include /etc/nginx/x.conf;\n", "leaves the directory of the file"},
        Row{"nginx", "include ../x.conf;\n", "leaves the directory of the file"},
        Row{"nginx", "return 301 https://b.example$request_uri;",
            "its target is matched by it again, for ever; name the hosts that moved with --host"}));

INSTANTIATE_TEST_SUITE_P(
    Apache, Readers,
    ::testing::Values(
        Row{"apache", "Redirect permanent /a https://b.example/x\n", "match: {path_prefix: /a}"},
        Row{"apache", "Redirect permanent /a https://b.example/x\n", "query: {mode: keep}"},
        Row{"apache", "Redirect /a/ /b/\n", "path_regex: \"/a/(.*)\""},
        Row{"apache", "Redirect gone /a\n", "purpose: gone"},
        Row{"apache", "RedirectMatch 301 ^/a/(.*)\\.php$ /b/$1\n", "path_regex: '/a/(.*)\\.php'"},
        Row{"apache", "RewriteEngine On\nRewriteRule ^/a$ /b? [R=301,L]\n", "target: /b"},
        Row{"apache", "RewriteEngine On\nRewriteRule ^/a$ /b [R=301,L,NC]\n", "(?i)/a"},
        Row{"apache",
            "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^(www\\.)?a\\.example$ [NC]\n"
            "RewriteRule ^ https://b.example/ [R=301,L]\n",
            "hosts: [a.example, www.a.example]"},
        Row{"apache",
            "<VirtualHost *:80>\nServerName a.example\nRewriteEngine On\n"
            "RewriteCond %{HTTPS} off\n"
            "RewriteRule (.*) https://%{HTTP_HOST}$1 [R=301,L]\n</VirtualHost>\n",
            "defaults: {require_https: true}"},
        Row{"apache", "/a /b a comment\n/c /d\n", "match: {path: /c}"},
        Row{"apache", "RewriteRule ^/a$ /b [R]\n", "file:1: skipped: RewriteEngine is not on"},
        Row{"apache", "RewriteEngine On\nRewriteRule ^/a$ /b [L]\n",
            "file:2: skipped: does not redirect"},
        Row{"apache", "RewriteEngine On\nRewriteCond %{TIME_HOUR} >7\nRewriteRule ^/a$ /b [R]\n",
            "file:3: skipped: the policy does not have the condition %{TIME_HOUR} >7"},
        Row{"apache", "RewriteEngine On\nRewriteRule !^/a$ /b [R]\n",
            "answers what its pattern does not"},
        Row{"apache", "Redirect / https://b.example\n", "joins its target and the path without"},
        Row{"apache", "Redirect 403 /a\n", "file:1: skipped: answers with 403"},
        Row{"apache", "Redirect permanent \"/a\n", "file:1: skipped: a quote does not end"},
        Row{"apache", "<VirtualHost *:80>\nRedirect /a /b\n",
            "file:1: skipped: <VirtualHost> does not end"},
        Row{"apache", "</VirtualHost>\n", "file:1: skipped: </VirtualHost> closes nothing"},
        Row{"apache", "Include ../x.conf\n", "leaves the directory of the file"}));

INSTANTIATE_TEST_SUITE_P(
    Others, Readers,
    ::testing::Values(
        Row{"haproxy", "/a /b\n", "purpose: temporary_move, target: /b"},
        Row{"haproxy", "a.example/x /b\n", "match: {hosts: [a.example], path: /x}"},
        Row{"haproxy", "/a\n", "file:1: skipped: has a key without a value"},
        Row{"haproxy", "abc /b\n", "file:1: skipped: its source is neither a path nor a URL"},
        Row{"vercel", R"({"redirects": [{"source": "/a", "destination": "/b"}]})",
            "purpose: permanent_move, target: /b"},
        Row{"vercel", R"({"redirects": [{"source": "/a/:x*", "destination": "/b/:x*"}]})",
            "path_regex: \"/a(?:/(?P<x>(?:[^/]+)(?:/(?:[^/]+))*))?\""},
        Row{"vercel", R"({"redirects": [{"source": "/a", "destination": "/b", "has":
            [{"type": "cookie", "key": "c"}]}]})",
            "cookies: [{name: c}]"},
        Row{"vercel", "source,destination,permanent\n/a,/b,t\n", "permanent_move, target: /b"},
        Row{"vercel", "{\"source\": \"/a\", \"destination\": \"/b\"}\n",
            "temporary_move, target: /b"},
        Row{"vercel",
            R"({"redirects": [{"source": "/a", "destination": "/b", "statusCode": 200}]})",
            "file:1: skipped: 200 is no code"},
        Row{"vercel", "{\"redirects\": [\n{\"source\": \"/a\",\n", "file:"},
        Row{"vercel", "{}", "file: skipped: has no list \"redirects\""},
        Row{"netlify.toml", "[[redirects]]\nfrom = \"/a\"\nto = \"/b\"\nstatus = 302\n",
            "purpose: temporary_move, target: /b"},
        Row{"netlify.toml", "[[redirects]]\nfrom = \"/a\"\nto = \"/b\"\nquery = {x = \"1\"}\n",
            "query: [{name: x, equals: \"1\"}]"},
        Row{"netlify.toml", "[[redirects]]\nfrom = \"/a\"\n",
            "file:1: skipped: has no \"from\" or no"},
        Row{"netlify.toml", "[[redirects]]\nfrom = \"/a\n", "file:2: skipped: "},
        Row{"netlify.toml", "[build]\n", "file: skipped: has no [[redirects]]"}));

constexpr const char* kRoute = R"(# of a gateway
kind: Service
---
kind: HTTPRoute
spec:
  hostnames: [a.example, "*.b.example"]
  rules:
    - matches: [{path: {type: PathPrefix, value: /old}}]
      filters:
        - type: RequestRedirect
          requestRedirect:
            statusCode: 301
            path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}
    - matches: [{path: {type: Exact, value: /x}, headers: [{name: X-A, value: "1"}]}]
      filters:
        - type: RequestRedirect
          requestRedirect:
            scheme: https
            hostname: c.example
            path: {type: ReplaceFullPath, replaceFullPath: /y}
    - matches: [{path: {type: RegularExpression, value: "/r/.*"}}]
      filters:
        - {type: RequestRedirect, requestRedirect: {hostname: c.example}}
    - matches: [{path: {value: /old/app}}]
      backendRefs: [{name: app}]
---
kind: HTTPRoute
spec:
  hostnames: [plain.example]
  rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]}]
)";

constexpr const char* kMiddlewares = R"yaml(http:
  middlewares:
    moved:
      redirectRegex:
        regex: "^https?://old.example/(.*)"
        replacement: "https://new.example/${1}"
        permanent: true
    odd:
      redirectRegex: {regex: "^https?://(.*)/x", replacement: "https://y.example/${1}"}
    port:
      redirectScheme: {scheme: https, port: "8443"}
)yaml";

INSTANTIATE_TEST_SUITE_P(
    Manifests, Readers,
    ::testing::Values(
        Row{"gateway", kRoute,
            "path_prefix: /old}\n    intent: {purpose: permanent_move, target: \"/new{rest}\"}"},
        Row{"gateway", kRoute, "path: /x, fields: [{name: X-A, equals: \"1\"}]}"},
        Row{"gateway", kRoute, "purpose: temporary_move, target: https://c.example/y"},
        Row{"gateway", kRoute, "- hosts: [plain.example]\n    defaults: {require_https: true}"},
        Row{"gateway", kRoute, "hosts: [a.example, \"*.b.example\"]"},
        Row{"gateway", kRoute,
            "skipped: the policy does not have the path of a regular expression"},
        Row{"gateway", "kind: Service\n", "file: skipped: has no manifest that redirects"},
        Row{"gateway", "a: 1\n---\nkind: [\n", "skipped: "},
        Row{"traefik", kMiddlewares, "match: {hosts: [old.example], path_prefix: /}"},
        Row{"traefik", kMiddlewares, "target: \"https://new.example{rest}\""},
        Row{"traefik", kMiddlewares, "file:9: skipped: its pattern is not one of a scheme, a host"},
        Row{"traefik", kMiddlewares, "file:11: skipped: leads to another scheme than https, or to"},
        Row{"traefik",
            "kind: Middleware\nspec: {redirectScheme: {scheme: https, permanent: true}}\n",
            "require_https: true"},
        Row{"traefik", "a: 1\n", "file: skipped: has no manifest that redirects"}));

// Patterns are rules, and of these there are not very many.
TEST(ReadersFile, ManyRowsWithoutRegardToCaseStayExact) {
  std::string few = "/A /b;\n", many;
  for (int i = 0; i <= 1000; ++i) many += "/A" + std::to_string(i) + " /b;\n";
  EXPECT_THAT(ImportAs("nginx", few).policy, HasSubstr("path_regex: \"(?i)/A\""));
  const Imported imported = ImportAs("nginx", many);
  EXPECT_THAT(imported.rows, HasSubstr("/A1000,/b,301\n"));
  EXPECT_THAT(imported.report, HasSubstr("file:1: changed: answers its path in this case only"));
}

TEST(ReadersFile, AFieldWithQuotesIsOne) {
  std::string text = "\"/a\",\"/b?x=\"\"1\"\",2\"\n";
  for (int i = 0; i < 11; ++i) text += "/a" + std::to_string(i) + ",/b?y\n";
  EXPECT_THAT(ImportAs("csv", text).rows, HasSubstr("/a,\"/b?x=\"\"1\"\",2\",301\n"));
}

TEST(ReadersFile, AWordIsBounded) {
  const std::string large(size_t{100} << 20, 'x');
  EXPECT_EQ(ImportAs("nginx", "/a /b;\n/c /" + large + ";\n").report,
            "file: note: the rows of a map do not say their code; it is 301\n"
            "file:2: skipped: a word is longer than 65536 octets; correct it (nginx -t); what "
            "follows was not imported\n");
  EXPECT_EQ(ImportAs("apache", "Redirect /a /" + large + "\n").report,
            "file:1: skipped: is longer than 65536 octets; shorten its URLs\n");
  EXPECT_THAT(ImportAs("vercel", "[\"" + large + "\"]").report,
              HasSubstr("file: skipped: is larger than 8 MiB"));
  EXPECT_THAT(ImportAs("netlify.toml", "a = \"" + large + "\"").report,
              HasSubstr("file: skipped: is longer than 8 MiB"));
}

// A column of patterns may be hostile, too.
TEST(ReadersFile, ALongPatternIsBounded) {
  const Imported imported =
      ImportAs("apache", "RedirectMatch ^/" + std::string(2000, 'a') + "+$ /b\n");
  EXPECT_THAT(imported.report, HasSubstr("file:1: skipped: its pattern is longer than 1024"));
}

}  // namespace
}  // namespace fingerpost::policy::formats
