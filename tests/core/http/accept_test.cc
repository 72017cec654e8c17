#include "core/http/accept.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/http/lines.h"

namespace fingerpost::http {
namespace {

TEST(Accept, PrefersWhatItSays) {
  struct Case {
    std::string accept;
    Format or_html, or_json;
  };
  using enum Format;
  const std::vector<Case> cases = {
      {"", kHtml, kJson},
      {"*/*", kHtml, kJson},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", kHtml, kHtml},
      {"application/json", kJson, kJson},
      {"application/json, text/plain, */*", kHtml, kJson},  // axios: all are equally good
      {"text/plain", kText, kText},
      {"TEXT/HTML;Q=0.2, application/json; q=0.3", kJson, kJson},
      {"text/*;q=0.5, application/json;q=0.4", kHtml, kHtml},
      {"text/*, text/html;q=0.1", kText, kText},
      {"application/problem+json", kJson, kJson},
      {"image/png", kHtml, kJson},
      {"text/html;q=0, */*", kJson, kJson},
      {"text/html;q=0.001, application/json;q=0.01", kJson, kJson},
      {"text/html;level=1;q=0.5, application/json;q=0.4", kHtml, kHtml},
      {",;,;q=,text/html;q=x", kHtml, kHtml},
  };
  for (const Case& test : cases) {
    const Headers headers = test.accept.empty() ? Headers() : Lines({{"accept", test.accept}});
    EXPECT_EQ(ChooseByAccept(headers, kHtml), test.or_html) << test.accept;
    EXPECT_EQ(ChooseByAccept(headers, kJson), test.or_json) << test.accept;
  }
  EXPECT_EQ(ChooseByAccept(Lines({{"Accept", "text/html;q=0.1"}, {"ACCEPT", "text/plain"}}), kHtml),
            kText);
}

}  // namespace
}  // namespace fingerpost::http
