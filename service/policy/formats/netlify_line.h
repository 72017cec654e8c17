// A redirect of Netlify, as _redirects and netlify.toml have it: the first that matches answers; a
// "/" at the end of a path does not count; the request's query is kept, and the target's own
// parameters win.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "policy/formats/redirect.h"
#include "policy/formats/report.h"
#include "policy/formats/wildcards.h"

namespace fingerpost::policy::formats {

struct NetlifyLine {
  std::string_view from;
  std::vector<std::string_view> query;  // "name=value"
  std::string_view to;
  std::string_view status;                   // "301", "301!", ""
  std::vector<std::string_view> conditions;  // "Country=de,at"
};

// "301" and "301!"; nullopt: no number.
[[nodiscard]] std::optional<int> NetlifyStatus(std::string_view word);

class NetlifyLines {
 public:
  NetlifyLines(Redirects& redirects, Report& report) : redirects_(redirects), report_(report) {}

  void Add(const NetlifyLine& line, Place place);
  // Tells once what holds for the whole file.
  void Finish(uint16_t file);

 private:
  void Skip(std::string_view why, std::string_view remedy) { report_.Skip(place_, why, remedy); }
  bool From(std::string_view from, Redirect& redirect, Wildcards& wildcards);
  [[nodiscard]] bool IsUpgrade(const NetlifyLine& line) const;
  bool Query(const NetlifyLine& line, v1::Match& conditions);
  bool Conditions(const std::vector<std::string_view>& words, v1::Match& conditions);
  void Status(int status, bool forced, Redirect& redirect);

  Redirects& redirects_;
  Report& report_;
  Place place_;
  std::string_view scheme_;  // Of the source, if it is a URL.
  bool gives_way_ = false;   // A line is without "!".
};

}  // namespace fingerpost::policy::formats
