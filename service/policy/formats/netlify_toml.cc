// The [[redirects]] of netlify.toml.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <deque>
#include <string>

#include "policy/formats/cat.h"
#include "policy/formats/netlify_line.h"
#include "policy/formats/readers.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxToml = size_t{8} << 20;  // As a policy.

class Reader {
 public:
  Reader(uint16_t index, NetlifyLines& lines, Report& report)
      : index_(index), lines_(lines), report_(report) {}

  void Add(const toml::table& redirect, Place place) {
    texts_.clear();
    NetlifyLine line;
    // Older names of the same.
    line.from = Text(redirect, {"from", "origin"});
    line.to = Text(redirect, {"to", "destination"});
    line.status = Text(redirect, {"status"});
    if (redirect["force"].value_or(false)) {
      line.status = Keep(Cat(line.status.empty() ? "301" : line.status, "!"));
    }
    for (const char* name : {"query", "params", "parameters"}) {
      Pairs(redirect[name].as_table(), line.query);
    }
    Pairs(redirect["conditions"].as_table(), line.conditions);
    for (const auto& [key, _] : redirect) {
      if (key == "headers" || key == "signed" || key == "edge_handler") {
        report_.Note(place, Cat("\"", key.str(), "\" is for proxies"), "it is not read");
      }
    }
    if (line.from.empty() || (line.to.empty() && line.status.empty())) {
      return report_.Skip(place, "has no \"from\" or no \"to\"", "write both");
    }
    lines_.Add(line, place);
  }

  [[nodiscard]] Place PlaceOf(const toml::node& node) const {
    return {static_cast<uint32_t>(node.source().begin.line), index_};
  }

 private:
  // The text lives as long as the redirect is read.
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  std::string_view Text(const toml::table& table, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (const auto text = table[name].value<std::string>()) return Keep(*text);
      if (const auto number = table[name].value<int64_t>()) return Keep(std::to_string(*number));
    }
    return {};
  }

  // {id = 5} says the same as {id = "5"}.
  static std::string Scalar(const toml::node& node) {
    if (const auto number = node.value_exact<int64_t>()) return std::to_string(*number);
    if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
    return node.value_or(std::string());
  }

  // {Country = ["de", "at"]} -> "Country=de,at"
  void Pairs(const toml::table* table, std::vector<std::string_view>& words) {
    if (table == nullptr) return;
    for (const auto& [key, value] : *table) {
      std::string text = Cat(key.str(), "=", Scalar(value));
      if (const toml::array* list = value.as_array()) {
        for (const toml::node& one : *list) {
          Append(text, text.ends_with('=') ? "" : ",", Scalar(one));
        }
      }
      words.push_back(Keep(std::move(text)));
    }
  }

  uint16_t index_;
  NetlifyLines& lines_;
  Report& report_;
  std::deque<std::string> texts_;
};

}  // namespace

void ReadNetlifyToml(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  std::string_view text;
  if (!IsReadable(file, index, report, text)) return;
  if (text.size() > kMaxToml) {
    return report.Skip({0, index}, "is longer than 8 MiB", "write the redirects into _redirects");
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return report.Skip({static_cast<uint32_t>(error.source().begin.line), index},
                       error.description(), "correct it; nothing of it was imported");
  }
  const toml::array* list = parsed.table()["redirects"].as_array();
  if (list == nullptr) {
    return report.Skip({0, index}, "has no [[redirects]]", "give the file that has them");
  }
  NetlifyLines lines(redirects, report);
  Reader reader(index, lines, report);
  for (const toml::node& redirect : *list) {
    if (const toml::table* table = redirect.as_table())
      reader.Add(*table, reader.PlaceOf(redirect));
  }
  lines.Finish(index);
}

}  // namespace fingerpost::policy::formats
