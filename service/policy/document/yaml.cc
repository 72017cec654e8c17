#include "policy/document/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "core/message/utf8.h"

namespace fingerpost::policy::document {
namespace {

// Leaves yaml-cpp's parser, which knows no other way out. An exception with words, because the
// engine's module has nothing else to say where it is thrown.
struct Refused : YAML::ParserException {
  using ParserException::ParserException;
};

using message::Fault;

message::Position At(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<size_t>(mark.line) + 1, static_cast<size_t>(mark.column) + 1};
}

// Stands for "?" where that is text: yaml-cpp 0.7 takes each one inside "{}" and "[]" for the mark
// of a key, and so refuses "/search?q=1", which is YAML (YAML 1.2.2 §7.3.3). UTF-8 has no such
// octet, nor does an escape make one.
constexpr char kQuestionMark = '\xFF';

class TreeBuilder : public YAML::EventHandler {
 public:
  YamlTree tree;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(YamlNode::Kind::kNull, mark, "?", anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused(mark, "aliases (*name) are not supported; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode& node = tree[Add(YamlNode::Kind::kScalar, mark, tag, anchor)];
    node.plain = tag == "?";
    node.text = value;
    std::replace(node.text.begin(), node.text.end(), kQuestionMark, '?');
    if (node.plain && value == "<<") {
      throw Refused(mark, "merge keys (<<) are not supported; write the values out");
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kObject, mark, tag, anchor);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  uint32_t Add(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
               YAML::anchor_t anchor) {
    if (anchor != 0) throw Refused(mark, "anchors (&name) are not supported; leave it out");
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused(mark, "tags (!name) are not supported; leave it out");
    }
    if (tree.size() == kMaxNodes) {
      throw Refused(mark, "the document has more than " + std::to_string(kMaxNodes) +
                              " values; move exact redirects into a map file");
    }
    const auto index = static_cast<uint32_t>(tree.size());
    if (!open_.empty()) {
      YamlNode& parent = tree[open_.back()];
      const bool is_key = parent.kind == YamlNode::Kind::kObject && parent.children.size() % 2 == 0;
      if (is_key && kind != YamlNode::Kind::kScalar) {
        throw Refused(mark, "expected a name before the \":\"");
      }
      parent.children.push_back(index);
    }
    YamlNode& node = tree.emplace_back();
    node.kind = kind;
    node.position = At(mark);
    return index;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (open_.size() == kMaxNesting) {
      throw Refused(mark, "nested deeper than " + std::to_string(kMaxNesting) + " levels");
    }
    open_.push_back(Add(kind, mark, tag, anchor));
  }

  std::vector<uint32_t> open_;
};

// What to write instead of what yaml-cpp stumbled over.
struct Advice {
  std::string_view fault;  // how its message begins
  std::string_view advice;
  bool may_be_a_tab = false;  // the parser compares indentation, where a tab is none
};

const Advice* FindAdvice(std::string_view message) {
  namespace fault = YAML::ErrorMsg;
  constexpr std::string_view kIndent = "; indent the line as its neighbours";
  static const std::array kAdvice = {
      Advice{fault::END_OF_MAP, kIndent, true},
      Advice{fault::END_OF_SEQ, kIndent, true},
      Advice{fault::MAP_KEY, kIndent, true},
      Advice{fault::TAB_IN_INDENTATION, kIndent, true},
      Advice{fault::BLOCK_ENTRY, "; begin a list on a line of its own", true},
      Advice{fault::MAP_VALUE,
             "; put quotes around a text with \":\" in it, a space after the \":\" of a name, and "
             "indent a name as its neighbours",
             true},
      Advice{fault::END_OF_MAP_FLOW, "; close the \"{\""},
      Advice{fault::END_OF_SEQ_FLOW, "; close the \"[\""},
      Advice{fault::FLOW_END, "; close \"{\" with \"}\" and \"[\" with \"]\""},
      Advice{fault::UNKNOWN_TOKEN,
             "; put quotes around a text that begins with \"@\", \"`\" or \"%\""},
      Advice{fault::INVALID_ESCAPE,
             "; in double quotes a \"\\\" is written \"\\\\\", in single quotes as it is"},
      Advice{fault::UNKNOWN_ANCHOR, "; aliases (*name) are not supported, write the value out"},
  };
  const auto* found = std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& advice) {
    return message.starts_with(advice.fault);
  });
  return found == kAdvice.end() ? nullptr : found;
}

// 1-based.
std::string_view LineAt(std::string_view text, size_t line) {
  for (; line > 1; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string_view IndentationOf(std::string_view line) {
  return line.substr(0, line.find_first_not_of(" \t"));
}

// "{rest}" at the beginning or at the end of `text`, or "".
std::string_view PlaceholderIn(std::string_view text, bool at_end) {
  const size_t open = at_end ? text.rfind('{') : 0;
  if (open == text.npos || !text.substr(open).starts_with('{')) return {};
  const size_t close = text.find('}', open);
  if (close == text.npos || (at_end && close + 1 != text.size())) return {};
  const std::string_view name = text.substr(open + 1, close - open - 1);
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '|';
  });
  return is_name ? text.substr(open, close + 1 - open) : std::string_view();
}

// A placeholder without quotes, which the parser takes for a map and stumbles over.
std::string_view UnquotedPlaceholder(std::string_view text, const message::Position& at) {
  if (at.line == 0) return {};
  text = LineAt(text, at.line);
  const size_t column = std::min(at.column - 1, text.size());
  const std::string_view placeholder = PlaceholderIn(text.substr(column), false);
  return placeholder.empty() ? PlaceholderIn(text.substr(0, column), true) : placeholder;
}

Fault Explain(const YAML::Exception& exception, std::string_view text, const YamlTree& tree) {
  if (exception.msg == YAML::ErrorMsg::DOC_IN_SCALAR) {
    // The fault shows at the end of the file; what was understood last is nearer to its cause.
    return {.path = {},
            .what = "is not YAML: a quote that opens after this does not close; close it",
            .position = tree.empty() ? message::Position{1, 1} : tree.back().position};
  }
  Fault fault{.path = {}, .what = "is not YAML: " + exception.msg, .position = At(exception.mark)};
  if (const auto placeholder = UnquotedPlaceholder(text, fault.position); !placeholder.empty()) {
    fault.what =
        "is not YAML: put quotes around the text with " + std::string(placeholder) + " in it";
    return fault;
  }
  const Advice* advice = FindAdvice(exception.msg);
  if (advice == nullptr) return fault;
  const size_t tab = IndentationOf(LineAt(text, fault.position.line)).find('\t');
  if (advice->may_be_a_tab && tab != std::string_view::npos) {
    fault.position.column = tab + 1;
    fault.what = "is not YAML: a tab indents the line; indent with spaces";
  } else {
    fault.what += advice->advice;
  }
  return fault;
}

// A "?" before white space at the beginning of a line or after an indicator marks a key; every
// other one is text.
void HideQuestionMarks(std::string& text) {
  char before = '\n';  // The last one that is no white space, or the line's end.
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool last = i + 1 == text.size();
    const bool marks_key =
        (last || std::string_view(" \t\r\n").find(text[i + 1]) != std::string_view::npos) &&
        std::string_view("\n{[,-:?").find(before) != std::string_view::npos;
    // At the very beginning yaml-cpp looks for a byte order mark.
    if (c == '?' && !marks_key && i > 0) text[i] = kQuestionMark;
    if (c != ' ' && c != '\t' && c != '\r') before = c;
  }
}

// With an explicit end: at the end of the text yaml-cpp 0.7 treats an open quote, as in a truncated
// file, as closed.
std::string WithEnd(std::string_view text) {
  std::string ended(text);
  HideQuestionMarks(ended);
  if (!ended.ends_with('\n')) ended += '\n';
  return ended += "...\n";
}

// yaml-cpp guesses encodings and passes most controls on; a policy is UTF-8 text.
message::Result<void, Fault> CheckText(std::string_view text) {
  if (text.size() > kMaxDocument) {
    return message::Unexpected(Fault{.path = {},
                                     .what = "is larger than " +
                                             std::to_string(kMaxDocument >> 20) +
                                             " MiB; move exact redirects into a map file"});
  }
  message::Position at = {1, 1};
  for (size_t i = 0; i < text.size();) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const size_t length = message::Utf8Length(text.substr(i));
    const bool control =
        (octet < 0x20 && octet != '\t' && octet != '\n' && octet != '\r') || octet == 0x7F;
    // yaml-cpp takes it for a part of the line.
    const bool lone_return = octet == '\r' && !text.substr(i + 1).starts_with('\n');
    if (length == 0 || control || lone_return) {
      return message::Unexpected(
          Fault{.path = {},
                .what = length == 0 ? "is not UTF-8; save the file as UTF-8"
                        : control   ? "holds a control character; remove it"
                                    : "ends a line with CR alone; save the file with LF or CR LF",
                .position = at});
    }
    i += length;
    at = octet == '\n' ? message::Position{at.line + 1, 1}
                       : message::Position{at.line, at.column + length};
  }
  return {};
}

const YamlNode* Child(const YamlTree& tree, const YamlNode& node, const message::Step& step) {
  if (step.kind == message::Step::Kind::kIndex) {
    const bool there = node.kind == YamlNode::Kind::kList && step.index < node.children.size();
    return there ? &tree[node.children[step.index]] : nullptr;
  }
  if (node.kind != YamlNode::Kind::kObject) return nullptr;
  for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
    if (tree[node.children[i]].text == step.name) return &tree[node.children[i + 1]];
  }
  return nullptr;
}

}  // namespace

message::Result<YamlTree, Fault> ParseYaml(std::string_view text) {
  if (auto checked = CheckText(text); !checked) {
    return message::Unexpected(std::move(checked).error());
  }
  std::istringstream in{WithEnd(text)};
  TreeBuilder builder;
  try {
    YAML::Parser parser(in);
    parser.HandleNextDocument(builder);
    const size_t first = builder.tree.size();
    if (parser.HandleNextDocument(builder) && builder.tree.size() > first) {
      return message::Unexpected(Fault{.path = {},
                                       .what = "a second document begins; a file holds one",
                                       .position = builder.tree[first].position});
    }
  } catch (const Refused& refused) {
    return message::Unexpected(
        Fault{.path = {}, .what = refused.msg, .position = At(refused.mark)});
  } catch (const YAML::Exception& exception) {
    return message::Unexpected(Explain(exception, text, builder.tree));
  }
  if (builder.tree.empty())
    builder.tree.push_back({.position = {1, 1}, .text = {}, .children = {}});
  return std::move(builder.tree);
}

message::Position Locate(const YamlTree& tree, const message::Path& path) {
  const YamlNode* node = &tree.front();
  for (const message::Step& step : path) {
    const YamlNode* child = Child(tree, *node, step);
    if (child == nullptr) break;
    node = child;
  }
  return node->position;
}

}  // namespace fingerpost::policy::document
