// A request for the rules: in the spelling in which they compare.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/accept_language.h"
#include "core/http/request.h"
#include "core/http/url.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/folding.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/row_query.h"

namespace fingerpost::policy::compiled {

// For one thread. Finds path and hosts at the first call, because a question with its own intent
// needs neither.
class Subject {
 public:
  // Its arguments must outlive it. Without a URL it has neither path nor hosts.
  Subject(const v1::DecideRequest& asked, const http::Request& request, const HostTable& hosts);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  [[nodiscard]] const v1::DecideRequest& asked() const { return asked_; }
  [[nodiscard]] const http::Request& request() const { return request_; }
  // As it was sent, with userinfo and fragment. Requires a URL.
  [[nodiscard]] const http::Url& url() const { return *request_.url(); }
  [[nodiscard]] std::string_view path() const;
  // The path in the one spelling of all that are one by `folding`, which is not kNone.
  [[nodiscard]] std::string_view Folded(Folding folding) const;
  // The path with its last slash, or without; empty for "/".
  [[nodiscard]] std::string_view PathWithOtherSlash() const;
  // The host patterns that match the host, the most specific first.
  [[nodiscard]] const HostIds& hosts() const;
  // That of the host itself, if it is one.
  [[nodiscard]] std::optional<HostId> own_host() const;
  // Whether one of `patterns` is among them; an empty list stands for every host.
  [[nodiscard]] bool IsOn(const std::vector<HostId>& patterns) const;

  // Those of its query that rows of maps are compared with.
  [[nodiscard]] const Parameters& parameters() const;
  // What Accept-Language says.
  [[nodiscard]] const http::LanguageRanges& languages() const;

  // The first query parameter of that name, decoded.
  [[nodiscard]] std::optional<std::string_view> QueryValue(std::string_view name) const;

 private:
  const v1::DecideRequest& asked_;
  const http::Request& request_;
  const HostTable& table_;
  mutable std::string path_buffer_;
  mutable std::string_view path_;
  mutable HostIds hosts_;
  // Made when one is asked for.
  struct Spellings {
    std::array<std::string, kFoldings.size()> folded;
    std::string longer;
  };
  mutable std::unique_ptr<Spellings> spellings_;
  mutable std::unique_ptr<const Parameters> parameters_;
  mutable std::unique_ptr<ada::url_search_params> query_;
  mutable std::optional<http::LanguageRanges> languages_;
};

}  // namespace fingerpost::policy::compiled
