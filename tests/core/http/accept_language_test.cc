#include "core/http/accept_language.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/http/lines.h"

namespace fingerpost::http {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// The preferred one of `prefers`, or "".
std::string Preferred(const Headers& headers, const std::vector<std::string>& prefers,
                      const std::vector<std::string>& over = {}) {
  const auto i = PreferredLanguage(ReadAcceptLanguage(headers), prefers, over);
  return i ? prefers[*i] : "";
}

std::string Preferred(const std::string& field, const std::vector<std::string>& prefers,
                      const std::vector<std::string>& over = {}) {
  return Preferred(Lines({{"accept-language", field}}), prefers, over);
}

struct Case {
  std::string field;
  std::vector<std::string> prefers;
  std::vector<std::string> over;
  std::string preferred;
};

// RFC 9110 §12.5.4, §12.4.2.
TEST(AcceptLanguage, TheFirstOfTheHighestQualityDecides) {
  for (const Case& c : std::vector<Case>{
           {"de", {"de"}, {}, "de"},
           {"DE", {"de"}, {}, "de"},
           // A range that is there twice counts with its better quality, unless the first excludes.
           {"de;q=0.3, en;q=0.5, de;q=0.9", {"de"}, {}, "de"},
           {"de;q=0.3, en;q=0.5, de;q=0.9", {"de"}, {"en"}, "de"},
           {"de;q=0, en;q=0.5, de;q=0.9", {"de"}, {"en"}, ""},
           {"de", {"De"}, {}, "De"},
           {"en", {"de"}, {}, ""},
           {"en, de", {"de"}, {}, ""},
           {"de, en", {"de"}, {}, "de"},
           {"en;q=0.8, de", {"de"}, {}, "de"},
           {"en;q=0.8, de;q=0.9", {"de"}, {}, "de"},
           {"en ; q=0.9,de ;Q=0.901", {"de"}, {}, "de"},
           {"en, de;q=1.000", {"de"}, {}, ""},
           {"da, en-gb;q=0.8, en;q=0.7", {"en"}, {}, ""},
           {"da, en-gb;q=0.8, en;q=0.7", {"de", "da"}, {}, "da"},
           {"de-AT,de;q=0.9,en;q=0.8", {"de"}, {}, "de"},  // Firefox in Austria
           {"en-US,en;q=0.9,de;q=0.8", {"de"}, {}, ""},    // Chrome
       }) {
    EXPECT_EQ(Preferred(c.field, c.prefers, c.over), c.preferred) << c.field;
  }
}

// RFC 4647 §3.3.1 and §3.4.
TEST(AcceptLanguage, ALanguageStandsForItsVariants) {
  for (const Case& c : std::vector<Case>{
           {"de-AT", {"de"}, {}, "de"},
           {"de-Latn-CH-1996", {"de"}, {}, "de"},
           {"de-at", {"de", "de-AT"}, {}, "de-AT"},
           {"de-AT", {"de-CH"}, {}, ""},
           {"de", {"de-CH"}, {}, "de-CH"},
           {"de", {"de-CH", "de"}, {}, "de"},
           {"den", {"de"}, {}, ""},
           {"d", {"de"}, {}, ""},
           {"pt-PT, pt;q=0.9", {"pt-BR"}, {}, ""},
           {"pt-PT, pt;q=0.9", {"pt-BR"}, {"en"}, "pt-BR"},
           {"de-AT;q=0.5, de-CH;q=0.9, fr;q=0.8", {"de"}, {}, "de"},
       }) {
    EXPECT_EQ(Preferred(c.field, c.prefers, c.over), c.preferred) << c.field;
  }
}

TEST(AcceptLanguage, AQualityOfZeroExcludes) {
  for (const Case& c : std::vector<Case>{
           {"de;q=0", {"de"}, {}, ""},
           {"de;q=0.000, fr;q=0", {"de", "fr"}, {}, ""},
           {"de;q=0, de-AT", {"de"}, {}, ""},
           {"de, de-AT;q=0", {"de-AT"}, {}, ""},
           {"de, de-AT;q=0", {"de-AT", "de"}, {}, "de"},
           {"de, de-AT;q=0", {"de-AT-1996"}, {}, ""},
           {"en;q=0, *", {"de"}, {"en"}, "de"},
           {"en;q=0, de;q=0.1", {"de"}, {"en"}, "de"},
       }) {
    EXPECT_EQ(Preferred(c.field, c.prefers, c.over), c.preferred) << c.field;
  }
}

TEST(AcceptLanguage, AStarStandsForTheOthers) {
  for (const Case& c : std::vector<Case>{
           {"*", {"de"}, {}, ""},  // fetch of Node.js: what no field says, too
           {"*;q=0.5", {"de"}, {"en"}, ""},
           {"en;q=0.5, *", {"de"}, {}, "de"},
           {"en, *;q=0.5", {"de"}, {}, ""},
           {"*, de;q=0.5", {"de"}, {}, ""},
           {"*, de;q=0", {"de", "fr"}, {}, "fr"},
           {"fr, *;q=0", {"de"}, {}, ""},
           {"es, *;q=0.1", {"de"}, {"en"}, ""},
           {"es, en;q=0.1, *;q=0.2", {"de"}, {"en"}, "de"},
           {"fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", {"it"}, {"en"}, ""},
           {"fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", {"de"}, {"it"}, "de"},
       }) {
    EXPECT_EQ(Preferred(c.field, c.prefers, c.over), c.preferred) << c.field;
  }
}

TEST(AcceptLanguage, OnlyTheSitesLanguagesCountWhereTheyAreKnown) {
  for (const Case& c : std::vector<Case>{
           {"es, de;q=0.8, en;q=0.7", {"de"}, {}, ""},
           {"es, de;q=0.8, en;q=0.7", {"de"}, {"en"}, "de"},
           {"es, de;q=0.8, en;q=0.9", {"de"}, {"en"}, ""},
           {"es, en, de", {"de"}, {"en"}, ""},
           {"de", {"de-AT"}, {"de"}, ""},
           {"de", {"de-AT"}, {"de-CH"}, "de-AT"},
           {"de-CH", {"de"}, {"de-CH"}, ""},
           {"es, fr", {"de"}, {"en"}, ""},
       }) {
    EXPECT_EQ(Preferred(c.field, c.prefers, c.over), c.preferred) << c.field;
  }
}

TEST(AcceptLanguage, WhatCannotBeReadPrefersNothing) {
  EXPECT_EQ(Preferred(Headers(), {"de"}), "");
  for (const char* field : {"",
                            " ",
                            ",",
                            "de_DE",
                            "de;",
                            "de;q",
                            "de;q=",
                            "de;q=2",
                            "de;q=1.001",
                            "de;q=0.1234",
                            "de;q=.5",
                            "de;q=-1",
                            "de;q=0,5",
                            "de;level=1",
                            "de;q=0.5;level=1",
                            "de fr",
                            "de-",
                            "-de",
                            "abcdefghi",
                            "de, fr;q=x",
                            "de, <script>",
                            "de-*",
                            "de;q=1.0.0",
                            "d\xC3\xA9"}) {
    EXPECT_THAT(ReadAcceptLanguage(Lines({{"Accept-Language", field}})), IsEmpty()) << field;
    EXPECT_EQ(Preferred(field, {"de"}), "") << field;
  }
}

TEST(AcceptLanguage, SeveralLinesAreOneList) {
  EXPECT_EQ(Preferred(Lines({{"Accept-Language", "en;q=0.5,"},
                             {"Accept", "text/html"},
                             {"accept-language", ", de , "}}),
                      {"de"}),
            "de");
  EXPECT_EQ(Preferred(Lines({{"Accept-Language", "de"}, {"Accept-Language", "?"}}), {"de"}), "");
}

TEST(AcceptLanguage, OfALongListTheBeginningCounts) {
  std::string field = "en;q=0.5";
  for (int i = 0; i < 1000; ++i) field += ", xx;q=0.1";
  field += ", de";
  EXPECT_THAT(ReadAcceptLanguage(Lines({{"Accept-Language", field}})), SizeIs(64));
  EXPECT_EQ(Preferred(field, {"de"}), "");
}

}  // namespace
}  // namespace fingerpost::http
