// What the files of one `include` own: the requests that they may answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::policy::compiled {

// Immutable.
class Owner {
 public:
  // Everything, as the document does.
  Owner() = default;
  // Reports hosts and paths that are none. What it owns is not known then, and nothing more is
  // told.
  Owner(const v1::Include& include, const message::Place& at, message::Faults& faults);

  // Whether a request may be for both.
  [[nodiscard]] bool Meets(const Owner& other) const;

  // Whether all requests for the host pattern (as of ParseHostPattern; "": every host) are owned,
  // and for the path and all below it, in the spelling of ParsePath.
  [[nodiscard]] bool OwnsHost(std::string_view host) const;
  [[nodiscard]] bool OwnsPath(std::string_view path) const;

  // Reports hosts and paths of a rule's match that are not provably owned.
  void Check(const v1::Match& match, const message::Place& at, message::Faults& faults) const;

  // The same for one host.
  void CheckHost(std::string_view host, const message::Place& at, message::Faults& faults) const;

  // "checkout.example.com, below /checkout and /cart".
  [[nodiscard]] std::string Text() const;

 private:
  [[nodiscard]] bool OwnsGlob(const std::string& glob) const;
  [[nodiscard]] bool OwnsRegex(std::string_view regex) const;
  void CheckPath(const v1::Match& match, const message::Place& at, message::Faults& faults) const;

  bool is_known_ = true;
  std::vector<std::string> hosts_;  // Empty: every host.
  std::vector<std::string> paths_;  // Without a last "/". Empty: every path.
};

}  // namespace fingerpost::policy::compiled
