// A document's text as a message, with every fault and where it stands.
//
// YAML is the message's JSON form in other clothes: its fields' names, its enum values' short
// names.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "policy/document/problem.h"
#include "policy/document/reporter.h"
#include "policy/document/yaml.h"

namespace fingerpost::policy::document {

// What was read, and the way back from a field to its place.
class Document {
 public:
  // Reads `text` into `message`, which must be empty. Adds every fault to `problems`; after an
  // error `message` holds what could be read. `file` is its name in problems.
  Document(std::string_view text, const std::string& file, google::protobuf::Message& message,
           Problems& problems);

  // Adds what `reporter` collected about the message, but for fields that had a fault already: one
  // mistake is one problem.
  void AddReports(const Reporter& reporter, Problems& problems) const;

  // Where a field stands.
  [[nodiscard]] Position Where(std::string_view field) const { return Locate(tree_, field); }

 private:
  std::string file_;
  YamlTree tree_;
};

}  // namespace fingerpost::policy::document
