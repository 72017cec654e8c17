#include "policy/formats/manifests.h"

#include <algorithm>

namespace fingerpost::policy::formats {

void ReadManifests(const File& file, uint16_t index, Report& report,
                   const std::function<bool(const Node& manifest, Place before)>& read) {
  std::string_view rest;
  if (!IsReadable(file, index, report, rest)) return;
  bool any = false, failed = false;
  Place before{0, index};
  while (!rest.empty()) {
    // The document, up to a line that begins with "---".
    size_t end = rest.starts_with("---") ? 0 : rest.find("\n---");
    end = end == rest.npos ? rest.size() : end + (rest.starts_with("---") ? 0 : 1);
    const std::string_view document = rest.substr(0, end);
    if (document.find_first_not_of(" \t\r\n") != document.npos) {
      const auto tree = ReadTree(document, before, report);
      failed = failed || !tree;
      if (tree && read(Node(*tree, 0), before)) any = true;
    }
    before.line += static_cast<uint32_t>(std::count(document.begin(), document.end(), '\n'));
    rest.remove_prefix(end);
    if (rest.empty()) break;
    const size_t line = std::min(rest.find('\n'), rest.size() - 1) + 1;  // "---" itself
    before.line += 1;
    rest.remove_prefix(line);
  }
  if (!any && !failed) {
    report.Skip({0, index}, "has no manifest that redirects", "give the file that has them");
  }
}

}  // namespace fingerpost::policy::formats
