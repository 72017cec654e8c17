#include "policy/document/document.h"

#include <algorithm>

#include "core/message/builder.h"

namespace fingerpost::policy::document {
namespace {

// Feeds the tree to a builder. In a document that people write, an empty value ("target:") is a
// mistake; JSON's null means that the field is absent.
class Feeder {
 public:
  // A key without a value, and its path.
  struct Empty {
    uint32_t key;
    std::string field;
  };

  Feeder(const YamlTree& tree, message::Builder& builder, std::vector<Empty>& empty)
      : tree_(tree), builder_(builder), empty_(empty) {}

  // Recurses at most kMaxNesting deep.
  void Feed(uint32_t index) {
    const YamlNode& node = tree_[index];
    builder_.At(index);
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
      case YamlNode::Kind::kObject:
        builder_.BeginObject();
        for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
          builder_.At(node.children[i]);
          const size_t before = builder_.faults().size();
          builder_.Key(tree_[node.children[i]].text);
          if (tree_[node.children[i + 1]].kind == YamlNode::Kind::kNull) {
            const bool known = builder_.faults().size() == before;
            if (known) empty_.push_back({node.children[i], builder_.Path()});
          } else {
            Feed(node.children[i + 1]);
          }
        }
        builder_.EndObject();
        break;
    }
  }

 private:
  const YamlTree& tree_;
  message::Builder& builder_;
  std::vector<Empty>& empty_;
};

// Whether `whole` contains `part`: "rules[3].match" contains "rules[3].match.path" and itself.
bool IsPartOf(std::string_view whole, std::string_view part) {
  return part.starts_with(whole) && (part.size() == whole.size() || whole.empty() ||
                                     part[whole.size()] == '.' || part[whole.size()] == '[');
}

// "rules[3].match" of "rules[3].match.path": what is missing there may be what a faulty neighbour
// was meant to be.
std::string_view ParentOf(std::string_view field) {
  return field.substr(0, std::min(field.rfind('.'), field.size()));
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
  if (tree_.front().kind == YamlNode::Kind::kNull) {
    // Nothing but comments: so looks a file that was truncated, and not written yet.
    problems.push_back(
        {Severity::kError, file, {}, {}, "is empty; write {} if it is to say nothing"});
    return;
  }
  message::Builder builder(message);
  std::vector<Feeder::Empty> empty;
  Feeder(tree_, builder, empty).Feed(0);
  for (const message::Builder::Fault& fault : builder.faults()) {
    problems.push_back(
        {Severity::kError, file, tree_[fault.line].position, fault.field, fault.description});
  }
  for (const Feeder::Empty& it : empty) {
    problems.push_back({Severity::kError, file, tree_[it.key].position, it.field,
                        "has no value; give it one or remove the key"});
  }
  if (builder.faults().size() == message::Builder::kMaxFaults) {
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
             (IsPartOf(report.field, problem.field) || IsPartOf(problem.field, report.field) ||
              (report.what.starts_with("required") &&
               ParentOf(report.field) == ParentOf(problem.field)));
    });
    if (had_fault) continue;
    problems.push_back(
        {report.severity, file_, Locate(tree_, report.field), report.field, report.what});
  }
}

}  // namespace fingerpost::policy::document
