#include "policy/compiled/scope.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr message::Place kSelected("handed_out.selector.hosts");

}  // namespace

Scope::Scope(const v1::HandedOut& handed_out, message::Faults& faults) {
  const v1::PolicySelector& selector = handed_out.selector();
  if (selector.hosts().empty() && selector.intents().empty()) return;
  has_intents_ = false;
  if (!selector.hosts().empty()) hosts_.emplace();
  for (int i = 0; i < selector.hosts_size(); ++i) {
    if (const auto host = ParseMatchHost(selector.hosts(i))) {
      hosts_->Add(*host);
    } else {
      faults.Error(kSelected[i],
                   "is not a host; expected \"shop.example.com\" or \".example.com\"");
    }
  }
}

bool Scope::HasHost(std::string_view host) const {
  if (!hosts_) return true;
  HostIds matched;
  hosts_->Match(host, matched);
  return matched.front() != kAnyHost;
}

}  // namespace fingerpost::policy::compiled
