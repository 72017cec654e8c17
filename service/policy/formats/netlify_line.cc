#include "policy/formats/netlify_line.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "core/http/url.h"
#include "policy/formats/cat.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {

std::optional<int> NetlifyStatus(std::string_view word) {
  if (word.ends_with('!')) word.remove_suffix(1);
  int status = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return status;
}

void NetlifyLines::Add(const NetlifyLine& line, Place place) {
  place_ = place;
  Redirect redirect;
  redirect.place = place_;
  redirect.query = v1::QUERY_MODE_MERGE_TARGET_WINS;
  redirect.either_slash = true;
  Wildcards wildcards;
  if (!From(line.from, redirect, wildcards)) return;
  auto conditions = std::make_shared<v1::Match>();
  if (!Query(line, *conditions) || !Conditions(line.conditions, *conditions)) return;
  if (conditions->ByteSizeLong() > 0) redirect.conditions = std::move(conditions);
  const std::optional<int> status = line.status.empty() ? 301 : NetlifyStatus(line.status);
  if (!status) {
    return Skip(Cat("\"", line.status, "\" is no status"), "write 301, or leave it out");
  }
  Status(*status, line.status.ends_with('!'), redirect);
  gives_way_ = gives_way_ || !line.status.ends_with('!');
  redirect.target = wildcards.Target(line.to);
  if (IsUpgrade(line)) {
    redirect.act = Act::kUpgrade;
    redirect.target.clear();
  } else if (!scheme_.empty()) {
    report_.Change(place_, Cat("answers http and https alike, not ", scheme_, " only"),
                   "nothing needs to be done where only one of them is served");
  }
  if (line.from.find('%') != line.from.npos) {
    report_.Change(place_, "Netlify decodes a path before it compares it with this source",
                   "write the source decoded, if it is to answer there, too");
  }
  redirects_.push_back(std::move(redirect));
}

bool NetlifyLines::From(std::string_view from, Redirect& redirect, Wildcards& wildcards) {
  if (IsAbsolute(from)) {
    const size_t host = from.find("//") + 2;
    const std::string_view path = from.substr(std::min(from.find('/', host), from.size()));
    const auto url = http::ParseUrl(from.substr(0, from.size() - path.size()));
    if (!url) {
      Skip("its source is no URL", "write \"https://host/path\"");
      return false;
    }
    if (url->get_hostname().find('*') != std::string_view::npos) {
      Skip("its source has a pattern of hosts", "Netlify knows whole hosts only; write them");
      return false;
    }
    redirect.hosts = {std::string(url->get_hostname())};
    scheme_ = http::IsHttps(*url) ? "https" : "http";
    from = path.empty() ? "/" : path;
  } else {
    scheme_ = "";
  }
  if (!from.starts_with('/')) {
    Skip("its source is neither a path nor a URL", "write a path that begins with \"/\"");
    return false;
  }
  if (from.starts_with("/.netlify")) {
    Skip("Netlify keeps /.netlify for itself", "remove it");
    return false;
  }
  if (const std::string_view fault = wildcards.Read(from, redirect); !fault.empty()) {
    Skip(fault, "write \"*\" at the end of the path only, \":name\" for one whole segment");
    return false;
  }
  return true;
}

// The whole host over https.
bool NetlifyLines::IsUpgrade(const NetlifyLine& line) const {
  if (scheme_ != "http" || !line.from.ends_with("/*") || !line.to.starts_with("https://")) {
    return false;
  }
  return line.to.substr(8) == Cat(line.from.substr(7, line.from.size() - 8), ":splat");
}

bool NetlifyLines::Query(const NetlifyLine& line, v1::Match& conditions) {
  for (const std::string_view word : line.query) {
    const size_t equals = word.find('=');
    if (equals == word.npos) {
      Skip(Cat("\"", word, "\" is neither a target nor name=value"),
           "write a target that begins with \"/\", or a URL");
      return false;
    }
    v1::ValueMatch& value = *conditions.add_query();
    const std::string_view wanted = word.substr(equals + 1);
    value.set_name(std::string(word.substr(0, equals)));
    if (!wanted.starts_with(':')) {
      value.set_equals(std::string(wanted));
    } else if (line.to.find(wanted) != line.to.npos) {
      Skip("its target has the value of a query parameter",
           "write a rule with the values that there are");
      return false;
    } else {
      value.set_present(true);
    }
  }
  return true;
}

bool NetlifyLines::Conditions(const std::vector<std::string_view>& words, v1::Match& conditions) {
  for (const std::string_view word : words) {
    const size_t equals = word.find('=');
    const std::string_view value = equals == word.npos ? "" : word.substr(equals + 1);
    if (word.starts_with("Cookie=") && value.find(',') == value.npos) {
      v1::ValueMatch& cookie = *conditions.add_cookies();
      cookie.set_name(std::string(value));
      cookie.set_present(true);
    } else {
      Skip(Cat("answers only some clients (", word, ")"),
           "write a rule with match.fields or match.cookies that tells them apart");
      return false;
    }
  }
  return true;
}

void NetlifyLines::Status(int status, bool forced, Redirect& redirect) {
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      break;
    case 404:
      if (!forced) {  // What there is no file for has that status in any case.
        Skip("serves another page with the status 404 where there is no file",
             "leave it to the server that serves the pages");
        redirect.act = Act::kLeave;
        break;
      }
      [[fallthrough]];
    case 410:
    case 451:
      report_.Change(place_,
                     Cat(status, " has the policy's content, not the page that the line names"),
                     "nothing needs to be done");
      break;
    default:
      Skip(Cat("serves another page with the status ", status, " and does not redirect"),
           "leave it to the server that serves the pages");
      redirect.act = Act::kLeave;
  }
  redirect.code = status;
}

void NetlifyLines::Finish(uint16_t file) {
  if (!gives_way_) return;
  report_.Note({0, file}, "where a line has no \"!\", Netlify serves a file of that path first",
               "ask the policy after the files");
}

}  // namespace fingerpost::policy::formats
