// The hosts that the policy's own targets may name.
//
// A request trusts the policy's targets, so a misspelled host would send clients to a stranger.
// So every host in a target must be named a second time: in allowed_hosts, or as the rule's own.
#pragma once

#include <string>
#include <string_view>

#include "core/http/hosts.h"
#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"

namespace fingerpost::policy::compiled {

inline constexpr std::string_view kHostNotAllowed =
    "names a host that is not allowed; correct it or add it to defaults.allowed_hosts";

class AllowedHosts {
 public:
  // The document's allowed hosts, including those of its hosts' defaults.
  explicit AllowedHosts(const v1::Policy& policy);
  // The hosts of `parent`, which must outlive this, and more.
  explicit AllowedHosts(const AllowedHosts* parent) : parent_(parent) {}

  void Add(const http::HostPatterns& patterns) { patterns_.MergeFrom(patterns); }
  void Add(const std::string& pattern) { *patterns_.Add() = pattern; }
  // The hosts of a rule, which its targets may name. "*.example.com" stands for ".example.com".
  void AddOwn(const http::HostPatterns& hosts);

  [[nodiscard]] bool Allows(const http::Url& url) const {
    return http::AnyHostMatches(url, patterns_) || http::AnyHostMatches(url, own_) ||
           (parent_ != nullptr && parent_->Allows(url));
  }
  // The same for every host in place of that of `url`, of which the first letter is any labels. A
  // rule's own hosts count only if the request's is the same host.
  [[nodiscard]] bool AllowsAll(const http::Url& url) const;

 private:
  const AllowedHosts* parent_ = nullptr;
  http::HostPatterns patterns_;
  http::HostPatterns own_;
  bool captures_own_ = false;  // All of them had a "*".
};

// Reports each target of `intent` whose host is not allowed, that has userinfo or that is no URL,
// and warns of http. `at` is where the intent stands; its targets may have placeholders.
void CheckTargetHosts(const v1::Intent& intent, const message::Place& at,
                      const AllowedHosts& allowed, message::Faults& faults);

}  // namespace fingerpost::policy::compiled
