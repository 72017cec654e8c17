// RewriteRule and RewriteCond of Apache, as far as they redirect.
#pragma once

#include <map>
#include <string>
#include <vector>

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
  // What the conditions before a rule ask.
  struct Conditions {
    std::vector<std::string> hosts;
    bool any_host = false;  // "[OR]" joins them.
    bool http_only = false;
    std::string path;  // A pattern of the whole path.
    std::shared_ptr<v1::Match> match = std::make_shared<v1::Match>();
    bool on_files = false;  // Looks at the file system.
    std::string map;        // A map must have the path.
    std::string unknown;    // A condition that the policy does not have.
  };

  struct Flags {
    int code = 0;  // Of R; 0 without.
    bool gone = false, last = false, ignore_case = false, append = false, discard = false;
    bool raw = false;
    bool proxy = false, forbidden = false;
  };

  void Condition(const Directive& directive);
  bool AddCondition(std::string_view text, std::string_view wanted, bool ignore_case);
  bool AddQueryCondition(std::string_view wanted);
  bool AddHostCondition(std::string_view wanted);
  void Rule(const Directive& directive);
  void Convert(const Directive& directive, const Flags& flags, const Conditions& conditions);
  bool ReadFlags(const Directive& directive, Flags& flags) const;
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
  Conditions conditions_;
  struct TextMap {
    std::vector<std::pair<std::string, std::string>> rows;
    std::vector<Place> places;
  };
  std::map<std::string, TextMap> maps_;
};

}  // namespace fingerpost::policy::formats
