// A document's text as a message, with every fault and where it stands.
//
// The YAML form mirrors the message's JSON form: its field names, and short names of enum values.
#pragma once

#include <string>
#include <string_view>

#include "core/message/faults.h"
#include "google/protobuf/message.h"
#include "policy/document/yaml.h"

namespace fingerpost::policy::document {

// The document, and the place of each field in it.
class Document {
 public:
  // Reads `text` into `message`, which must be empty. Adds every fault to `all`; after an error
  // `message` holds what could be read. `file` is its name in faults.
  Document(std::string_view text, const std::string& file, google::protobuf::Message& message,
           message::FaultList& all);
  // Of a message that nobody wrote as text: nothing stands anywhere.
  Document() : tree_(1) {}

  // Adds what was found in the message, with its lines, but for places that had a fault already:
  // one mistake is one fault. What has a file of its own stays as it is.
  void AddFound(const message::Faults& found, message::FaultList& all) const;

  // Where a part of it stands.
  [[nodiscard]] message::Position Where(const message::Path& path) const {
    return Locate(tree_, path);
  }
  [[nodiscard]] message::Position Where(const message::Place& place) const {
    return Where(place.ToPath());
  }

  // How large it is in memory; see kMaxNodes.
  [[nodiscard]] size_t nodes() const { return tree_.size(); }

 private:
  std::string file_;
  YamlTree tree_;
};

// By file, line and column, then by the names of entries; those of `document` first.
void Sort(message::FaultList& faults, const std::string& document);

}  // namespace fingerpost::policy::document
