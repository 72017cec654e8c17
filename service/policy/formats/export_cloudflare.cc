// Cloudflare's Bulk Redirects: source, target, code, preserve query string, include subdomains,
// subpath matching, preserve path suffix. An exact source comes before a subpath, a longer subpath
// before a shorter one, as in the policy.
#include <algorithm>
#include <array>

#include "policy/formats/cat.h"
#include "policy/formats/exporters.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::array kCodes = {301, 302, 307, 308};

// RFC 4180.
std::string Cell(std::string_view text) {
  if (text.find_first_of(",\"") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) Append(out, c == '"' ? "\"" : "", std::string(1, c));
  return out + "\"";
}

bool IsSayable(const Outgoing& one, Told& told) {
  if (one.host.empty()) {
    return told.Skip(one, "names no host, which every source of Cloudflare has",
                     "export with --host");
  }
  if (one.act == Act::kLeave) {
    return told.Skip(one, "leaves requests alone; what comes after it answers them",
                     "write a Single Redirect with an expression that excludes them");
  }
  if (one.source == Source::kPattern) {
    return told.Skip(one, "has a pattern", "write a Single Redirect with an expression");
  }
  if (!IsForAllMethods(one, told)) return false;
  if (one.conditions != nullptr) {
    return told.Skip(one, "looks at the request's query, fields or cookies",
                     "write a Single Redirect with an expression");
  }
  if (std::find(kCodes.begin(), kCodes.end(), one.reply().code) == kCodes.end()) {
    return told.Skip(
        one, Cat("answers with ", one.reply().code, "; Cloudflare has 301, 302, 307 and 308"),
        "answer it at the origin");
  }
  return true;
}

// The target without {rest} at the end of its path. False: it is elsewhere.
bool TakeRest(const Outgoing& one, std::string& target, bool& suffix) {
  std::string_view rest = one.target, text, name;
  if (!NextValue(rest, text, name)) {
    target = UrlText(text);
    return true;
  }
  suffix = true;
  target = UrlText(text);
  std::string_view end;
  const bool last = !NextValue(rest, end, name);
  const bool in_path = text.find_first_of("?#") == text.npos;
  target += UrlText(end);
  return last && in_path && (end.empty() || end[0] == '?' || end[0] == '#');
}

const char* Flag(bool on) { return on ? "TRUE" : "FALSE"; }

}  // namespace

std::string WriteCloudflareCsv(const OutgoingList& list, Told& told) {
  std::string out;
  for (const Outgoing& one : list) {
    if (!IsSayable(one, told)) continue;
    TellCase(one, told);
    const bool upgrade = one.act == Act::kUpgrade;
    const bool domain = one.host.starts_with('.');
    const std::string host = domain ? one.host.substr(1) : one.host;
    if (domain && (upgrade || !IsAbsolute(one.target))) {
      told.Skip(one, "leads each host of a domain to itself", "export each host by its name");
      continue;
    }
    std::string target = Cat("https://", host);
    bool suffix = upgrade;
    if (!upgrade && !TakeRest(one, target, suffix)) {
      told.Skip(one, "has {rest} within its target", "write a Single Redirect with an expression");
      continue;
    }
    if (!upgrade && !IsAbsolute(target)) {
      told.Change(one, "leads to https, where the policy keeps the request's scheme",
                  "nothing needs to be done where the site has https");
      target.insert(0, Cat("https://", host));
    }
    if (one.query != v1::QUERY_MODE_DROP && target.find('?') != target.npos &&
        one.query != v1::QUERY_MODE_MERGE_TARGET_WINS) {
      told.Change(one, "keeps the target's parameter where the request has it, too",
                  "nothing needs to be done where the names differ");
    }
    const bool prefix = one.source == Source::kPrefix;
    const std::string tail =
        Cat(",", Cell(target), ",", one.reply().code, ",", Flag(one.query != v1::QUERY_MODE_DROP),
            ",", Flag(domain), ",", Flag(prefix), ",", Flag(suffix), "\n");
    const std::string source = Cat(upgrade ? "http://" : "", host, one.path);
    Append(out, Cell(source), tail);
    if (one.either_slash && !prefix && one.path.size() > 1) {
      const bool slash = one.path.ends_with('/');
      Append(out, Cell(slash ? source.substr(0, source.size() - 1) : source + "/"), tail);
    }
    TellMethods(one, told);
    (void)told.Wrote(one);
  }
  return out;
}

}  // namespace fingerpost::policy::formats
