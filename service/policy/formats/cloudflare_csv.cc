// The CSV of Cloudflare's Bulk Redirects, which has no header: source, target and then, each of
// them optional, status code, preserve query string, include subdomains, subpath matching, preserve
// path suffix. An exact source comes before a subpath, a longer subpath before a shorter one.
#include <algorithm>
#include <array>
#include <charconv>

#include "policy/formats/cat.h"
#include "policy/formats/delimited.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kFields = 7;

class Reader {
 public:
  Reader(const File& file, uint16_t index, Report& report)
      : table_(file, index, report, ','), report_(report) {}

  Redirects Run() {
    std::vector<std::string> cells;
    while (table_.Next(cells)) Row(cells);
    std::stable_sort(redirects_.begin(), redirects_.end(), [](const auto& a, const auto& b) {
      if (a.source != b.source) return a.source < b.source;
      if (a.source == Source::kPrefix && a.path.size() != b.path.size()) {
        return a.path.size() > b.path.size();
      }
      return !a.hosts[0].starts_with('.') && b.hosts[0].starts_with('.');
    });
    return std::move(redirects_);
  }

 private:
  void Skip(std::string_view why, std::string_view remedy) {
    report_.Skip(table_.place(), why, remedy);
  }

  void Row(std::vector<std::string>& cells) {
    if (cells.size() > kFields) {
      return Skip(Cat("has ", cells.size(), " fields instead of at most 7"),
                  "put quotes around a URL that has a comma in it");
    }
    cells.resize(kFields);
    std::array<bool, 4> flags = {};
    for (size_t i = 0; i < flags.size(); ++i) {
      const std::string& cell = cells[i + 3];
      flags[i] = cell == "TRUE" || cell == "true";
      if (!flags[i] && !cell.empty() && cell != "FALSE" && cell != "false") {
        return Skip(Cat("\"", cell, "\" in field ", i + 4, " is neither TRUE nor FALSE"),
                    "write TRUE or FALSE, or leave it empty");
      }
    }
    const auto [keeps_query, subdomains, subpaths, keeps_suffix] = flags;
    Redirect redirect;
    redirect.place = table_.place();
    redirect.query = keeps_query ? v1::QUERY_MODE_MERGE_TARGET_WINS : v1::QUERY_MODE_DROP;
    redirect.source = subpaths ? Source::kPrefix : Source::kExact;
    if (!Code(cells[2], redirect) || !From(cells[0], subdomains, redirect)) return;
    redirect.target = WithoutPlaceholders(cells[1]);
    if (!IsAbsolute(redirect.target)) return Skip("its target is no URL", "write \"https://…\"");
    if (subpaths && keeps_suffix) {
      const size_t end = std::min(redirect.target.find_first_of("?#"), redirect.target.size());
      redirect.target.insert(end, "{rest}");
    }
    redirects_.push_back(std::move(redirect));
  }

  bool Code(const std::string& cell, Redirect& redirect) {
    if (cell.empty()) return true;
    for (const int known : {301, 302, 307, 308}) {
      if (cell != std::to_string(known)) continue;
      redirect.code = known;
      return true;
    }
    Skip(Cat("\"", cell, "\" is no code of Cloudflare"), "write 301, 302, 307 or 308");
    return false;
  }

  bool From(const std::string& cell, bool subdomains, Redirect& redirect) {
    UrlSource source;
    std::string_view fault = ReadUrlSource(cell, source);
    if (fault.empty() && source.host.empty()) fault = "its source has no host";
    if (fault.empty() && !source.query.empty()) fault = "its source has a query";
    if (!fault.empty()) {
      Skip(fault, "write host and path: \"example.com/old\"");
      return false;
    }
    if (!source.scheme.empty()) {
      report_.Change(redirect.place,
                     Cat("answers http and https alike, not ", source.scheme, " only"),
                     "nothing needs to be done where only one of them is served");
    }
    redirect.path = std::move(source.path);
    redirect.hosts = {(subdomains ? "." : "") + source.host};
    return true;
  }

  Delimited table_;
  Report& report_;
  Redirects redirects_;
};

}  // namespace

void ReadCloudflareCsv(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  for (Redirect& redirect : Reader(file, index, report).Run()) {
    redirects.push_back(std::move(redirect));
  }
}

}  // namespace fingerpost::policy::formats
