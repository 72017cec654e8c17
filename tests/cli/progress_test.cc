#include "progress.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

namespace fingerpost::cli {
namespace {

using std::chrono::milliseconds;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_), 0); }
  ~Pipe() { close(ends_[0]); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] int in() const { return ends_[1]; }
  // What has come by when `text` has, or all of it.
  [[nodiscard]] std::string Until(const std::string& text) const {
    std::string read_so_far;
    char octet = 0;
    while (read_so_far.find(text) == std::string::npos && read(ends_[0], &octet, 1) == 1) {
      read_so_far += octet;
    }
    return read_so_far;
  }
  void EndOfInput() const { close(ends_[1]); }

 private:
  int ends_[2] = {};
};

TEST(Progress, IsTimeOnALineOfItsOwnThatIsRemoved) {
  const Pipe pipe;
  std::optional<Progress> progress(std::in_place, "reading a\x1b.yaml", pipe.in(), milliseconds(1));
  EXPECT_EQ(pipe.Until(" s"), "\rreading a\\x1b.yaml: 0 s");
  progress.reset();
  pipe.EndOfInput();
  const std::string rest = pipe.Until("never");
  EXPECT_TRUE(rest.ends_with("\r\033[K")) << rest;
}

TEST(Progress, OfShortWorkIsNothing) {
  const Pipe pipe;
  { const Progress progress("reading a.yaml", pipe.in(), std::chrono::hours(1)); }
  pipe.EndOfInput();
  EXPECT_EQ(pipe.Until("never"), "");
}

}  // namespace
}  // namespace fingerpost::cli
