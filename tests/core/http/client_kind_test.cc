#include "core/http/client_kind.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "core/http/lines.h"

namespace fingerpost::http {
namespace {

TEST(ClientKind, IsReadFromFields) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const std::vector<std::pair<Fields, v1::ClientKind>> cases = {
      {{}, v1::CLIENT_KIND_UNKNOWN},
      {{{"User-Agent", "curl/8"}, {"Accept", "*/*"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"sec-fetch-mode", "navigate"}, {"Accept", "application/json"}}, v1::CLIENT_KIND_BROWSER},
      {{{"Sec-Fetch-Mode", "cors"}, {"Accept", "text/html"}}, v1::CLIENT_KIND_SCRIPT},
      {{{"X-Requested-With", "XMLHttpRequest"}}, v1::CLIENT_KIND_SCRIPT},
      {{{"X-Requested-With", "com.android.browser"}, {"Accept", "text/html"}},
       v1::CLIENT_KIND_BROWSER},
      {{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}}, v1::CLIENT_KIND_BROWSER},
      {{{"Accept", "application/json"}}, v1::CLIENT_KIND_API},
      {{{"Accept", "application/vnd.api+json"}}, v1::CLIENT_KIND_API},
      {{{"Content-Type", "application/json; charset=utf-8"}}, v1::CLIENT_KIND_API},
      {{{"Content-Type", "application/x-www-form-urlencoded"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"Stripe-Signature", "t=1"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"User-Agent", "Googlebot/2.1"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"HX-Request", "true"}, {"Sec-Fetch-Mode", "cors"}}, v1::CLIENT_KIND_HTMX},
      {{{"hx-request", "true"}, {"X-Inertia", "true"}}, v1::CLIENT_KIND_HTMX},
      {{{"HX-Request", "1"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"HX-Boosted", "true"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"X-Inertia", "true"}, {"X-Requested-With", "XMLHttpRequest"}}, v1::CLIENT_KIND_INERTIA},
      {{{"X-Inertia-Version", "1"}}, v1::CLIENT_KIND_UNKNOWN},
      {{{"Turbo-Frame", "cart"}}, v1::CLIENT_KIND_TURBO},
      {{{"Accept", "text/html, application/xhtml+xml"}, {"Sec-Fetch-Mode", "same-origin"}},
       v1::CLIENT_KIND_TURBO},
      {{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, {"Sec-Fetch-Mode", "navigate"}},
       v1::CLIENT_KIND_BROWSER},
      {{{"Accept", "text/vnd.turbo-stream.html, text/html"}}, v1::CLIENT_KIND_TURBO},
      {{{"Accept", "text/html, Text/Vnd.Turbo-Stream.HTML;q=0.1"}}, v1::CLIENT_KIND_TURBO},
      {{{"Accept", "text/vnd.turbo-stream.html;q=0, application/json"}}, v1::CLIENT_KIND_API},
  };
  for (const auto& [fields, kind] : cases) {
    EXPECT_EQ(ReadClientKind(Lines(fields)).kind, kind) << testing::PrintToString(fields);
  }
}

TEST(ClientKind, SaysWhichScriptsShowAWholePage) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const std::vector<std::pair<Fields, bool>> cases = {
      {{{"HX-Request", "true"}}, false},
      {{{"HX-Request", "true"}, {"HX-Boosted", "true"}}, true},
      {{{"HX-Request", "true"}, {"HX-Boosted", "false"}}, false},
      {{{"HX-Request", "true"}, {"HX-History-Restore-Request", "true"}}, true},
      {{{"X-Inertia", "true"}}, true},
      {{{"Accept", "text/html, application/xhtml+xml"}}, true},
      {{{"Accept", "text/html, application/xhtml+xml"}, {"Turbo-Frame", "a"}}, false},
  };
  for (const auto& [fields, whole_page] : cases) {
    EXPECT_EQ(ReadClientKind(Lines(fields)).whole_page, whole_page)
        << testing::PrintToString(fields);
  }
}

TEST(ClientKind, DependsOnEveryFieldThatCouldHaveTold) {
  for (const auto& field : {std::pair<std::string, std::string>("Sec-Fetch-Mode", "navigate"),
                            {"Content-Type", "application/json"},
                            {"X-Nothing", "1"}}) {
    EXPECT_THAT(ReadClientKind(Lines({field})).looked_at,
                testing::ElementsAre("Accept", "Content-Type", "HX-Boosted",
                                     "HX-History-Restore-Request", "HX-Request", "Sec-Fetch-Mode",
                                     "Turbo-Frame", "X-Inertia", "X-Requested-With"));
  }
}

}  // namespace
}  // namespace fingerpost::http
