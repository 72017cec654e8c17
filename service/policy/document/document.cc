#include "policy/document/document.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/message/builder.h"

namespace fingerpost::policy::document {
namespace {

// The name in "{rest}" without quotes, which is an object with one key; else nullptr.
const YamlNode* PlaceholderName(const YamlTree& tree, const YamlNode& node) {
  const bool is_one = node.kind == YamlNode::Kind::kObject && node.children.size() == 2 &&
                      tree[node.children[1]].kind == YamlNode::Kind::kNull;
  return is_one ? &tree[node.children[0]] : nullptr;
}

// The same for the object that stands where a fault expects text.
const YamlNode* PlaceholderAt(const YamlTree& tree, const message::Fault& fault) {
  if (!fault.what.starts_with("expected text")) return nullptr;
  for (const YamlNode& node : tree) {
    if (node.position.line != fault.position.line || node.position.column != fault.position.column)
      continue;
    if (const YamlNode* name = PlaceholderName(tree, node); name != nullptr) return name;
  }
  return nullptr;
}

// Feeds the tree to a builder. In a document that people write, an empty value ("target:") is a
// mistake; JSON's null means that the field is absent.
class Feeder {
 public:
  Feeder(const YamlTree& tree, message::Builder& builder, const message::Faults& faults)
      : tree_(tree), builder_(builder), faults_(faults) {}

  // Recurses at most kMaxNesting deep.
  void Feed(uint32_t index) {
    const YamlNode& node = tree_[index];
    builder_.At(node.position);
    switch (node.kind) {
      case YamlNode::Kind::kNull:
        builder_.Null();
        break;
      case YamlNode::Kind::kScalar:
        node.plain ? builder_.Plain(node.text) : builder_.Text(node.text);
        break;
      case YamlNode::Kind::kList:
        builder_.BeginList();
        for (const uint32_t child : node.children) Feed(child);
        builder_.EndList();
        break;
      case YamlNode::Kind::kObject: {
        const size_t faults_before = faults_.errors();
        builder_.BeginObject();
        // An object where none may stand was told; its one key is a placeholder's name.
        const bool is_placeholder =
            faults_.errors() != faults_before && PlaceholderName(tree_, node) != nullptr;
        for (size_t i = is_placeholder ? node.children.size() : 0; i + 1 < node.children.size();
             i += 2) {
          const YamlNode& key = tree_[node.children[i]];
          builder_.At(key.position);
          const size_t before = faults_.errors();
          builder_.Key(key.text);
          if (tree_[node.children[i + 1]].kind != YamlNode::Kind::kNull) {
            Feed(node.children[i + 1]);
          } else if (faults_.errors() == before) {
            builder_.Report("has no value; give it one or remove the key");
          }
        }
        builder_.EndObject();
        break;
      }
    }
  }

 private:
  const YamlTree& tree_;
  message::Builder& builder_;
  const message::Faults& faults_;
};

// "rules[3].match" of "rules[3].match.path": what is missing there may be what a faulty neighbour
// was meant to be.
message::Path ParentOf(message::Path path) {
  size_t last = path.size();
  while (last > 1 && path[last - 1].kind == message::Step::Kind::kIndex) --last;
  if (last > 1) path.resize(last - 1);
  return path;
}

bool AreOneMistake(const message::Fault& found, const message::Fault& known) {
  return !known.path.empty() &&
         (message::IsPartOf(found.path, known.path) || message::IsPartOf(known.path, found.path) ||
          (found.what.starts_with("required") && ParentOf(found.path) == ParentOf(known.path)));
}

// The names of the entries of maps on the way: the order in which a map is walked is chance, and
// octets have no lines.
std::vector<std::string_view> KeysOf(const message::Path& path) {
  std::vector<std::string_view> keys;
  for (const message::Step& step : path) {
    if (step.kind == message::Step::Kind::kKey) keys.push_back(step.name);
  }
  return keys;
}

}  // namespace

Document::Document(std::string_view text, const std::string& file,
                   google::protobuf::Message& message, message::FaultList& all)
    : file_(file) {
  auto tree = ParseYaml(text);
  if (!tree) {
    all.push_back(std::move(tree).error());
    all.back().file = file;
    tree_.emplace_back();
    return;
  }
  tree_ = *std::move(tree);
  if (tree_.front().kind == YamlNode::Kind::kNull) {
    // Nothing but comments: so looks a file that was truncated, and not written yet.
    all.push_back({.path = {}, .what = "is empty; write {} if it is to say nothing", .file = file});
    return;
  }
  message::Faults faults;
  message::Builder builder(message, faults);
  Feeder(tree_, builder, faults).Feed(0);
  for (message::Fault fault : faults.list()) {
    fault.file = file;
    if (const YamlNode* name = PlaceholderAt(tree_, fault); name != nullptr) {
      fault.what += "; put quotes around \"{" + name->text + "}\"";
    }
    all.push_back(std::move(fault));
  }
  if (faults.full()) {
    all.push_back(
        {.path = {}, .what = "has more faults than are listed; correct these first", .file = file});
  }
}

void Document::AddFound(const message::Faults& found, message::FaultList& all) const {
  const size_t known = all.size();
  for (message::Fault fault : found.list()) {
    if (!fault.file.empty()) {
      all.push_back(std::move(fault));
      continue;
    }
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(known);
    const bool had_fault = std::any_of(all.begin(), end, [&](const message::Fault& earlier) {
      return earlier.file == file_ && AreOneMistake(fault, earlier);
    });
    if (had_fault) continue;
    fault.file = file_;
    fault.position = Locate(tree_, fault.path);
    all.push_back(std::move(fault));
  }
}

void Sort(message::FaultList& faults, const std::string& document) {
  const auto key = [&](const message::Fault& fault) {
    return std::make_tuple(fault.file != document, std::cref(fault.file), fault.position.line,
                           fault.position.column, KeysOf(fault.path));
  };
  std::stable_sort(
      faults.begin(), faults.end(),
      [&](const message::Fault& a, const message::Fault& b) { return key(a) < key(b); });
}

}  // namespace fingerpost::policy::document
