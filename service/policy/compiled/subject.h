// A request as the rules see it: parsed once, in the spelling in which they compare.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/url.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/host_table.h"

namespace fingerpost::policy::compiled {

class Subject {
 public:
  // `request` and `url`, its parsed URL, must outlive the subject.
  Subject(const v1::DecideRequest& request, const http::Url& url, const HostTable& hosts);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  [[nodiscard]] const v1::HttpRequest& http() const { return request_.request(); }
  [[nodiscard]] const v1::DecideRequest& request() const { return request_; }
  [[nodiscard]] const http::Url& url() const { return url_; }
  [[nodiscard]] std::string_view path() const { return path_; }
  // The host patterns that the host matches, the most specific first.
  [[nodiscard]] const std::vector<HostId>& hosts() const { return hosts_; }
  // Whether one of `patterns` is among them; an empty list stands for every host.
  [[nodiscard]] bool IsOn(const std::vector<HostId>& patterns) const;

  // The first query parameter of that name, percent-decoded.
  [[nodiscard]] std::optional<std::string> QueryValue(std::string_view name) const;

 private:
  const v1::DecideRequest& request_;
  const http::Url& url_;
  std::string path_buffer_;
  std::string_view path_;
  std::vector<HostId> hosts_;
};

}  // namespace fingerpost::policy::compiled
