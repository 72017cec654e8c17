// A document's text as a message, with every fault and where it stands.
//
// The YAML form mirrors the message's JSON form: its field names, and short names of enum values.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "policy/document/problem.h"
#include "policy/document/reporter.h"
#include "policy/document/yaml.h"

namespace fingerpost::policy::document {

// The document, and the place of each field in it.
class Document {
 public:
  // Reads `text` into `message`, which must be empty. Adds every fault to `problems`; after an
  // error `message` holds what could be read. `file` is its name in problems.
  Document(std::string_view text, const std::string& file, google::protobuf::Message& message,
           Problems& problems);

  // Adds what `reporter` collected about the message, but for fields that had a fault already: one
  // mistake is one problem.
  void AddReports(const Reporter& reporter, Problems& problems) const;

  // The place of a field.
  [[nodiscard]] Position Where(std::string_view field) const { return Locate(tree_, field); }

 private:
  std::string file_;
  YamlTree tree_;
};

}  // namespace fingerpost::policy::document
