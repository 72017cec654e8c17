#include "policy/document.h"

#include <algorithm>

#include "core/message_builder.h"

namespace fingerpost {
namespace {

// Feeds the tree to a builder. An empty value ("target:") is a mistake in a document that people
// write, where JSON's null means that the field is absent.
class Feeder {
 public:
  Feeder(const YamlTree& tree, MessageBuilder& builder, std::vector<uint32_t>& empty)
      : tree_(tree), builder_(builder), empty_(empty) {}

  // Recurses at most kMaxNesting deep.
  void Feed(uint32_t index) {
    const YamlNode& node = tree_[index];
    builder_.At(index);
    switch (node.kind) {
      case YamlNode::Kind::kNull:
        empty_.push_back(index);
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
      case YamlNode::Kind::kObject:
        builder_.BeginObject();
        for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
          builder_.At(node.children[i]);
          builder_.Key(tree_[node.children[i]].text);
          Feed(node.children[i + 1]);
        }
        builder_.EndObject();
        break;
    }
  }

 private:
  const YamlTree& tree_;
  MessageBuilder& builder_;
  std::vector<uint32_t>& empty_;
};

// "rules[3].match" is a part of "rules[3].match.path" and of itself.
bool IsPartOf(std::string_view whole, std::string_view part) {
  return part.starts_with(whole) && (part.size() == whole.size() || whole.empty() ||
                                     part[whole.size()] == '.' || part[whole.size()] == '[');
}

}  // namespace

Document::Document(std::string_view text, const std::string& file,
                   google::protobuf::Message& message, Problems& problems)
    : file_(file) {
  Problem syntax = {
      .severity = Severity::kError, .file = file, .position = {}, .field = {}, .what = {}};
  auto tree = ParseYaml(text, syntax);
  if (!tree) {
    problems.push_back(std::move(syntax));
    tree_.emplace_back();
    return;
  }
  tree_ = *std::move(tree);
  if (tree_.front().kind == YamlNode::Kind::kNull) return;  // Nothing but comments.
  MessageBuilder builder(message);
  std::vector<uint32_t> empty;
  Feeder(tree_, builder, empty).Feed(0);
  for (const MessageBuilder::Fault& fault : builder.faults()) {
    problems.push_back(
        {Severity::kError, file, tree_[fault.line].position, fault.field, fault.description});
  }
  for (const uint32_t index : empty) {
    problems.push_back({Severity::kError,
                        file,
                        tree_[index].position,
                        {},
                        "has no value; give it one or remove the key"});
  }
  if (builder.faults().size() == MessageBuilder::kMaxFaults) {
    problems.push_back(
        {Severity::kError, file, {}, {}, "has more faults than are listed; correct these first"});
  }
}

void Document::AddReports(const Reporter& reporter, Problems& problems) const {
  const size_t known = problems.size();
  for (const Reporter::Report& report : reporter.reports()) {
    const auto end = problems.begin() + static_cast<std::ptrdiff_t>(known);
    const bool had_fault = std::any_of(problems.begin(), end, [&](const Problem& problem) {
      return problem.file == file_ && !problem.field.empty() &&
             (IsPartOf(report.field, problem.field) || IsPartOf(problem.field, report.field));
    });
    if (had_fault) continue;
    problems.push_back(
        {report.severity, file_, Locate(tree_, report.field), report.field, report.what});
  }
}

}  // namespace fingerpost
