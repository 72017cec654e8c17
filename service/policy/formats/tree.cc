#include "policy/formats/tree.h"

namespace fingerpost::policy::formats {

Node Node::operator[](std::string_view key) const {
  for (const auto& [name, value] : members()) {
    if (name == key) return value;
  }
  return {};
}

std::vector<std::pair<std::string_view, Node>> Node::members() const {
  std::vector<std::pair<std::string_view, Node>> members;
  if (!IsObject()) return members;
  const std::vector<uint32_t>& children = (*tree_)[at_].children;
  for (size_t i = 0; i + 1 < children.size(); i += 2) {
    members.emplace_back((*tree_)[children[i]].text, Node(*tree_, children[i + 1]));
  }
  return members;
}

std::vector<Node> Node::items() const {
  std::vector<Node> items;
  if (!IsList()) return items;
  for (const uint32_t child : (*tree_)[at_].children) items.emplace_back(*tree_, child);
  return items;
}

const std::string& Node::text() const {
  static const std::string empty;
  return tree_ == nullptr ? empty : (*tree_)[at_].text;
}

uint32_t Node::line() const {
  return tree_ == nullptr ? 0 : static_cast<uint32_t>((*tree_)[at_].position.line);
}

std::optional<document::YamlTree> ReadTree(std::string_view text, Place first_line,
                                           Report& report) {
  message::Result<document::YamlTree, message::Fault> tree = document::ParseYaml(text);
  if (tree) return *std::move(tree);
  first_line.line += static_cast<uint32_t>(tree.error().position.line);
  report.Skip(first_line, tree.error().what, "correct it; nothing of it was imported");
  return std::nullopt;
}

}  // namespace fingerpost::policy::formats
