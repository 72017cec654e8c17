#include <algorithm>

#include "core/http/client_kind.h"
#include "core/http/fields.h"
#include "policy/compiled/path.h"
#include "policy/compiled/rule_builder.h"

namespace fingerpost::policy::compiled {
namespace {

// False: the pattern matches no text that begins with "/".
bool MayBeginWithSlash(const RE2& regex) {
  constexpr int kEnough = 8;
  std::string least;
  std::string most;
  return !regex.PossibleMatchRange(&least, &most, kEnough) || (least < "0" && most >= "/");
}

void CheckSizes(RuleBuilder& b) {
  constexpr int kMaxHosts = 256;
  constexpr int kMaxTests = 32;
  const auto check = [&b](std::string_view member, int size, int limit) {
    if (size <= limit) return;
    b.faults.Error(b.InMatch(member), "has " + std::to_string(size) +
                                          " entries; expected at most " + std::to_string(limit));
  };
  check("hosts", b.match.hosts_size(), kMaxHosts);
  check("methods", b.match.methods_size(), kMaxTests);
  check("query", b.match.query_size(), kMaxTests);
  check("fields", b.match.fields_size(), kMaxTests);
  check("cookies", b.match.cookies_size(), kMaxTests);
  check("not", b.match.not__size(), kMaxTests);
}

void CompileHosts(RuleBuilder& b) {
  const message::Place hosts = b.InMatch("hosts");
  for (int i = 0; i < b.match.hosts_size(); ++i) {
    if (const auto host = ParseMatchHost(b.match.hosts(i))) {
      b.rule.hosts.push_back(b.hosts.Add(*host));
    } else {
      b.faults.Error(hosts[i],
                     "is not a host; expected \"shop.example.com\", for it and every subdomain "
                     "\".example.com\", or for the subdomains \"*.example.com\", without scheme, "
                     "port and path");
    }
  }
}

// The literal text of a pattern in the document, or "" after a report.
std::string LiteralPath(RuleBuilder& b, const std::string& text, std::string_view member) {
  if (auto path = ParsePath(text)) return *std::move(path);
  const size_t extra = text.find_first_of("?#");
  std::string what = "expected a path that begins with \"/\"";
  if (text.starts_with('/') && extra != text.npos) {
    what = text[extra] == '#' ? "can never match: clients do not send the fragment; remove \"#…\""
                              : "can never match: the query is not a part of the path; use "
                                "match.query";
  } else if (text.find("://") != text.npos) {
    what = "is a URL; write its path here and its host into match.hosts";
  }
  b.faults.Error(b.InMatch(member), what);
  return {};
}

void CompilePattern(RuleBuilder& b, const std::string& regex, std::string_view member) {
  b.rule.path_kind = Rule::Path::kPattern;
  b.rule.pattern =
      b.regexes.Compile(regex, b.InMatch(member), b.faults, !FoldsCase(b.rule.folding));
}

void CompileFolding(RuleBuilder& b) {
  // What an exception does not say its rule says.
  const v1::Match& rule = b.source.match();
  const bool own_case = b.match.case_() != v1::PATH_CASE_UNSPECIFIED;
  const bool own_slash = b.match.trailing_slash() != v1::TRAILING_SLASH_UNSPECIFIED;
  b.rule.folding =
      FoldingOf(own_case ? b.match.case_() : rule.case_(),
                own_slash ? b.match.trailing_slash() : rule.trailing_slash(), b.policy.defaults());
  constexpr char kNoPath[] = "is of no use without a path; remove it";
  const bool has_path = b.match.path_pattern_case() != v1::Match::PATH_PATTERN_NOT_SET;
  if (!has_path && own_case) b.faults.Error(b.InMatch("case"), kNoPath);
  if (!has_path && own_slash) b.faults.Error(b.InMatch("trailing_slash"), kNoPath);
  if (b.match.has_path_prefix() && own_slash) {
    b.faults.Error(b.InMatch("trailing_slash"),
                   "is of no use to a path_prefix, below which \"/\" is; remove it");
  }
}

void CompilePath(RuleBuilder& b) {
  const v1::Match& match = b.match;
  switch (match.path_pattern_case()) {
    case v1::Match::kPath:
      b.rule.path_kind = Rule::Path::kExact;
      b.rule.path = LiteralPath(b, match.path(), "path");
      break;
    case v1::Match::kPathPrefix:
      b.rule.path_kind = Rule::Path::kPrefix;
      b.rule.path = LiteralPath(b, match.path_prefix(), "path_prefix");
      if (b.rule.path.size() > 1 && b.rule.path.ends_with('/')) {
        b.faults.Error(b.InMatch("path_prefix"),
                       "ends with \"/\"; a prefix is split at segments: remove the last \"/\"");
      }
      if (b.rule.path.ends_with('/')) b.rule.path.pop_back();
      break;
    case v1::Match::kPathGlob:
      if (match.path_glob().find('*') == std::string::npos) {
        b.faults.Error(b.InMatch("path_glob"), "has no \"*\"; use match.path");
      }
      if (match.path_glob().size() > kMaxRegex) {
        b.faults.Error(b.InMatch("path_glob"), "is longer than 1024 octets");
      } else {
        CompilePattern(b, GlobToRegex(LiteralPath(b, match.path_glob(), "path_glob")), "path_glob");
      }
      break;
    case v1::Match::kPathRegex: {
      const std::string& text = match.path_regex();
      CompilePattern(b, text, "path_regex");
      if (std::any_of(text.begin(), text.end(), [](char c) { return c < 0; })) {
        b.faults.Error(b.InMatch("path_regex"),
                       "can never match: paths are compared percent-encoded; write \"é\" as "
                       "\"%C3%A9\"");
      } else if (b.rule.pattern != nullptr && !MayBeginWithSlash(*b.rule.pattern)) {
        b.faults.Error(b.InMatch("path_regex"),
                       "can never match: it is compared with the whole path, which begins with "
                       "\"/\"");
      }
      break;
    }
    case v1::Match::PATH_PATTERN_NOT_SET:
      break;
  }
}

void FoldPath(RuleBuilder& b) {
  const bool is_prefix = b.rule.path_kind == Conditions::Path::kPrefix;
  const bool folds = is_prefix ? FoldsCase(b.rule.folding) : b.rule.folding != Folding::kNone;
  if (folds) b.rule.folded = Folded(b.rule.path, is_prefix ? Folding::kCase : b.rule.folding);
}

void CompileMethods(RuleBuilder& b) {
  const message::Place methods = b.InMatch("methods");
  for (int i = 0; i < b.match.methods_size(); ++i) {
    const std::string& method = b.match.methods(i);
    std::string upper = method;
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    if (!http::IsToken(method)) {
      b.faults.Error(methods[i], "is not a method; expected one such as \"GET\"");
    } else if (upper != method) {
      b.faults.Error(
          methods[i],
          "can hardly match: methods are case-sensitive (RFC 9110 §9.1); write \"" + upper + '"');
    }
    b.rule.methods.push_back(method);
  }
}

using ValueMatches = google::protobuf::RepeatedPtrField<v1::ValueMatch>;

std::vector<ValueCondition> CompileTests(RuleBuilder& b, const ValueMatches& matches,
                                         std::string_view member) {
  const message::Place at = b.InMatch(member);
  std::vector<ValueCondition> tests;
  tests.reserve(static_cast<size_t>(matches.size()));
  for (int i = 0; i < matches.size(); ++i) {
    tests.emplace_back(matches[i], at[i], b.regexes, b.faults);
  }
  return tests;
}

void CheckTokenNames(RuleBuilder& b, const std::vector<ValueCondition>& tests,
                     std::string_view member) {
  const message::Place at = b.InMatch(member);
  for (size_t i = 0; i < tests.size(); ++i) {
    if (http::IsToken(tests[i].name()) || tests[i].name().empty()) continue;
    b.faults.Error(at.Element(static_cast<int>(i), "name"),
                   "is not a token (RFC 9110 §5.6.2); expected letters, digits and \"-\"");
  }
}

void CompileClients(RuleBuilder& b) {
  const message::Place clients = b.InMatch("clients");
  for (int i = 0; i < b.match.clients_size(); ++i) {
    const v1::ClientKind kind = b.match.clients(i);
    if (kind != v1::CLIENT_KIND_BROWSER && kind != v1::CLIENT_KIND_SCRIPT &&
        kind != v1::CLIENT_KIND_API && kind != v1::CLIENT_KIND_UNKNOWN &&
        !http::IsPageScript(kind)) {
      b.faults.Error(clients[i],
                     "can never match: no field of a request tells it; expected browser, script, "
                     "api, htmx, inertia, turbo or unknown");
    }
    b.rule.clients.push_back(kind);
  }
}

// Whether there is a condition in it that an exception can have.
bool IsEmpty(v1::Match match) {
  match.clear_not_();
  match.clear_share();
  match.clear_case_();
  match.clear_trailing_slash();
  return match.ByteSizeLong() == 0;
}

}  // namespace

void CompileConditions(RuleBuilder& b) {
  CheckSizes(b);
  CompileHosts(b);
  CompileFolding(b);
  CompilePath(b);
  FoldPath(b);
  CompileMethods(b);
  b.rule.query = CompileTests(b, b.match.query(), "query");
  b.rule.fields = CompileTests(b, b.match.fields(), "fields");
  CheckTokenNames(b, b.rule.fields, "fields");
  b.rule.cookies = CompileTests(b, b.match.cookies(), "cookies");
  CheckTokenNames(b, b.rule.cookies, "cookies");
  CompileClients(b);
  if (b.match.has_accept_language()) {
    b.rule.languages =
        CompileLanguages(b.match.accept_language(), b.InMatch("accept_language"), b.faults);
  }
}

void CompileExceptions(RuleBuilder& b) {
  constexpr std::string_view kNoPlace =
      "has no place in an exception; expected hosts, a path, methods, query, fields, cookies, "
      "clients or accept_language";
  const message::Place exceptions = b.InMatch("not");
  for (int i = 0; i < b.match.not__size(); ++i) {
    RuleBuilder one = {.policy = b.policy,
                       .source = b.source,
                       .match = b.match.not_(i),
                       .at = b.at,
                       .match_at = exceptions[i],
                       .hosts = b.hosts,
                       .regexes = b.regexes,
                       .faults = b.faults,
                       .rule = {}};
    if (one.match.has_share()) b.faults.Error(one.InMatch("share"), std::string(kNoPlace));
    if (!one.match.not_().empty()) b.faults.Error(one.InMatch("not"), std::string(kNoPlace));
    if (IsEmpty(one.match)) {
      b.faults.Error(one.match_at,
                     "is empty, and so leaves out every request; name what the rule is not for");
      continue;
    }
    CompileConditions(one);
    RefuseNamedGroups(one, "an exception captures nothing");
    b.rule.exceptions.push_back(std::move(static_cast<Conditions&>(one.rule)));
  }
}

}  // namespace fingerpost::policy::compiled
