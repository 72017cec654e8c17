#include "policy/compiled/host_table.h"

#include "core/http/fields.h"
#include "core/http/url.h"

namespace fingerpost::policy::compiled {

HostId HostTable::Add(const std::string& pattern) {
  const bool below = CapturesLabels(pattern);
  if (below || pattern.starts_with('.')) has_domains_ = true;
  const auto next = static_cast<HostId>(ids_.size() + below_.size() + 1);
  return below ? below_.try_emplace(pattern.substr(1), next).first->second
               : ids_.try_emplace(pattern, next).first->second;
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
    for (size_t dot = 0; dot != domain.npos; dot = domain.find('.', dot + 1)) {
      const std::string_view rest = std::string_view(domain).substr(dot);
      if (dot > 0 && !below_.empty()) {
        if (const auto below = below_.find(rest); below != below_.end()) {
          out.push_back(below->second);
        }
      }
      if (const auto found = ids_.find(rest); found != ids_.end()) out.push_back(found->second);
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
  std::string pattern = domain ? "." : "";
  return pattern += url->get_hostname();
}

std::optional<std::string> ParseMatchHost(std::string_view text) {
  if (!CapturesLabels(text)) return ParseHostPattern(text);
  const auto domain = ParseHostPattern(text.substr(1));
  return domain ? std::optional("*" + *domain) : std::nullopt;
}

}  // namespace fingerpost::policy::compiled
