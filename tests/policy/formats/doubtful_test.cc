// Files that once ended the importer, or lost a redirect in silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/formats/imported.h"

namespace fingerpost::policy::formats {
namespace {

using ::testing::HasSubstr;

class Doubtful : public ::testing::TestWithParam<Row> {};

TEST_P(Doubtful, IsToldOrImported) {
  EXPECT_THAT(ImportOf(GetParam()), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Apache, Doubtful,
    ::testing::Values(
        Row{"apache",
            "RewriteEngine on\nRewriteRule ^/d$ https://n.example/e [R=permanent,L,NC,QSA,NE]\n",
            "purpose: permanent_move, target: https://n.example/e"},
        Row{"apache", "RewriteEngine on\nRewriteRule ^/a$ /b [R=301,L,QSA,NE]\n", "target: /b"},
        Row{"apache", "RedirectMatch 301 ^/x(.*)$ https://new.example$1\n",
            "has a capture right behind the host"},
        Row{"apache",
            "RedirectMatch 404 ^/keep$\nRedirectMatch 301 ^/x(.*)$ https://new.example$1\n",
            "purpose: not_found"},
        Row{"apache", "Redirect 301 old/ https://other.example/\n", "its source is no path"},
        Row{"apache", "<Location />\n<If \"true\">\nRedirect 301 /a /b\n</If>\n</Location>\n",
            "file:3: skipped"},
        Row{"apache", "RewriteEngine on\nRewriteRule ^/b$ /%{HTTP:X-Foo}/b [R=301,L]\n",
            "has %{HTTP:X-Foo}"},
        Row{"apache", "RedirectMatch ^/a$ /b$1\n", "has {1}, which its source does not capture"},
        Row{"apache", "Redirect 305 /a /b\n", "answers with 305"}));

INSTANTIATE_TEST_SUITE_P(
    Nginx, Doubtful,
    ::testing::Values(
        Row{"nginx", "server { server_name a.example; location { return 301 /x; } }\n", "note"},
        Row{"nginx", "server { server_name; return 301 /x; }\n", "file:1: skipped"},
        Row{"nginx", "map $uri \"\" { /a /b; }\nserver { location = /y { return 301 /x; } }\n",
            "path: /y"},
        Row{"nginx", "map $uri $n { default $n; }\nserver { return 301 $n; }\n",
            "its value is that of another map"},
        Row{"nginx",
            "server { server_name a.example; location = /$1 { rewrite ^(.+)$ /x$1 permanent; } }\n",
            "does not capture"},
        Row{"nginx",
            "server { listen 80; server_name e.example www.e.example; return 301 "
            "https://www.e.example$request_uri; }\n",
            "require_https: true"}));

INSTANTIATE_TEST_SUITE_P(Others, Doubtful,
                         ::testing::Values(Row{"csv", "/old,/new\n/a,/b\n", "path: /old"},
                                           Row{"csv", "/null,/b\n", "path: /null"},
                                           Row{"netlify", "/x* https://good.example:splat\n",
                                               "a capture that could choose the host"}));

}  // namespace
}  // namespace fingerpost::policy::formats
