// A file that is JSON or YAML, with the line of everything in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document/yaml.h"
#include "policy/formats/report.h"
#include "policy/formats/text.h"

namespace fingerpost::policy::formats {

// A value in a tree; absent where there is none.
class Node {
 public:
  Node() = default;
  Node(const document::YamlTree& tree, uint32_t at) : tree_(&tree), at_(at) {}

  explicit operator bool() const { return tree_ != nullptr; }
  [[nodiscard]] bool IsObject() const { return Is(document::YamlNode::Kind::kObject); }
  [[nodiscard]] bool IsList() const { return Is(document::YamlNode::Kind::kList); }

  // Of an object.
  [[nodiscard]] Node operator[](std::string_view key) const;
  [[nodiscard]] std::vector<std::pair<std::string_view, Node>> members() const;
  // Of a list; empty for others.
  [[nodiscard]] std::vector<Node> items() const;
  // Of a scalar; "" for others.
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] uint32_t line() const;

 private:
  [[nodiscard]] bool Is(document::YamlNode::Kind kind) const {
    return tree_ != nullptr && (*tree_)[at_].kind == kind;
  }

  const document::YamlTree* tree_ = nullptr;
  uint32_t at_ = 0;
};

// Reads the text of a file; `first_line` is where it begins there. nullopt: reported.
[[nodiscard]] std::optional<document::YamlTree> ReadTree(std::string_view text, Place first_line,
                                                         Report& report);

}  // namespace fingerpost::policy::formats
