#include "core/decide/body.h"

#include <gmock/gmock.h>

#include <string>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Body, NothingBreaksOutOfTheNote) {
  const auto answer =
      Ask("request { method: 'POST' url: 'https://shop.example.com/' } intent { purpose: "
          "PURPOSE_FORM_RESULT target: '/?a=\\'><script>alert(1)</script>&b=\"#\\'<x>' }");
  EXPECT_THAT(answer.body(), Not(HasSubstr("<script")));
  EXPECT_THAT(answer.body(), Not(HasSubstr("'")));
  EXPECT_THAT(answer.body(), HasSubstr("&amp;b="));
  EXPECT_EQ(FieldOf(answer, "Content-Length"), std::to_string(answer.body().size()));
}

TEST(Body, ChoicesAreListed) {
  const std::string choices =
      "request { method: 'GET' url: 'https://a.test/doc' } intent { purpose: PURPOSE_CHOICES "
      "alternatives { target: '/doc.pdf' media_type: 'application/pdf' title: 'The \"PDF\"' } "
      "alternatives { target: 'https://a.test/doc.de' language: 'de' title: 'F\xC3\xBCr <dich>' } "
      "}";
  const auto html = Ask(choices);
  EXPECT_EQ(html.status(), 300);
  EXPECT_EQ(FieldOf(html, "Location"), "<none>");
  EXPECT_EQ(FieldOf(html, "Link"),
            "</doc.pdf>; rel=\"alternate\"; type=\"application/pdf\"; title=\"The \\\"PDF\\\"\", "
            "<https://a.test/doc.de>; rel=\"alternate\"; hreflang=\"de\"; "
            "title*=UTF-8''F%C3%BCr%20%3Cdich%3E");
  EXPECT_THAT(html.body(),
              HasSubstr("<p>300 Multiple Choices</p><ul><li><a href=\"/doc.pdf\">The "
                        "&quot;PDF&quot;</a></li><li><a href=\"https://a.test/doc.de\">F\xC3\xBCr "
                        "&lt;dich&gt;</a></li></ul></body>"));
  const auto json = Ask({choices, "intent { target: '/doc.pdf' client: CLIENT_KIND_API }"});
  EXPECT_EQ(FieldOf(json, "Location"), "/doc.pdf");
  EXPECT_EQ(
      json.body(),
      "{\"status\":300,\"location\":\"/doc.pdf\",\"alternatives\":[{\"location\":\"/doc.pdf\","
      "\"media_type\":\"application/pdf\",\"title\":\"The \\\"PDF\\\"\"},{\"location\":"
      "\"https://a.test/doc.de\",\"language\":\"de\",\"title\":\"F\xC3\xBCr <dich>\"}]}");
}

}  // namespace
}  // namespace fingerpost::decide
