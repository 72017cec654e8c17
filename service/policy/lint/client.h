// A client for which a rule is: its request, and what it takes along from redirect to redirect.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

// Of a rule's hosts; more cost time and rarely show more.
inline constexpr size_t kMostSampleHosts = 16;

class Client {
 public:
  // One that sends nothing of its own.
  Client() = default;

  // Makes it send what the conditions of `rule` ask for, beside what it sends already. Where both
  // contradict each other, or nothing is known that meets a condition, the rule will not match.
  void Meet(const compiled::Rule& rule);
  // Prefers this language to all others.
  void Prefer(const std::string& language) { language_ = language; }
  // The key of weighted targets.
  void Draw(const v1::StickyKey& key, const std::string& value);

  // Its first question.
  [[nodiscard]] v1::DecideRequest Asks(const std::string& url,
                                       const google::protobuf::Timestamp& now) const;

  [[nodiscard]] bool has_cookies() const { return !cookies_.empty(); }
  // `, for a client that sends "Cookie: beta=1"`; "" for one that sends nothing of its own.
  [[nodiscard]] std::string Text() const;

 private:
  struct Value {
    std::string name;
    std::string value;
  };
  using Values = std::vector<Value>;

  static void Add(Values& values, const std::string& name, const std::string& value);
  static void MeetAll(const std::vector<compiled::ValueCondition>& conditions, Values& values);
  [[nodiscard]] Values Fields() const;

  std::string method_;
  Values query_, fields_, cookies_;
  std::string language_;
};

// URLs that the rule's hosts and path match: of each host, what its path leaves open being there
// and being left out. None where no path is known. `letter` stands where any one may.
[[nodiscard]] std::vector<std::string> SampleUrls(const Walker& walker, const compiled::Rule& rule,
                                                  char letter = 'x',
                                                  size_t most_hosts = kMostSampleHosts);

// A host of the pattern; for "", which is every host, one that no policy names.
[[nodiscard]] std::string HostIn(std::string_view pattern);

// The host of a URL.
[[nodiscard]] std::string HostOf(const std::string& url);

// The URL of a row's source.
[[nodiscard]] std::string SampleUrl(std::string_view host_pattern, const compiled::MapEntry& row);

}  // namespace fingerpost::policy::lint
