// What the policy can have at all.
#pragma once

#include "policy/formats/reach.h"
#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

class Fit {
 public:
  // More exact paths without regard to case than these stay exact: patterns are rules.
  static constexpr size_t kMaxFolded = 1000;

  // `hosts` are those of redirects that name none, `folded` how many exact paths ignore case.
  Fit(const Hosts& hosts, size_t folded, Report& report)
      : hosts_(hosts), folded_(folded), report_(report) {}

  // Brings hosts and path into the policy's spelling. False: the policy cannot have it, as the
  // report says unless it is the `second` form of one that was reported.
  [[nodiscard]] bool Check(Redirect& redirect, bool second);

 private:
  [[nodiscard]] const Hosts& HostsOf(const Redirect& redirect) const {
    return redirect.hosts.empty() ? hosts_ : redirect.hosts;
  }
  void Fold(Redirect& redirect, bool second);
  bool HasFitHosts(Redirect& redirect);
  bool HasFitConditions(const Redirect& redirect);
  bool IsFitPattern(const Redirect& redirect);
  bool IsFitTarget(const Redirect& redirect, bool second);
  // Whether its target, with some text for its captures, is what it matches.
  [[nodiscard]] bool LeadsToItself(const Redirect& redirect) const;

  const Hosts& hosts_;
  size_t folded_;
  Report& report_;
};

}  // namespace fingerpost::policy::formats
