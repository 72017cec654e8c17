#include "golden/corpus.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "directories.h"

namespace fingerpost::golden {
namespace {

using Variables = std::map<std::string, Value>;

[[noreturn]] void Fail(const std::string& where, const std::string& what) {
  throw std::runtime_error(where + ": " + what);
}

// The value of "purpose" or "case.status".
const Value& Lookup(const Variables& variables, const std::string& path) {
  const size_t dot = path.find('.');
  const auto found = variables.find(path.substr(0, dot));
  if (found == variables.end()) throw std::runtime_error("no such variable: ${" + path + "}");
  if (dot == std::string::npos) return found->second;
  const Value* member = Member(found->second, path.substr(dot + 1));
  if (member == nullptr) throw std::runtime_error("no such member: ${" + path + "}");
  return *member;
}

// A value's form inside a text: strings bare, objects by their "name".
std::string Bare(const Value& value) {
  if (value.kind_case() == Value::kStringValue) return value.string_value();
  if (const Value* name = Member(value, "name")) return name->string_value();
  return ToJson(value);
}

// The text "${x}" alone becomes the value itself; inside a longer text x is written out.
Value FillText(const std::string& text, const Variables& variables) {
  Value filled;
  if (text.starts_with("${") && text.find('}') == text.size() - 1) {
    return Lookup(variables, text.substr(2, text.size() - 3));
  }
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t start = text.find("${", at);
    out += text.substr(at, start - at);
    if (start == std::string::npos) break;
    const size_t end = text.find('}', start);
    if (end == std::string::npos) throw std::runtime_error("no closing brace: " + text);
    out += Bare(Lookup(variables, text.substr(start + 2, end - start - 2)));
    at = end + 1;
  }
  filled.set_string_value(out);
  return filled;
}

Value Fill(const Value& json, const Variables& variables) {
  Value filled = json;
  if (json.kind_case() == Value::kStringValue) return FillText(json.string_value(), variables);
  if (json.kind_case() == Value::kListValue) {
    for (Value& item : *filled.mutable_list_value()->mutable_values()) item = Fill(item, variables);
  }
  if (json.kind_case() == Value::kStructValue) {
    filled.mutable_struct_value()->clear_fields();
    for (const auto& [name, value] : json.struct_value().fields()) {
      const std::string key = FillText(name, variables).string_value();
      (*filled.mutable_struct_value()->mutable_fields())[key] = Fill(value, variables);
    }
  }
  return filled;
}

// Every combination of the lists of "for", the last name changing fastest.
std::vector<Variables> Combinations(const Value* lists) {
  std::vector<Variables> all(1);
  if (lists == nullptr) return all;
  const auto& fields = lists->struct_value().fields();
  for (const auto& [name, values] : std::map(fields.begin(), fields.end())) {
    std::vector<Variables> longer;
    for (const Variables& variables : all) {
      for (const Value& value : values.list_value().values()) {
        longer.push_back(variables);
        longer.back()[name] = value;
      }
    }
    all = std::move(longer);
  }
  if (all.empty()) throw std::runtime_error("\"for\" has an empty list");
  return all;
}

void CheckKeys(const Value& object, const std::set<std::string>& allowed) {
  if (object.kind_case() != Value::kStructValue) throw std::runtime_error("expected an object");
  for (const auto& [key, value] : object.struct_value().fields()) {
    if (!allowed.contains(key)) throw std::runtime_error("unknown key \"" + key + '"');
  }
}

const Value& Required(const Value& object, const std::string& key) {
  const Value* value = Member(object, key);
  if (value == nullptr) throw std::runtime_error("no \"" + key + '"');
  return *value;
}

std::string RequiredText(const Value& object, const std::string& key) {
  const std::string& text = Required(object, key).string_value();
  if (text.empty()) throw std::runtime_error('"' + key + "\" is empty");
  return text;
}

void Expand(const Value& json, const std::string& file, std::vector<Row>& rows) {
  CheckKeys(json,
            {"name", "why", "citation", "covers", "for", "decide", "follow", "expect", "hops"});
  Row row;
  row.file = file;
  row.name = RequiredText(json, "name");
  row.why = RequiredText(json, "why");
  row.citation = RequiredText(json, "citation");
  row.is_follow = Member(json, "follow") != nullptr;
  if (row.is_follow == (Member(json, "decide") != nullptr)) {
    throw std::runtime_error("exactly one of \"decide\" and \"follow\"");
  }
  const Value* hops = Member(json, "hops");
  if (hops != nullptr && !row.is_follow) throw std::runtime_error("\"hops\" is for \"follow\"");
  for (const Variables& variables : Combinations(Member(json, "for"))) {
    Row filled = row;
    for (const auto& [name, value] : variables) {
      filled.name += (&name == &variables.begin()->first ? " [" : ", ") + name + '=' + Bare(value);
    }
    if (!variables.empty()) filled.name += ']';
    filled.request = Fill(Required(json, row.is_follow ? "follow" : "decide"), variables);
    filled.expect = Fill(Required(json, "expect"), variables);
    if (const Value* covers = Member(json, "covers")) {
      const Value ids = Fill(*covers, variables);
      for (const Value& id : ids.list_value().values()) {
        filled.covers.push_back(id.string_value());
      }
    }
    if (hops != nullptr) {
      for (const Value& hop : hops->list_value().values()) {
        CheckKeys(hop, {"response", "expect"});
        filled.hops.push_back(
            {Fill(Required(hop, "response"), variables), Fill(Required(hop, "expect"), variables)});
      }
    }
    rows.push_back(std::move(filled));
  }
}

}  // namespace

std::filesystem::path CorpusDirectory() {
  // A working copy of the rows may be elsewhere.
  const char* elsewhere = std::getenv("FINGERPOST_GOLDEN_DIR");
  return elsewhere != nullptr ? std::filesystem::path(elsewhere)
                              : std::filesystem::path(FINGERPOST_TESTS_DIR) / "golden";
}

std::vector<Row> LoadFile(const std::filesystem::path& file) {
  const std::string label = file.parent_path().filename() / file.filename();
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) Fail(label, "cannot be read");
  std::vector<Row> rows;
  int number = 0;
  std::string name;
  try {
    const Value json = ParseJson(text.str());
    for (const Value& row : json.list_value().values()) {
      ++number;
      name = Member(row, "name") != nullptr ? Member(row, "name")->string_value() : "";
      Expand(row, label, rows);
    }
  } catch (const std::runtime_error& error) {
    Fail(label, "row " + std::to_string(number) + " \"" + name + "\": " + error.what());
  }
  if (rows.empty()) Fail(label, "no rows");
  return rows;
}

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const std::string kind : {"decide", "follow"}) {
    for (const auto& entry : std::filesystem::directory_iterator(CorpusDirectory() / kind)) {
      if (entry.path().extension() == ".json") {
        files.push_back(kind + "/" + entry.path().filename().string());
      }
    }
  }
  if (files.empty()) throw std::runtime_error("the corpus is empty");
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Row> LoadAll() {
  std::vector<Row> all;
  std::set<std::string> names;
  for (const std::string& file : Files()) {
    for (Row& row : LoadFile(CorpusDirectory() / file)) {
      if (!names.insert(row.name).second) Fail(file, "the name \"" + row.name + "\" occurs twice");
      all.push_back(std::move(row));
    }
  }
  return all;
}

}  // namespace fingerpost::golden
