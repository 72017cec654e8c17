#include "policy/compiled/subject.h"

#include <algorithm>

#include "policy/compiled/path.h"

namespace fingerpost::policy::compiled {

Subject::Subject(const v1::DecideRequest& asked, const http::Request& request,
                 const HostTable& hosts)
    : asked_(asked), request_(request), table_(hosts) {}

std::string_view Subject::path() const {
  if (path_.empty() && request_.url() != nullptr) {
    path_ = NormalPath(url().get_pathname(), path_buffer_);
  }
  return path_;
}

std::string_view Subject::Folded(Folding folding) const {
  if (spellings_ == nullptr) spellings_ = std::make_unique<Spellings>();
  std::string& folded = spellings_->folded[static_cast<size_t>(folding) - 1];
  if (folded.empty()) folded = compiled::Folded(path(), folding);
  return folded;
}

std::string_view Subject::PathWithOtherSlash() const {
  if (spellings_ == nullptr) spellings_ = std::make_unique<Spellings>();
  return WithOtherSlash(path(), spellings_->longer);
}

const Parameters& Subject::parameters() const {
  if (parameters_ == nullptr) {
    parameters_ =
        std::make_unique<Parameters>(ParametersOf(url().get_search(), kMaxComparedParameters));
  }
  return *parameters_;
}

const HostIds& Subject::hosts() const {
  if (hosts_.empty() && request_.url() != nullptr) table_.Match(url().get_hostname(), hosts_);
  return hosts_;
}

std::optional<HostId> Subject::own_host() const {
  std::string_view host = url().get_hostname();
  if (host.ends_with('.')) host.remove_suffix(1);  // As HostTable::Match.
  return host.empty() ? std::nullopt : table_.Find(host);
}

const http::LanguageRanges& Subject::languages() const {
  if (!languages_) languages_ = http::ReadAcceptLanguage(request_.headers());
  return *languages_;
}

bool Subject::IsOn(const std::vector<HostId>& patterns) const {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](HostId id) {
           return std::find(hosts().begin(), hosts().end(), id) != hosts().end();
         });
}

std::optional<std::string_view> Subject::QueryValue(std::string_view name) const {
  if (query_ == nullptr) query_ = std::make_unique<ada::url_search_params>(url().get_search());
  return query_->get(name);
}

}  // namespace fingerpost::policy::compiled
