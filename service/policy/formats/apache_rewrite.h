// RewriteRule and RewriteCond of Apache, as far as they redirect.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <string>
#include <vector>

#include "policy/formats/apache_condition.h"
#include "policy/formats/beside.h"
#include "policy/formats/lead.h"
#include "policy/formats/nginx_syntax.h"

namespace fingerpost::policy::formats {

// The rules of one context, in their order.
class ApacheRewrite {
 public:
  // `in_directory`: the patterns see a path without its first "/" (.htaccess).
  ApacheRewrite(std::vector<std::string> hosts, bool http_only, bool in_directory,
                Redirects& redirects, Report& report)
      : hosts_(std::move(hosts)),
        http_only_(http_only),
        in_directory_(in_directory),
        redirects_(redirects),
        report_(report),
        leads_(redirects, report) {}

  // The context's other directives pass without effect.
  void Read(const Directive& directive, Beside& beside);

 private:
  struct Flags {
    int code = 0;  // Of R; 0 without.
    bool gone = false, last = false, ignore_case = false, append = false, discard = false;
    bool raw = false;
    bool proxy = false, forbidden = false;
  };

  void Rule(const Directive& directive);
  void Convert(const Directive& directive, const Flags& flags, const ApacheConditions& conditions);
  bool ReadFlags(const Directive& directive, Flags& flags) const;
  // Whether the rule is reached only where an earlier one matches, or does not, as is reported.
  bool IsJumpedOver(const Directive& directive);
  void NoteJump(const Directive& directive);
  void FromMap(const Directive& directive, const std::string& name, const Redirect& asks,
               const Flags& flags);
  void Map(const Directive& directive, Beside& beside);
  [[nodiscard]] std::string Target(std::string_view substitution, const Flags& flags,
                                   v1::QueryMode& query) const;

  std::vector<std::string> hosts_;
  bool http_only_;
  bool in_directory_;
  Redirects& redirects_;
  Report& report_;
  Leads leads_;
  bool on_ = false;
  std::string base_;
  ApacheConditions conditions_;
  // Rules that the one of `jump_from_` may pass over: 1 for "chain", n for "skip=n".
  size_t jumped_ = 0;
  bool chained_ = false;  // Each of them may have "chain", too.
  uint32_t jump_from_ = 0;
  struct TextMap {
    std::vector<std::pair<std::string, std::string>> rows;
    std::vector<Place> places;
  };
  absl::flat_hash_map<std::string, TextMap> maps_;
};

}  // namespace fingerpost::policy::formats
