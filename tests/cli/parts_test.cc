// The parts of the commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "lines.h"
#include "output.h"

namespace fingerpost::cli {
namespace {

using testing::ElementsAre;

TEST(Harmless, KeepsWhatPeopleWrite) {
  for (const char* text : {"", "/orders?a=b#c", "Grüße, 世界 🙂", "a\\x1b"}) {
    EXPECT_EQ(Harmless(text), text);
  }
}

TEST(Harmless, ShowsWhatWouldMoveTheCursor) {
  EXPECT_EQ(Harmless("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(Harmless("a\r\n\tb\x7f"), "a\\x0d\\x0a\\x09b\\x7f");
  EXPECT_EQ(Harmless(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(Harmless("\xc2\x9b"), "\\u{9b}");
}

TEST(Harmless, ShowsWhatWouldReverseTheText) {
  EXPECT_EQ(Harmless("a\u202eb\u2066c\u200fd\u2028"), "a\\u{202e}b\\u{2066}c\\u{200f}d\\u{2028}");
}

TEST(Harmless, ShowsWhatIsNotUtf8) {
  EXPECT_EQ(Harmless("a\xff\xc3"), "a\\xff\\xc3");
  EXPECT_EQ(Harmless("\xc0\xaf\xed\xa0\x80"), "\\xc0\\xaf\\xed\\xa0\\x80");
}

TEST(Palette, PaintsOrDoesNot) {
  EXPECT_EQ(Palette(true).Paint(Style::kBad, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Palette(true).Paint(Style::kPlain, "x"), "x");
  EXPECT_EQ(Palette(false).Paint(Style::kBad, "x"), "x");
}

// A pipe into which a test writes.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~Pipe() {
    close(ends_[0]);
    Close();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void Write(const std::string& text) {
    EXPECT_EQ(write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void Close() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  [[nodiscard]] int out() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
};

std::vector<std::string> Texts(const std::vector<LineReader::Line>& lines) {
  std::vector<std::string> texts;
  for (const auto& line : lines) texts.emplace_back(line.too_long ? "(too long)" : line.text);
  return texts;
}

TEST(LineReader, GivesWhatIsThere) {
  Pipe pipe;
  LineReader reader(pipe.out());
  pipe.Write("a\nb\nha");
  EXPECT_THAT(Texts(reader.Next(10)), ElementsAre("a", "b"));
  pipe.Write("lf\n\n");
  EXPECT_THAT(Texts(reader.Next(10)), ElementsAre("half", ""));
  pipe.Write("end");
  pipe.Close();
  EXPECT_THAT(Texts(reader.Next(10)), ElementsAre("end"));
  EXPECT_THAT(Texts(reader.Next(10)), ElementsAre());
  EXPECT_EQ(reader.failed(), 0);
}

TEST(LineReader, GivesNoMoreThanWanted) {
  Pipe pipe;
  LineReader reader(pipe.out());
  pipe.Write("a\nb\nc\n");
  pipe.Close();
  EXPECT_THAT(Texts(reader.Next(2)), ElementsAre("a", "b"));
  EXPECT_THAT(Texts(reader.Next(2)), ElementsAre("c"));
  EXPECT_THAT(Texts(reader.Next(2)), ElementsAre());
}

TEST(LineReader, SaysWhatFailed) {
  LineReader reader(-1);
  EXPECT_THAT(Texts(reader.Next(1)), ElementsAre());
  EXPECT_EQ(reader.failed(), EBADF);
}

}  // namespace
}  // namespace fingerpost::cli
