// RewriteCond of Apache.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/v1/policy.pb.h"
#include "policy/formats/nginx_syntax.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

// "[R=301,L]" -> "R=301", "L": views of the directive's third word.
[[nodiscard]] std::vector<std::string_view> FlagWords(const Directive& directive);

// What the conditions before a rule ask.
class ApacheConditions {
 public:
  // RewriteCond with at least two words behind it.
  void Add(const Directive& directive, Report& report);

  std::vector<std::string> hosts;  // Any of them. Empty: every host, unless:
  bool two_hosts = false;          // It asks for two at once.
  std::string labels;  // "1" where "%1" is what "*" of the hosts stands for, "" where not.
  bool http_only = false;
  std::string path;  // A pattern of the whole path.
  std::shared_ptr<v1::Match> match = std::make_shared<v1::Match>();
  bool on_files = false;  // Looks at the file system.
  std::string map;        // A map must have the path.
  std::string unknown;    // A condition that the policy does not have.

 private:
  bool AddOne(std::string_view text, std::string_view wanted, bool ignore_case);
  bool AddQuery(std::string_view wanted);
  bool AddHost(const Directive& directive, bool joined, Report& report);
  void EndHosts();

  std::vector<std::string> any_of_;  // Hosts that "[OR]" joins so far.
  bool or_next_ = false;
};

}  // namespace fingerpost::policy::formats
