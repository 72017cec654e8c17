// Hosts that stand for many: ".x" is x and all below it, "*.x" what is below x, in every format as
// its program has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/formats/exported.h"
#include "policy/formats/host_pattern.h"
#include "policy/formats/imported.h"

namespace fingerpost::policy::formats {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ManyHosts : public ::testing::TestWithParam<Row> {};

TEST_P(ManyHosts, AreThoseOfTheSource) {
  EXPECT_THAT(ImportOf(GetParam()), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Nginx, ManyHosts,
    ::testing::Values(
        Row{"nginx",
            "server { server_name *.a.example; return 301 https://b.example$request_uri; }",
            "match: {hosts: [\"*.a.example\"], path_prefix: /}"},
        Row{"nginx", "server { server_name .a.example; return 301 https://b.example$request_uri; }",
            "match: {hosts: [.a.example], path_prefix: /}"},
        Row{"nginx", "server { server_name www.a.*; return 301 https://b.example$request_uri; }",
            "file:1: skipped: the name www.a.* is a pattern of hosts"},
        Row{"nginx",
            "server { server_name ~^(?<sub>.+)\\.a\\.example$;\n"
            "return 301 https://$sub.b.example$request_uri; }",
            "target: \"https://{1}.b.example{rest}\""},
        Row{"nginx",
            "server { server_name ~^(?<sub>.+)\\.a\\.example$;\n"
            "return 301 https://$sub.b.example$request_uri; }",
            "allowed_hosts: [.b.example]"},
        Row{"nginx",
            "server { server_name \"~^(?<sub>[^.]+)\\.a\\.example$\";\n"
            "rewrite ^/x/(.*)$ https://b.example/$sub/$1 permanent; }",
            "path_regex: \"/x/(.*)\"}\n    intent: {purpose: permanent_move, target: "
            "\"https://b.example/{1}/{2}\""},
        Row{"nginx", "server { server_name \"~^(?<sub>[^.]+)\\.a\\.example$\"; return 301 /x; }",
            "file:1: changed: answers for a.b.a.example, too, where its pattern has one label"},
        Row{"nginx",
            "server { server_name ~^(?<sub>.+)\\.a\\.example$ c.example;\n"
            "return 301 https://$sub.b.example$request_uri; }",
            "file:2: skipped: its target has a part of the host, which not all of its hosts leave"},
        Row{"nginx",
            "server { server_name ~^(?<sub>.+)\\.a\\.example$;\n"
            "return 301 https://$sub.com$request_uri; }",
            "file:2: skipped: its target may lead to any host below com, where anybody may have"},
        Row{"nginx", "server { server_name ~^[0-9]+\\.a\\.example$; return 301 /x; }",
            "file:1: skipped: the name ~^[0-9]+\\.a\\.example$ is a pattern of hosts"},
        Row{"nginx", "server { server_name ~^shop\\d+\\.a\\.example$; return 301 /x; }",
            "file:1: skipped: the name ~^shop\\d+\\.a\\.example$ is a pattern of hosts"},
        Row{"nginx",
            "if ($host ~ ^(.+)\\.a\\.example$) { return 301 https://$1.b.example$request_uri; }",
            "match: {hosts: [\"*.a.example\"], path_prefix: /}"},
        Row{"nginx", "if ($host ~* ^(www\\.)?a\\.example$) { return 301 https://b.example/; }",
            "hosts: [a.example, www.a.example]"},
        Row{"nginx", "if ($host ~ ^shop) { return 301 https://b.example/; }",
            "file:1: skipped: the policy does not have the condition"},
        // The longest domain answers, wherever it stands.
        Row{"nginx",
            "server { server_name *.a.example; return 301 https://b.example/; }\n"
            "server { server_name c.a.example; return 301 https://d.example/; }\n",
            "match: {hosts: [c.a.example], path_prefix: /}"},
        Row{"nginx",
            "map $host $to { hostnames; *.a.example /b; c.a.example /d; }\n"
            "server { if ($to) { return 301 https://e.example$to; } }",
            "hosts: [\"*.a.example\"]"},
        Row{"nginx",
            "map $host $to { hostnames; *.a.example /b; c.a.example /d; }\n"
            "server { if ($to) { return 301 https://e.example$to; } }",
            "hosts: [c.a.example]"},
        Row{"nginx", "map $host $to { *.a.example /b; }\nserver { if ($to) { return 301 $to; } }",
            "file:1: skipped: its key is compared as it is, and no host is written so"},
        Row{"nginx",
            "map $host $to { ~^(?<sub>.+)\\.a\\.example$ https://$sub.b.example/; }\n"
            "server { if ($to) { return 301 $to; } }",
            "target: \"https://{1}.b.example/\""},
        // https_upgrade has no "*": x is taken out of ".x".
        Row{"nginx",
            "server { listen 80; server_name *.a.example; return 301 https://$host$request_uri; }",
            "- hosts: [.a.example]\n    defaults: {require_https: true}\n"
            "  - hosts: [a.example]\n    defaults: {require_https: false}\n"},
        Row{"nginx",
            "server { server_name .a.example; location = /x { return 301 https://$host/y; } }",
            "hosts: [\"*.a.example\"], path: /x}\n    intent: {purpose: permanent_move, target: "
            "\"https://{1}.a.example/y\""}));

INSTANTIATE_TEST_SUITE_P(
    Apache, ManyHosts,
    ::testing::Values(
        Row{"nginx",
            "server { server_name ~^(?<s>.+)\\.a\\.example$; rewrite ^/h/(?<s>.*)$ /i/$s "
            "permanent; }",
            "target: \"/i/{s}\""},
        Row{"nginx", "location / { try_files $uri @r; }\nlocation @r { return 302 /z; }",
            "file:2: skipped: redirects only what the server does not find"},
        Row{"apache", "Redirect /a /b\nErrorDocument 404 https://b.example/\n",
            "file:2: skipped: redirects only what the server does not find"},
        Row{"nginx",
            "server { server_name a.example;\nlocation /w { return 404;\n"
            "location = /w/ok { return 301 /ok; } location /w/k { return 410; } } }",
            "match: {hosts: [a.example], path: /w/ok}"},
        Row{"apache",
            "<VirtualHost *:443>\nServerName c.a.example\nRedirect /x /c\n</VirtualHost>\n"
            "<VirtualHost *:443>\nServerAlias *.a.example\nRedirect / https://b.example/\n"
            "</VirtualHost>\n",
            "match: {hosts: [c.a.example], path_prefix: /}\n"
            "    description: It is served without a redirect."},
        Row{"apache",
            "<VirtualHost *:443>\nServerAlias *.a.example\nRedirect /x https://b.example/\n"
            "</VirtualHost>\n"
            "<VirtualHost *:443>\nServerName c.a.example\nRedirect /d /e\n</VirtualHost>\n",
            "file:7: skipped: can never answer: line 1 comes first"},
        Row{"apache",
            "<VirtualHost *:443>\nServerName a.example\nServerAlias *.a.example\n"
            "Redirect /x https://b.example/y\n</VirtualHost>\n",
            "hosts: [a.example, \"*.a.example\"]"},
        Row{"apache",
            "<VirtualHost *:443>\nServerName a.example\nServerAlias w*.a.example\n"
            "Redirect /x https://b.example/y\n</VirtualHost>\n",
            "skipped: the name w*.a.example is a pattern of hosts"},
        Row{"apache",
            "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^(.+)\\.a\\.example$ [NC]\n"
            "RewriteRule ^/x/(.*)$ https://%1.b.example/$1 [R=301,L]\n",
            "match: {hosts: [\"*.a.example\"], path_regex: \"/x/(.*)\"}\n    intent: {purpose: "
            "permanent_move, target: \"https://{1}.b.example/{2}\"}"},
        Row{"apache",
            "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^(.+)\\.a\\.example$\n"
            "RewriteCond %{HTTPS} off\nRewriteRule ^/x$ https://%1.b.example/ [R=301,L]\n",
            "file:4: skipped: its target has a group of a condition (%1)"},
        Row{"apache",
            "RewriteEngine On\nRewriteCond %{HTTP_HOST} \\.a\\.example$\n"
            "RewriteCond %{HTTP_HOST} ^c\\.a\\.example$\nRewriteRule ^/x$ /y [R=301,L]\n",
            "hosts: [c.a.example]"},
        Row{"apache",
            "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^w+\\.a\\.example$\n"
            "RewriteRule ^/x$ /y [R=301,L]\n",
            "file:3: skipped: the policy does not have the condition %{HTTP_HOST}"}));

INSTANTIATE_TEST_SUITE_P(
    Others, ManyHosts,
    ::testing::Values(
        Row{"gateway",
            "kind: HTTPRoute\nspec:\n  hostnames: [\"*.a.example\"]\n  rules:\n"
            "    - matches: [{path: {type: Exact, value: /x}}]\n"
            "      filters: [{type: RequestRedirect, requestRedirect: {scheme: https, "
            "path: {type: ReplaceFullPath, replaceFullPath: /y}}}]\n",
            "target: \"https://{1}.a.example/y\""},
        Row{"gateway",
            "kind: HTTPRoute\nspec:\n  hostnames: [\"*.a.example\"]\n  rules:\n"
            "    - filters: [{type: RequestRedirect, requestRedirect: {hostname: b.example}}]\n"
            "---\nkind: HTTPRoute\nspec:\n  hostnames: [c.a.example]\n  rules:\n"
            "    - filters: [{type: RequestRedirect, requestRedirect: {hostname: d.example}}]\n",
            "hosts: [c.a.example]"},
        Row{"vercel",
            R"({"redirects": [{"source": "/:p", "destination": "https://:sub.b.example/:p", "has":
            [{"type": "host", "value": "(?<sub>.*)\\.a\\.example"}]}]})",
            "target: \"https://{1}.b.example/{p}\""},
        Row{"vercel",
            R"({"redirects": [{"source": "/x", "destination": "/y", "has":
            [{"type": "host", "value": "(a|b)\\.example"}]}]})",
            "skipped: the policy does not have this condition of \"has\""},
        Row{"vercel", "source,destination\nhttps://*.a.example/x,/y\n",
            "file:2: skipped: its source has a pattern of hosts"},
        Row{"traefik",
            "kind: Middleware\nspec:\n  redirectRegex:\n    regex: "
            "^https?://(.+)\\.a\\.example/(.*)\n"
            "    replacement: https://${1}.b.example/${2}\n",
            "target: \"https://{1}.b.example{rest}\""},
        Row{"traefik",
            "kind: Middleware\nspec:\n  redirectRegex:\n    regex: "
            "^https?://(www\\.)?a.example/(.*)\n"
            "    replacement: https://b.example/${1}\n",
            "skipped: "},
        Row{"csv", "source,target,host\n/x,/y,*.a.example\n", "hosts: [\"*.a.example\"], path: /x"},
        Row{"csv", "https://*.a.example/x,/y\n",
            "file:1: skipped: its source has a pattern of hosts"},
        Row{"cloudflare-csv", "a.example/x,https://b.example/y,301,,TRUE\n", "hosts: [.a.example]"},
        Row{"cloudflare-csv", "*.a.example/x,https://b.example/y\n",
            "file:1: skipped: its source has a pattern of hosts"},
        Row{"haproxy", "*.a.example/x /y\n", "file:1: skipped: its source has a pattern of hosts"},
        Row{"netlify", "https://*.a.example/x /y 301!\n",
            "file:1: skipped: its source has a pattern of hosts"},
        Row{"netlify.toml", "[[redirects]]\nfrom = \"https://*.a.example/x\"\nto = \"/y\"\n",
            "file:1: skipped: its source has a pattern of hosts"},
        Row{"cloudflare-pages", "https://*.a.example/x /y\n",
            "file:1: skipped: its source is no path"}));

TEST(ManyHostsFile, APathOfAllBelowIsNotThatOfTheDomain) {
  const Imported imported = ImportAs(
      "nginx",
      "server { server_name *.a.example; location = /x { return 301 https://b.example/; } }\n"
      "server { server_name a.example; location = /x { return 301 https://c.example/; } }\n");
  EXPECT_THAT(imported.policy, HasSubstr("hosts: [\"*.a.example\"], path: /x"));
  EXPECT_THAT(imported.policy, HasSubstr("hosts: [a.example], path: /x"));
  EXPECT_THAT(imported.report, Not(HasSubstr("changed")));
  EXPECT_THAT(imported.report, Not(HasSubstr("skipped")));
}

TEST(ManyHostsFile, APatternOfPathsAndLabelsOfTheHostAreLoaded) {
  const Imported imported =
      ImportAs("apache",
               "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^(.+)\\.a\\.example$\n"
               "RewriteRule ^/x/(.*)$ https://%1.b.example/$1 [R=301,L]\n");
  EXPECT_NE(PolicyFiles(imported.policy).Load(), nullptr);
}

TEST(ReadHostPattern, KnowsTheFormsThatPeopleWrite) {
  const auto hosts = [](std::string_view text) {
    const auto pattern = ReadHostPattern(text);
    return pattern ? pattern->hosts : std::vector<std::string>();
  };
  EXPECT_THAT(hosts(R"(^a\.example$)"), ElementsAre("a.example"));
  EXPECT_THAT(hosts(R"(^(?:www\.)?a\.example$)"), ElementsAre("a.example", "www.a.example"));
  EXPECT_THAT(hosts(R"(^(.+\.)?a\.example$)"), ElementsAre(".a.example"));
  EXPECT_THAT(hosts(R"(\.a\.example$)"), ElementsAre("*.a.example"));
  EXPECT_THAT(hosts(R"(^.*\.a\.example$)"), ElementsAre("*.a.example"));
  EXPECT_THAT(hosts(R"(^([a-z0-9-]+)\.a\.example$)"), ElementsAre("*.a.example"));
  EXPECT_THAT(hosts(R"(a\.example$)"), ElementsAre());  // Also of "ba.example".
  EXPECT_THAT(hosts(R"(^a\.example)"), ElementsAre());  // Also of "a.example.org".
  EXPECT_THAT(hosts(R"(^(a|b)\.example$)"), ElementsAre());
  EXPECT_EQ(ReadHostPattern(R"(^(?P<sub>.+)\.a\.example$)")->labels, "sub");
  EXPECT_EQ(ReadHostPattern(R"(^(.+)\.a\.example$)")->labels, "1");
  EXPECT_EQ(ReadHostPattern(R"(^(?:.+)\.a\.example$)")->labels, "");
}

}  // namespace
}  // namespace fingerpost::policy::formats
