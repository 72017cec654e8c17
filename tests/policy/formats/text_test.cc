// Files that are broken: told by line, and everything else is imported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/formats/imported.h"

namespace fingerpost::policy::formats {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Note(const std::string& text) { return ImportAs("cloudflare-pages", text).report; }

TEST(Text, ByteOrderMarkAndCarriageReturnsAreNoText) {
  const Imported imported = ImportAs("cloudflare-pages", "\xEF\xBB\xBF/a /b\r\n/c /d 301\r\n");
  EXPECT_THAT(imported.report, IsEmpty());
  EXPECT_THAT(imported.policy, HasSubstr("path: /a}"));
  EXPECT_THAT(imported.policy, HasSubstr("target: /d"));
}

TEST(Text, AnotherEncodingIsToldByLine) {
  EXPECT_EQ(Note("/a /b\n/caf\xE9 /c\n/d /e\n"),
            "file:2: skipped: is not UTF-8; save the file as UTF-8\n");
  EXPECT_EQ(Note(std::string("/a /b\n/c\0d /e\n", 14)),
            "file:2: skipped: holds a NUL; save the file as UTF-8\n");
  EXPECT_EQ(Note(std::string("\xFF\xFE/\0a\0", 6)),
            "file: skipped: is UTF-16; save the file as UTF-8\n");
}

TEST(Text, ALineIsBounded) {
  EXPECT_EQ(Note("/a /" + std::string(size_t{100} << 20, 'x') + "\n/b /c\n"),
            "file:1: skipped: is longer than 65536 octets; shorten its URLs\n");
}

TEST(Text, AFileThatEndsInTheMiddle) {
  EXPECT_EQ(Note("/a /b\n/c /d"),
            "file:2: note: the last line has no line end; see that the file was not cut\n");
}

TEST(Text, AMillionRepetitionsAreCounted) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += "/a /b\n";
  const std::string report = Note(text);
  EXPECT_THAT(report, HasSubstr("file:2: skipped: can never answer: line 1 comes first"));
  EXPECT_THAT(report, HasSubstr("file:1000000: skipped: 999899 more, the last of them here; "
                                "remove it, or move it up"));
  EXPECT_LT(report.size(), 20'000);
}

TEST(Text, ControlsAndLongTargetsAreNoUrls) {
  EXPECT_THAT(Note("/a /b\x01\n"), HasSubstr("file:1: skipped: its target holds a control"));
  EXPECT_THAT(Note("/a /" + std::string(9000, 'x') + "\n"),
              HasSubstr("file:1: skipped: its target is longer than 8000 octets"));
}

TEST(Text, PagesTakesThreeWords) {
  EXPECT_THAT(Note("/a\n"), HasSubstr("file:1: skipped: has 1 words; write: source target"));
  EXPECT_THAT(Note("/a /b 301 x\n"), HasSubstr("file:1: skipped: has 4 words"));
  EXPECT_THAT(Note("/a /b 404\n"),
              HasSubstr("file:1: skipped: \"404\" is no status of Cloudflare"));
  EXPECT_THAT(ImportAs("cloudflare-pages", "/a /b\n").policy, HasSubstr("temporary_move"));
}

// Lines without wildcards come first, wherever they stand, and a last "/" counts.
TEST(Text, PagesPutsStaticLinesFirst) {
  const Imported imported = ImportAs("cloudflare-pages", "/a/* /x/:splat\n/a/b /y\n");
  EXPECT_THAT(imported.report, IsEmpty());
  EXPECT_THAT(imported.policy, HasSubstr("match: {path: /a/b}"));
  EXPECT_THAT(imported.policy, HasSubstr("path_regex: \"/a/(?P<splat>.*)\""));
}

}  // namespace
}  // namespace fingerpost::policy::formats
