// Redirects by a page's content, and content that only looks like one.
#include "page_redirects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/http/fields.h"

namespace fingerpost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kFollowedBy = ": browsers follow it, no other client does";

// The problems of a page, without the end of the sentence, which is always the same.
std::vector<std::string> Noticed(const std::string& content, const std::string& refresh = "",
                                 const std::string& type = "text/html; charset=utf-8") {
  cli::Hop hop;
  hop.request.set_url("https://a.example/x/");
  hop.exchange.content = content;
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>{"Content-Type", type}, {"Refresh", refresh}}) {
    if (value.empty()) continue;
    v1::Header& header = *hop.exchange.response.add_headers();
    header.set_name(name);
    http::SetValue(header, value);
  }
  std::vector<std::string> out;
  for (const auto& problem : cli::PageRedirects(hop)) {
    out.push_back(problem.code + ": " + problem.message.substr(0, problem.message.rfind(": ")));
  }
  return out;
}

// The HTML Standard, "shared declarative refresh steps".
TEST(PageRedirects, TheRefreshField) {
  const auto refresh = [](const std::string& value) {
    const auto noticed = Noticed("", value);
    return noticed.empty()
               ? ""
               : noticed[0].substr(std::string("refresh_field: the Refresh field ").size());
  };
  EXPECT_EQ(refresh("5; url=/next"), "leads to https://a.example/next after 5 s");
  EXPECT_EQ(refresh("5;URL = \"next\"; x"), "leads to https://a.example/x/next after 5 s");
  EXPECT_EQ(refresh("0,'//b.example/'"), "leads to https://b.example/ after 0 s");
  EXPECT_EQ(refresh("1.5 https://b.example"), "leads to https://b.example/ after 1 s");
  EXPECT_EQ(refresh(".5; /y"), "leads to https://a.example/y after 0 s");
  EXPECT_EQ(refresh("30"), "loads the page again after 30 s");
  EXPECT_EQ(refresh("30;"), "loads the page again after 30 s");
  EXPECT_EQ(refresh("0;url=https://user:password@b.example/"),
            "leads to https://b.example/ after 0 s");
  EXPECT_EQ(refresh("0;url=https://[/"), "leads to an invalid URL after 0 s");
  EXPECT_EQ(refresh("soon; url=/next"), "");
  EXPECT_EQ(refresh("; url=/next"), "");
  EXPECT_EQ(refresh("5url=/next"), "");
}

TEST(PageRedirects, MetaElements) {
  const std::string next =
      "meta_refresh: a meta element leads to https://a.example/n?a=1&b after 0 s";
  for (const char* element : {"<meta http-equiv=\"refresh\" content=\"0; url=/n?a=1&amp;b\">",
                              "<META content='0;/n?a=1&b' HTTP-EQUIV = Refresh />",
                              "<!--><p title='<!--'><noscript><meta name=x http-equiv=' refresh' "
                              "content=\"0;URL='/n?a=1&b'\">"}) {
    EXPECT_THAT(Noticed(element), ElementsAre(next)) << element;
  }
  for (const char* element :
       {"<!-- <meta http-equiv=refresh content='0;/n'> -->",
        "<!-- <meta http-equiv=refresh content='0;/n'>", "<meta name=refresh content='0;/n'>",
        "<meta http-equiv=refresh>", "<metadata http-equiv=refresh content='0;/n'>",
        "<TITLE><meta http-equiv=refresh content='0;/n'></Title>",
        "<p title=\"<meta http-equiv=refresh content='0;/n'>\">",
        "<script>'<meta http-equiv=refresh content=0;/n>'</script>",
        "&lt;meta http-equiv=refresh content='0;/n'&gt;"}) {
    EXPECT_THAT(Noticed(element), IsEmpty()) << element;
  }
}

TEST(PageRedirects, Scripts) {
  const auto script = [](const std::string& text) {
    return Noticed("<script type='x'>\n" + text + "</script>");
  };
  for (const char* text :
       {"location = '/n'", "location='/n'", "window.location.href = \"\\/n\";",
        "if (x) { document . location=`/n` }", "top.location.replace('/n')",
        "setTimeout(function(){self.location.assign(\"/n\")},0)", "location.href='/n'"}) {
    EXPECT_THAT(script(text),
                ElementsAre("script_location: a script may lead to https://a.example/n"))
        << text;
  }
  EXPECT_THAT(script("location = next()"),
              ElementsAre("script_location: a script may lead elsewhere"));
  EXPECT_THAT(script("location.replace(url)"),
              ElementsAre("script_location: a script may lead elsewhere"));
  EXPECT_THAT(Noticed("<body onload=\"location='/n'\">"),
              ElementsAre("script_location: a script may lead to https://a.example/n"));
  // The text is cut off where enough has been read.
  EXPECT_THAT(Noticed("<script>location='/n'; more"), testing::SizeIs(1));
  for (const char* text :
       {"if (location == '/n') x()", "x = location.href", "my.location = '/n'", "location.reload()",
        "relocation = '/n'", "x.replace(location.href, '/n')", "'/a?location=' + n",
        "locations = []", "$location = '/n'", "location => '/n'"}) {
    EXPECT_THAT(script(text), IsEmpty()) << text;
  }
  EXPECT_THAT(Noticed("location = '/n'"), IsEmpty()) << "text";
  EXPECT_THAT(Noticed("<style>location = '/n'</style>"), IsEmpty());
}

TEST(PageRedirects, OfHtmlOnly) {
  const std::string page = "<script>location='/n'</script>";
  EXPECT_THAT(Noticed(page, "", "application/xhtml+xml"), testing::SizeIs(1));
  EXPECT_THAT(Noticed(page, "", ""), testing::SizeIs(1));
  EXPECT_THAT(Noticed(page, "", "text/plain"), IsEmpty());
  EXPECT_THAT(Noticed(page, "", "application/json"), IsEmpty());
}

// Any stranger's text is read in linear time.
TEST(PageRedirects, InLinearTime) {
  for (const char* piece : {"<meta ", "<script>", "<!--", "location=", "<meta x='", "\"'"}) {
    std::string page;
    while (page.size() < size_t{64} << 10) page += piece;
    EXPECT_LE(Noticed(page).size(), page.size()) << piece;
  }
}

TEST(PageRedirects, SaysWhoFollows) {
  cli::Hop hop;
  hop.request.set_url("https://a.example/");
  hop.exchange.content = "<meta http-equiv=refresh content=1>";
  EXPECT_EQ(cli::PageRedirects(hop)[0].message,
            std::string("a meta element loads the page again after 1 s") + kFollowedBy);
}

}  // namespace
}  // namespace fingerpost
