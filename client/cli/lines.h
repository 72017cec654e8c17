// Lines of a file or pipe, in bounded memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fingerpost::cli {

class LineReader {
 public:
  // A request at the limits of its fields is far smaller; a longer line is a mistake.
  static constexpr size_t kMaxLine = size_t{4} << 20;

  struct Line {
    std::string_view text;  // without line break; valid until the next call
    bool too_long = false;  // its text was thrown away
  };

  // `file` is open for reading and stays the caller's; `failed`: errno, if it could not be opened.
  explicit LineReader(int file, int failed = 0)
      : file_(file), failed_(failed), ended_(failed != 0) {}

  // Up to `most` lines. It waits for the first and then for no other, so that a writer that waits
  // for the answer to its line gets it. Empty: the end, or failed().
  [[nodiscard]] const std::vector<Line>& Next(size_t most);

  // errno of a failed read; 0 otherwise.
  [[nodiscard]] int failed() const { return failed_; }

 private:
  void Take(size_t most);
  void Fill();

  int file_;
  int failed_;
  bool ended_;
  bool discarding_ = false;  // within a line that is too long
  std::string buffer_;
  size_t start_ = 0;    // start of what was not returned yet
  size_t scanned_ = 0;  // no line break between start_ and here
  std::vector<Line> lines_;
};

// The file that --input names; "-": standard input.
class InputFile {
 public:
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] LineReader& lines() { return lines_; }
  // "cannot read FILE: ...", once lines() has failed.
  [[nodiscard]] std::string Problem() const;

 private:
  std::string path_;
  int file_;
  LineReader lines_;
};

}  // namespace fingerpost::cli
