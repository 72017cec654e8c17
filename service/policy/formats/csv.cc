// Spreadsheets: a source, a target and often a code, a row each, with the separators and the names
// of columns that people use.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/http/fields.h"
#include "policy/formats/cat.h"
#include "policy/formats/delimited.h"
#include "policy/formats/pattern.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {
namespace {

enum Column : uint8_t { kSource, kTarget, kCode, kHost, kRegex, kEnabled, kRemark, kColumns };

struct Name {
  std::string_view name;  // Letters only.
  Column column;
};
constexpr std::array kNames = {
    Name{"source", kSource},
    Name{"sourceurl", kSource},
    Name{"sourcepath", kSource},
    Name{"from", kSource},
    Name{"fromurl", kSource},
    Name{"frompath", kSource},
    Name{"old", kSource},
    Name{"oldurl", kSource},
    Name{"oldpath", kSource},
    Name{"oldlink", kSource},
    Name{"redirectfrom", kSource},
    Name{"origin", kSource},
    Name{"original", kSource},
    Name{"originalurl", kSource},
    Name{"legacyurl", kSource},
    Name{"request", kSource},
    Name{"requesturl", kSource},
    Name{"path", kSource},
    Name{"target", kTarget},
    Name{"targeturl", kTarget},
    Name{"targetpath", kTarget},
    Name{"to", kTarget},
    Name{"tourl", kTarget},
    Name{"topath", kTarget},
    Name{"new", kTarget},
    Name{"newurl", kTarget},
    Name{"newpath", kTarget},
    Name{"newlink", kTarget},
    Name{"redirectto", kTarget},
    Name{"destination", kTarget},
    Name{"destinationurl", kTarget},
    Name{"redirecturl", kTarget},
    Name{"location", kTarget},
    Name{"code", kCode},
    Name{"status", kCode},
    Name{"statuscode", kCode},
    Name{"httpcode", kCode},
    Name{"httpstatus", kCode},
    Name{"redirectcode", kCode},
    Name{"type", kCode},
    Name{"redirecttype", kCode},
    Name{"host", kHost},
    Name{"domain", kHost},
    Name{"site", kHost},
    Name{"regex", kRegex},
    Name{"isregex", kRegex},
    Name{"enabled", kEnabled},
    Name{"active", kEnabled},
    Name{"comment", kRemark},
    Name{"comments", kRemark},
    Name{"note", kRemark},
    Name{"notes", kRemark},
    Name{"description", kRemark},
    Name{"title", kRemark},
    Name{"id", kRemark},
    Name{"hits", kRemark},
    Name{"group", kRemark},
    Name{"created", kRemark},
    Name{"updated", kRemark},
    Name{"date", kRemark},
};

// "Redirect from" -> "redirectfrom"
std::string Letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') out += c;
  }
  return out;
}

std::optional<Column> ColumnNamed(std::string_view text) {
  const std::string letters = Letters(text);
  for (const Name& name : kNames) {
    if (name.name == letters) return name.column;
  }
  return std::nullopt;
}

// What people write for a code. nullopt: none of ours.
std::optional<int> CodeOf(std::string_view text) {
  const std::string letters = Letters(text);
  if (letters == "permanent" || letters == "movedpermanently") return 301;
  if (letters == "temporary" || letters == "temp" || letters == "found") return 302;
  if (letters == "gone") return 410;
  if (letters == "notfound") return 404;
  int code = 0;
  std::from_chars(text.data(), text.data() + std::min<size_t>(text.size(), 3), code);
  for (const int known : {301, 302, 303, 307, 308, 404, 410, 451}) {
    if (code == known && (text.size() == 3 || text[3] == ' ' || text[3] == '.')) return known;
  }
  return std::nullopt;
}

bool IsTrue(std::string_view text) {
  const std::string letters = Letters(text);
  return text == "1" || letters == "true" || letters == "yes" || letters == "t" || letters == "y";
}

// How much of a query it asks for.
int Asked(const Redirect& redirect) {
  return redirect.conditions == nullptr ? 0 : redirect.conditions->query_size();
}

class Reader {
 public:
  Reader(const File& file, uint16_t index, Redirects& redirects, Report& report)
      : table_(file, index, report), redirects_(redirects), report_(report) {}

  void Run() {
    const size_t before = redirects_.size();
    std::vector<std::string> cells;
    for (bool first = true; table_.Next(cells); first = false) {
      if (first && IsHeader(cells)) {
        if (!Header(cells)) return;
      } else {
        Row(cells);
      }
    }
    // Of rows for one path the one with the most of a query comes first, as in a map.
    std::stable_sort(redirects_.begin() + static_cast<std::ptrdiff_t>(before), redirects_.end(),
                     [](const Redirect& a, const Redirect& b) { return Asked(a) > Asked(b); });
    if (redirects_.empty()) return;
    const Place file{0, table_.place().file};
    report_.Note(file, "it does not say what becomes of a request's query", "it is kept");
    if (without_code_) report_.Note(file, "rows have no code", "they are 301");
  }

 private:
  // It has a name of ours, which "/old" is not, or nothing that is a source or a target.
  static bool IsHeader(const std::vector<std::string>& cells) {
    if (!cells[0].starts_with('/') && ColumnNamed(cells[0])) return true;
    return std::none_of(cells.begin(), cells.end(), [](const auto& cell) {
      return cell.starts_with('/') || cell.find("://") != cell.npos;
    });
  }

  bool Header(const std::vector<std::string>& cells) {
    columns_.clear();
    for (const std::string& cell : cells) {
      const std::optional<Column> column = ColumnNamed(cell);
      if (!column) {
        report_.Note(table_.place(), Cat("the column \"", cell, "\" is unknown"),
                     "it is not read; name a column source, target, code, host or regex");
      }
      columns_.push_back(column.value_or(kRemark));
    }
    for (const Column needed : {kSource, kTarget}) {
      if (std::count(columns_.begin(), columns_.end(), needed) == 1) continue;
      report_.Skip(
          table_.place(),
          Cat("the header names not one column for the ", needed == kSource ? "source" : "target"),
          "name it source or target; nothing of the file was imported");
      return false;
    }
    return true;
  }

  void Row(const std::vector<std::string>& cells) {
    std::array<std::string, kColumns> row;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i < columns_.size()) {
        row[columns_[i]] = cells[i];
      } else if (!cells[i].empty()) {
        return report_.Skip(table_.place(),
                            Cat("has ", cells.size(), " fields instead of ", columns_.size()),
                            "put quotes around a URL that has the separator in it");
      }
    }
    if (!row[kEnabled].empty() && !IsTrue(row[kEnabled])) {
      return report_.Skip(table_.place(), "is not enabled", "nothing needs to be done");
    }
    Convert(row);
  }

  void Convert(const std::array<std::string, kColumns>& row) {
    Redirect redirect;
    redirect.place = table_.place();
    redirect.query = v1::QUERY_MODE_KEEP;
    if (!row[kCode].empty()) {
      const std::optional<int> code = CodeOf(row[kCode]);
      if (!code) {
        return report_.Skip(redirect.place, Cat("\"", row[kCode], "\" is no code of a redirect"),
                            "write 301, 302, 303, 307, 308, 404, 410 or 451");
      }
      redirect.code = *code;
    } else {
      without_code_ = true;
    }
    if (!row[kHost].empty()) redirect.hosts = {row[kHost]};
    redirect.target = WithoutPlaceholders(row[kTarget]);
    const bool bare = IsBare(redirect.code);
    if (row[kTarget].empty() && !bare) {
      return report_.Skip(redirect.place, "has no target",
                          "give one, or one of the codes 404, 410 and 451");
    }
    if (!row[kTarget].empty() && bare) {
      return report_.Skip(redirect.place,
                          Cat("has a target and the code ", redirect.code, ", which has none"),
                          "remove the target, or write the code of a redirect");
    }
    const bool source =
        IsTrue(row[kRegex]) ? Pattern(row[kSource], redirect) : Plain(row[kSource], redirect);
    if (source) redirects_.push_back(std::move(redirect));
  }

  bool Plain(const std::string& text, Redirect& redirect) {
    UrlSource source;
    if (const std::string_view fault = ReadUrlSource(text, source); !fault.empty()) {
      report_.Skip(redirect.place, fault, "write a path that begins with \"/\", or a URL");
      return false;
    }
    redirect.path = std::move(source.path);
    if (!source.host.empty()) redirect.hosts = {std::move(source.host)};
    redirect.conditions = QueryConditions(source.query);
    if (redirect.conditions != nullptr) redirect.query = v1::QUERY_MODE_DROP;
    return true;
  }

  // Of the plugins that write the column "regex": it matches anywhere, and "$1" is its group.
  bool Pattern(const std::string& text, Redirect& redirect) {
    redirect.source = Source::kPattern;
    redirect.path = SearchPattern(text);
    redirect.target = GroupTarget(redirect.target);
    return true;
  }

  Delimited table_;
  Redirects& redirects_;
  Report& report_;
  std::vector<Column> columns_ = {kSource, kTarget, kCode};
  bool without_code_ = false;
};

}  // namespace

void ReadCsv(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  Reader(file, index, redirects, report).Run();
}

}  // namespace fingerpost::policy::formats
