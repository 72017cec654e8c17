#include "fallback_target.h"

#include <re2/re2.h>

#include <algorithm>

namespace fingerpost {
namespace {

constexpr size_t kLongestTarget = 8000;
// As the URL Standard's parser writes it: lower case, no userinfo, and either four decimal numbers
// or a name that is no address.
constexpr char kHost[] =
    R"((?:(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}|(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*))";
constexpr char kPort[] = "(?::([1-9][0-9]{1,3}|[1-5][0-9]{4}))?";
// One "/", not two: RFC 3986 path-absolute with query and fragment, and no placeholders.
constexpr char kPath[] =
    R"(/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@?%#][A-Za-z0-9\-._~!$&'()*+,;=:@/?%#]*)?)";

// What no parser changes; "'" is percent-encoded in a query.
constexpr char kQuery[] = R"(\?[A-Za-z0-9\-._~!$&()*+,;=:@/?%]*)";

struct Patterns {
  RE2 query{kQuery};
  RE2 path{kPath};
  RE2 dot_segment{R"(/(?:\.|%2[Ee]){1,2}(?:[/?#]|$))"};
  RE2 absolute{std::string("(https?://") + kHost + kPort + ")(" + kPath + ")?"};
  RE2 origin{std::string("(https?://") + kHost + kPort + ")(?:[/?#]|$)"};
};

const Patterns& Plain() {
  static const Patterns patterns;
  return patterns;
}

// No URL parser writes a default port.
bool IsPort(std::string_view port) { return port != "80" && port != "443"; }

bool IsPath(std::string_view text) {
  return RE2::FullMatch(text, Plain().path) && !RE2::PartialMatch(text, Plain().dot_segment);
}

}  // namespace

std::string PlainOrigin(std::string_view url) {
  re2::StringPiece origin;
  re2::StringPiece port;
  re2::StringPiece text(url.data(), url.size());
  if (!RE2::Consume(&text, Plain().origin, &origin, &port) || !IsPort(port)) return "";
  return std::string(origin);
}

std::optional<std::string> Taken(std::string_view target, std::string_view own, v1::Trust trust) {
  if (target.size() > kLongestTarget) return std::nullopt;
  if (IsPath(target)) return std::string(target);
  std::string origin;
  re2::StringPiece port;
  std::string path;
  if (!RE2::FullMatch(target, Plain().absolute, &origin, &port, &path) || !IsPort(port) ||
      (origin != own && trust != v1::TRUST_CALLER) || (!path.empty() && !IsPath(path))) {
    return std::nullopt;
  }
  return origin + (path.empty() ? "/" : path);
}

std::optional<std::string> WithQuery(std::string_view target, std::string_view url) {
  url = url.substr(0, url.find('#'));
  const size_t fragment = std::min(target.find('#'), target.size());
  const size_t mark = url.find('?');
  if (mark == url.npos || target.substr(0, fragment).find('?') != target.npos) {
    return std::string(target);
  }
  const std::string_view query = url.substr(mark);
  if (!RE2::FullMatch(query, Plain().query) || target.size() + query.size() > kLongestTarget) {
    return std::nullopt;
  }
  return std::string(target.substr(0, fragment)).append(query).append(target.substr(fragment));
}

}  // namespace fingerpost
