#include "policy/formats/url_source.h"

#include <algorithm>

#include "core/http/url.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// application/x-www-form-urlencoded.
std::string Decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = high >= 0 ? HexValue(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i] == '+' ? ' ' : text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::string_view ReadUrlSource(std::string_view text, UrlSource& source) {
  source = {};
  if (text.empty()) return "has no source";
  if (text.find('#') != text.npos) return "its source has a fragment, which no request has";
  const size_t question = std::min(text.find('?'), text.size());
  source.query = text.substr(std::min(question + 1, text.size()));
  text = text.substr(0, question);
  if (text.starts_with('/')) {
    source.path = text;
    return {};
  }
  const bool absolute = IsAbsolute(text);
  if (!absolute && text.substr(0, text.find('/')).find('.') == text.npos) {
    return "its source is neither a path nor a URL";
  }
  const std::string whole = (absolute ? "" : "https://") + std::string(text);
  const auto url = http::ParseUrl(whole);
  if (!url || !http::IsHttp(*url)) return "its source is no URL";
  if (http::HasUserinfo(*url) || !url->get_port().empty()) {
    return "its source has a port or a user name, which the policy does not look at";
  }
  if (url->get_hostname().find('*') != std::string_view::npos) {
    return "its source has a pattern of hosts";
  }
  source.host = url->get_hostname();
  source.path = url->get_pathname();
  if (absolute) source.scheme = http::IsHttps(*url) ? "https" : "http";
  return {};
}

std::shared_ptr<const v1::Match> QueryConditions(std::string_view query) {
  if (query.empty()) return nullptr;
  auto conditions = std::make_shared<v1::Match>();
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    v1::ValueMatch& value = *conditions->add_query();
    value.set_name(Decoded(pair.substr(0, equals)));
    value.set_equals(Decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return conditions;
}

}  // namespace fingerpost::policy::formats
