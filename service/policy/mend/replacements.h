// Files replaced as a whole: all of them, or none.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/message/result.h"

namespace fingerpost::policy::mend {

using Write = absl::FunctionRef<void(std::string_view)>;

// What is neither swapped nor undone is removed with it, and has changed nothing.
class Replacements {
 public:
  Replacements() = default;
  ~Replacements();
  Replacements(const Replacements&) = delete;
  Replacements& operator=(const Replacements&) = delete;

  // Writes a new file beside the one at `path`, with the same owner and permissions and what `fill`
  // writes. A link stays one: the file behind it is replaced. The error says why there is none.
  [[nodiscard]] message::Result<void> Add(const std::string& path,
                                          absl::FunctionRef<bool(Write)> fill);

  // Puts each new file in the place of the old one, by a rename: whoever reads a file meanwhile has
  // one or the other. The error names the file that could not be replaced, and all are as before.
  [[nodiscard]] message::Result<void> Swap();

  // Puts the old files back.
  void Undo();

 private:
  struct File {
    std::string shown;     // As Add has it.
    std::string path;      // Without links.
    std::string new_name;  // Until it is swapped.
    std::string old_name;  // Of the old file, from then on.
  };
  [[nodiscard]] static bool SwapOne(File& file);

  std::vector<File> files_;
};

}  // namespace fingerpost::policy::mend
