#include "policy/compiled/host_table.h"

#include <utility>

#include "core/http/fields.h"
#include "core/http/url.h"
#include "policy/compiled/growth.h"

namespace fingerpost::policy::compiled {

HostId HostTable::Add(const std::string& pattern) {
  if (CapturesLabels(pattern)) has_below_ = true;
  if (has_below_ || pattern.starts_with('.')) has_domains_ = true;
  return Grow(ids_, [&] {
    return ids_.try_emplace(pattern, static_cast<HostId>(ids_.size() + 1)).first->second;
  });
}

void HostTable::Match(std::string_view host, HostIds& out) const {
  out.clear();
  // "shop.example.com." is the same host, written up to the root (RFC 1034 §3.1).
  if (host.ends_with('.')) host.remove_suffix(1);
  if (const auto found = ids_.find(host); found != ids_.end()) out.push_back(found->second);
  if (has_domains_ && !host.empty()) {
    // First ".a.example.com" for a.example.com itself, then the rest after each of its dots.
    std::string domain = ".";
    domain += host;
    const auto find = [&](std::string_view pattern) {
      if (const auto found = ids_.find(pattern); found != ids_.end()) out.push_back(found->second);
    };
    for (size_t dot = 0; dot != domain.npos; dot = domain.find('.', dot + 1)) {
      if (has_below_ && dot > 0) {
        const char label_end = std::exchange(domain[dot - 1], '*');
        find(std::string_view(domain).substr(dot - 1));
        domain[dot - 1] = label_end;
      }
      find(std::string_view(domain).substr(dot));
    }
  }
  out.push_back(kAnyHost);
}

std::optional<HostId> HostTable::Find(std::string_view pattern) const {
  if (pattern.empty()) return kAnyHost;
  const auto found = ids_.find(pattern);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string_view> HostTable::Patterns() const {
  std::vector<std::string_view> patterns(ids_.size() + 1);
  for (const auto& [pattern, id] : ids_) patterns[id] = pattern;
  return patterns;
}

bool IsHostWithin(std::string_view host, std::string_view pattern) {
  return host == pattern ||
         (pattern.starts_with('.') && (host.ends_with(pattern) || host == pattern.substr(1)));
}

std::optional<std::string> ParseHostPattern(std::string_view text) {
  const bool domain = text.starts_with('.');
  const std::string_view host = domain ? text.substr(1) : text;
  if (host.empty() || http::HasControl(host) || host.find_first_of("/?#@\\*% ") != host.npos) {
    return std::nullopt;
  }
  const auto url = http::ParseUrl("http://" + std::string(host) + "/");
  // A colon outside an IPv6 address begins a port, even the scheme's default.
  const bool has_port = !host.ends_with(']') && host.find(':') != host.npos;
  if (!url || has_port || (domain && http::IsIpAddress(*url))) return std::nullopt;
  // The dot of an absolute name (RFC 1034 §3.1): requests are matched without it.
  std::string_view name = url->get_hostname();
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return std::nullopt;
  return std::string(domain ? "." : "").append(name);
}

std::optional<std::string> ParseMatchHost(std::string_view text) {
  if (!CapturesLabels(text)) return ParseHostPattern(text);
  const auto domain = ParseHostPattern(text.substr(1));
  return domain ? std::optional("*" + *domain) : std::nullopt;
}

}  // namespace fingerpost::policy::compiled
