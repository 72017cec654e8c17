// Runs rows over a transport.
#pragma once

#include <string>
#include <vector>

#include "golden/corpus.h"
#include "golden/transport.h"

namespace fingerpost::golden {

// The failures of the rows of `file` ("decide/vectors.json"): one text for each row with an
// unexpected answer, with its name, and expected and got side by side. Throws std::runtime_error if
// the file violates README.md.
[[nodiscard]] std::vector<std::string> RunFile(const std::string& file, Transport& transport);

}  // namespace fingerpost::golden
