// Runs rows over a transport.
#pragma once

#include <string>
#include <vector>

#include "golden/corpus.h"
#include "golden/transport.h"

namespace fingerpost::golden {

// The failures of the rows of `file` ("decide/vectors.json"): one text for each row that is not
// answered as it expects, with its name and with expected and got side by side. Throws
// std::runtime_error when the file is not as README.md says.
[[nodiscard]] std::vector<std::string> RunFile(const std::string& file, Transport& transport);

}  // namespace fingerpost::golden
