// YAML text (and so JSON) as a tree with the place of every node.
//
// Accepts only the unambiguous subset: no anchors, aliases, tags, merge keys or several documents,
// so a document is as large as it looks. For untrusted input: time and memory are linear in the
// text's size, which is bounded, and nothing is thrown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "core/message/result.h"

namespace fingerpost::policy::document {

// Ten times the size of ten thousand rules of forty lines; a yaml-cpp token costs some hundred
// octets.
inline constexpr size_t kMaxDocument = size_t{8} << 20;
// A policy nests 8 deep; yaml-cpp's parser recurses.
inline constexpr int kMaxNesting = 32;
// Bounds the tree to some 40 MB.
inline constexpr size_t kMaxNodes = 500'000;

struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kObject };
  Kind kind = Kind::kNull;
  bool plain = false;  // kScalar: written without quotes.
  message::Position position;
  std::string text;                // kScalar.
  std::vector<uint32_t> children;  // Indexes in the tree. kObject: key, value, key, value, …
};

// The nodes in the order of the document; the first is the root.
using YamlTree = std::vector<YamlNode>;

// The fault does not know its file.
[[nodiscard]] message::Result<YamlTree, message::Fault> ParseYaml(std::string_view text);

// The place of the node at "rules[3].match.path" or "intents.name.intent", or of the nearest
// existing one above it. An existing member gives the place of its value, not of its key. Keys with
// other characters than letters, digits, "-" and "_" are written ["like this"].
[[nodiscard]] message::Position Locate(const YamlTree& tree, const message::Path& path);

}  // namespace fingerpost::policy::document
