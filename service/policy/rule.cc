#include "policy/rule.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

#include "core/client_kind.h"
#include "core/fields.h"
#include "policy/intent_check.h"
#include "policy/names.h"
#include "policy/path.h"

namespace fingerpost {
namespace {

constexpr double kPerPercent = 10000;  // Of a million.

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

std::shared_ptr<const RE2> CompileRegex(const std::string& text, const std::string& field,
                                        Reporter& reporter) {
  if (text.size() > kMaxRegex) {
    reporter.Error(field, "is longer than 1024 octets; use a map for a list of paths");
    return nullptr;
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  auto regex = std::make_shared<RE2>(text, options);
  if (!regex->ok()) {
    const std::string argument = regex->error_arg();
    reporter.Error(field, "is not an RE2 pattern: " + regex->error() +
                              (regex->error_code() == RE2::ErrorBadPerlOp
                                   ? "; RE2 has no look-around and no back-references"
                                   : "; see https://github.com/google/re2/wiki/Syntax"));
    return nullptr;
  }
  if (regex->NumberOfCapturingGroups() > kMaxCaptures) {
    reporter.Error(field, "has more than 16 groups; write (?:…) for those that no target uses");
    return nullptr;
  }
  return regex;
}

// Names of the captures of a compiled pattern: "1", "2", …, and a group's own name instead where it
// has one.
std::vector<std::string> CaptureNames(const RE2& regex) {
  std::vector<std::string> names;
  for (int i = 1; i <= regex.NumberOfCapturingGroups(); ++i) {
    const auto named = regex.CapturingGroupNames().find(i);
    names.push_back(named != regex.CapturingGroupNames().end() ? named->second : std::to_string(i));
  }
  return names;
}

// What compiling a rule needs at every step.
struct Builder {
  const v1::Policy& policy;
  const v1::Rule& source;
  std::string at;  // "rules[3]"
  HostTable& hosts;
  Reporter& reporter;
  Rule rule;
  std::vector<std::string> captures;
  std::optional<size_t> rest;  // The capture that begins with "/" or is empty.

  [[nodiscard]] std::string Field(std::string_view member) const {
    return at + '.' + std::string(member);
  }
};

void CompileHosts(Builder& b) {
  for (int i = 0; i < b.source.match().hosts_size(); ++i) {
    if (const auto host = ParseHostPattern(b.source.match().hosts(i))) {
      b.rule.hosts.push_back(b.hosts.Add(*host));
    } else {
      b.reporter.Error(ElementPath(b.Field("match.hosts"), i),
                       "is not a host; expected \"shop.example.com\" or, for it and every "
                       "subdomain, \".example.com\", without scheme, port and path");
    }
  }
}

// The fixed text of a pattern of the document, or "" after a report.
std::string LiteralPath(Builder& b, const std::string& text, std::string_view member) {
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
  b.reporter.Error(b.Field(member), what);
  return {};
}

void CompilePattern(Builder& b, const std::string& regex, std::string_view member) {
  b.rule.path_kind = Rule::Path::kPattern;
  b.rule.pattern = CompileRegex(regex, b.Field(member), b.reporter);
  if (b.rule.pattern != nullptr) b.captures = CaptureNames(*b.rule.pattern);
}

void CompilePath(Builder& b) {
  const v1::Match& match = b.source.match();
  switch (match.path_pattern_case()) {
    case v1::Match::kPath:
      b.rule.path_kind = Rule::Path::kExact;
      b.rule.path = LiteralPath(b, match.path(), "match.path");
      break;
    case v1::Match::kPathPrefix:
      b.rule.path_kind = Rule::Path::kPrefix;
      b.rule.path = LiteralPath(b, match.path_prefix(), "match.path_prefix");
      if (b.rule.path.size() > 1 && b.rule.path.ends_with('/')) {
        b.reporter.Error(b.Field("match.path_prefix"),
                         "ends with \"/\"; a prefix is split at segments: remove the last \"/\"");
      }
      if (b.rule.path.ends_with('/')) b.rule.path.pop_back();
      b.captures = {"rest"};
      b.rest = 0;
      break;
    case v1::Match::kPathGlob:
      if (match.path_glob().find('*') == std::string::npos) {
        b.reporter.Error(b.Field("match.path_glob"), "has no \"*\"; use match.path");
      }
      if (match.path_glob().size() > kMaxRegex) {
        b.reporter.Error(b.Field("match.path_glob"), "is longer than 1024 octets");
      } else {
        CompilePattern(b, GlobToRegex(LiteralPath(b, match.path_glob(), "match.path_glob")),
                       "match.path_glob");
      }
      break;
    case v1::Match::kPathRegex: {
      const std::string& text = match.path_regex();
      CompilePattern(b, text, "match.path_regex");
      if (std::any_of(text.begin(), text.end(), [](char c) { return c < 0; })) {
        b.reporter.Error(b.Field("match.path_regex"),
                         "can never match: paths are compared percent-encoded; write \"é\" as "
                         "\"%C3%A9\"");
      }
      break;
    }
    case v1::Match::PATH_PATTERN_NOT_SET:
      break;
  }
}

void CompileMethods(Builder& b) {
  for (int i = 0; i < b.source.match().methods_size(); ++i) {
    const std::string& method = b.source.match().methods(i);
    std::string upper = method;
    for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    const std::string field = ElementPath(b.Field("match.methods"), i);
    if (!IsToken(method)) {
      b.reporter.Error(field, "is not a method; expected one such as \"GET\"");
    } else if (upper != method) {
      b.reporter.Error(
          field,
          "can hardly match: methods are case-sensitive (RFC 9110 §9.1); write \"" + upper + '"');
    }
    b.rule.methods.push_back(method);
  }
}

using ValueMatches = google::protobuf::RepeatedPtrField<v1::ValueMatch>;

std::vector<ValueTest> CompileTests(Builder& b, const ValueMatches& matches,
                                    std::string_view member) {
  std::vector<ValueTest> tests;
  for (int i = 0; i < matches.size(); ++i) {
    tests.emplace_back(matches[i], ElementPath(b.Field(member), i), b.reporter);
  }
  return tests;
}

void CheckTokenNames(Builder& b, const std::vector<ValueTest>& tests, std::string_view member) {
  for (size_t i = 0; i < tests.size(); ++i) {
    if (IsToken(tests[i].name()) || tests[i].name().empty()) continue;
    b.reporter.Error(ElementPath(b.Field(member), static_cast<int>(i)) + ".name",
                     "is not a token (RFC 9110 §5.6.2); expected letters, digits and \"-\"");
  }
}

void CompileClients(Builder& b) {
  for (int i = 0; i < b.source.match().clients_size(); ++i) {
    const v1::ClientKind kind = b.source.match().clients(i);
    if (kind != v1::CLIENT_KIND_BROWSER && kind != v1::CLIENT_KIND_SCRIPT &&
        kind != v1::CLIENT_KIND_API && kind != v1::CLIENT_KIND_UNKNOWN) {
      b.reporter.Error(ElementPath(b.Field("match.clients"), i),
                       "can never match: no field of a request tells it; expected browser, script, "
                       "api or unknown");
    }
    b.rule.clients.push_back(kind);
  }
}

void CompileShare(Builder& b) {
  if (!b.source.match().has_share()) return;
  const v1::Share& share = b.source.match().share();
  if (!(share.percent() > 0) || share.percent() > 100) {
    b.reporter.Error(b.Field("match.share.percent"), "expected a number above 0 and up to 100");
    return;
  }
  const auto source = share.sticky_key().source_case();
  if (source != v1::StickyKey::kField && source != v1::StickyKey::kCookie) {
    b.reporter.Error(b.Field("match.share.sticky_key"),
                     "expected a field or a cookie that tells clients apart, such as {cookie: "
                     "session}");
  }
  b.rule.share = share;
  b.rule.share_threshold = static_cast<uint32_t>(std::lround(share.percent() * kPerPercent));
}

void CompileTarget(Builder& b, const std::string& target, const std::string& field,
                   Rule::Templated::Member member, int index) {
  std::string what;
  auto compiled = TargetTemplate::Compile(target, b.captures, b.rest, what);
  if (!compiled) {
    b.reporter.Error(field, what);
  } else if (compiled->HasCaptures()) {
    b.rule.templates.push_back({member, index, *std::move(compiled)});
  }
}

// Whether the intent is one, by the core, with captures that are as good as any.
void CheckOwnIntent(Builder& b) {
  std::vector<std::string_view> samples(b.captures.size(), "x");
  if (b.rest) samples[*b.rest] = "/x";
  CheckPolicyIntent(Instantiate(b.rule, samples), b.policy.defaults(), b.Field("intent"),
                    b.reporter);
}

void CompileWish(Builder& b) {
  std::string at = b.Field("intent");
  switch (b.source.wish_case()) {
    case v1::Rule::kIntent:
      b.rule.intent = b.source.intent();
      CheckTrust(b.rule.intent, at, b.reporter);
      break;
    case v1::Rule::kIntentName: {
      const auto named = b.policy.intents().find(b.source.intent_name());
      if (named == b.policy.intents().end()) {
        b.reporter.Error(b.Field("intent_name"),
                         "names no intent of this document; expected " +
                             OneOf(b.policy.intents(), b.source.intent_name()));
        return;
      }
      b.rule.intent = named->second.intent();
      at = b.Field("intent_name");
      break;
    }
    case v1::Rule::WISH_NOT_SET:
      b.reporter.Error(b.at, "does nothing; give it an intent or an intent_name");
      return;
  }
  b.rule.intent.set_trust(v1::TRUST_POLICY);
  // A problem of a named intent's target stands where the rule names the intent.
  const bool own = b.source.has_intent();
  const size_t before = b.reporter.errors();
  using Member = Rule::Templated::Member;
  CompileTarget(b, b.rule.intent.target(), own ? at + ".target" : at, Member::kTarget, 0);
  for (int i = 0; i < b.rule.intent.weighted_targets_size(); ++i) {
    CompileTarget(b, b.rule.intent.weighted_targets(i).target(),
                  own ? ElementPath(at + ".weighted_targets", i) + ".target" : at,
                  Member::kWeightedTarget, i);
  }
  for (int i = 0; i < b.rule.intent.alternatives_size(); ++i) {
    CompileTarget(b, b.rule.intent.alternatives(i).target(),
                  own ? ElementPath(at + ".alternatives", i) + ".target" : at, Member::kAlternative,
                  i);
  }
  if (own && b.reporter.errors() == before) CheckOwnIntent(b);
}

void Remember(std::string name, std::vector<std::string>& looked_at) {
  if (std::find(looked_at.begin(), looked_at.end(), name) == looked_at.end()) {
    looked_at.push_back(std::move(name));
  }
}

bool MethodHolds(const Rule& rule, const std::string& method) {
  return rule.methods.empty() ||
         std::any_of(rule.methods.begin(), rule.methods.end(), [&](const std::string& allowed) {
           return allowed == method || (allowed == "GET" && method == "HEAD");
         });
}

bool ClientHolds(const Rule& rule, const Headers& headers, std::vector<std::string>& looked_at) {
  if (rule.clients.empty()) return true;
  for (const char* field : {"Accept", "Content-Type", "Sec-Fetch-Mode", "X-Requested-With"}) {
    Remember(field, looked_at);
  }
  const v1::ClientKind kind = ReadClientKind(headers).kind;
  return std::find(rule.clients.begin(), rule.clients.end(), kind) != rule.clients.end();
}

bool ShareHolds(const Rule& rule, const Headers& headers, std::vector<std::string>& looked_at) {
  const v1::StickyKey& key = rule.share->sticky_key();
  const bool by_cookie = key.source_case() == v1::StickyKey::kCookie;
  const auto value =
      by_cookie ? CookieValue(headers, key.cookie()) : FieldValue(headers, key.field());
  Remember(by_cookie ? "Cookie" : key.field(), looked_at);
  return IsInShare(rule.id, value.value_or(std::string_view()), rule.share_threshold);
}

}  // namespace

ValueTest::ValueTest(const v1::ValueMatch& match, const std::string& path, Reporter& reporter)
    : match_(match) {
  if (match.name().empty()) reporter.Error(path + ".name", "is missing; name what is looked at");
  if (match.test_case() == v1::ValueMatch::kRegex) {
    regex_ = CompileRegex(match.regex(), path + ".regex", reporter);
  }
}

bool ValueTest::Holds(std::optional<std::string_view> value) const {
  switch (match_.test_case()) {
    case v1::ValueMatch::kEquals:
      return value == match_.equals();
    case v1::ValueMatch::kPrefix:
      return value && value->starts_with(match_.prefix());
    case v1::ValueMatch::kRegex:
      return value && RE2::FullMatch(Piece(*value), *regex_);
    case v1::ValueMatch::kPresent:
      return value.has_value() == match_.present();
    case v1::ValueMatch::TEST_NOT_SET:
      break;
  }
  return value.has_value();
}

Rule CompileRule(const v1::Policy& policy, int index, HostTable& hosts, Reporter& reporter) {
  Builder b = {.policy = policy,
               .source = policy.rules(index),
               .at = ElementPath("rules", index),
               .hosts = hosts,
               .reporter = reporter,
               .rule = {},
               .captures = {},
               .rest = std::nullopt};
  const size_t before = reporter.errors();
  b.rule.id = b.source.id();
  b.rule.shadow = b.source.shadow();
  CheckName(b.source.id(), b.Field("id"), reporter);
  CompileHosts(b);
  CompilePath(b);
  CompileMethods(b);
  const v1::Match& match = b.source.match();
  b.rule.query = CompileTests(b, match.query(), "match.query");
  b.rule.fields = CompileTests(b, match.fields(), "match.fields");
  CheckTokenNames(b, b.rule.fields, "match.fields");
  b.rule.cookies = CompileTests(b, match.cookies(), "match.cookies");
  CheckTokenNames(b, b.rule.cookies, "match.cookies");
  CompileClients(b);
  CompileShare(b);
  CompileWish(b);
  b.rule.broken = reporter.errors() > before;
  return std::move(b.rule);
}

Unmet Check(const Rule& rule, const Subject& subject, std::vector<std::string>& looked_at) {
  const Headers& headers = subject.http().headers();
  if (!MethodHolds(rule, subject.http().method())) return {"methods", {}};
  for (const ValueTest& test : rule.query) {
    if (!test.Holds(subject.QueryValue(test.name()))) return {"query", test.name()};
  }
  for (const ValueTest& test : rule.fields) {
    Remember(test.name(), looked_at);
    if (!test.Holds(FieldValue(headers, test.name()))) return {"fields", test.name()};
  }
  for (const ValueTest& test : rule.cookies) {
    Remember("Cookie", looked_at);
    if (!test.Holds(CookieValue(headers, test.name()))) return {"cookies", test.name()};
  }
  if (!ClientHolds(rule, headers, looked_at)) return {"clients", {}};
  if (rule.share && !ShareHolds(rule, headers, looked_at)) return {"share", {}};
  return {};
}

v1::Intent Instantiate(const Rule& rule, std::span<const std::string_view> captures) {
  v1::Intent intent = rule.intent;
  for (const Rule::Templated& templated : rule.templates) {
    std::string target = templated.target.Expand(captures);
    switch (templated.member) {
      case Rule::Templated::Member::kTarget:
        intent.set_target(std::move(target));
        break;
      case Rule::Templated::Member::kWeightedTarget:
        intent.mutable_weighted_targets(templated.index)->set_target(std::move(target));
        break;
      case Rule::Templated::Member::kAlternative:
        intent.mutable_alternatives(templated.index)->set_target(std::move(target));
        break;
    }
  }
  return intent;
}

bool IsInShare(std::string_view rule, std::string_view key, uint32_t threshold) {
  std::string text(rule);
  text += '\0';
  text += key;
  const uint64_t hash = XXH64(text.data(), text.size(), 0);
  constexpr uint64_t kMillion = 1'000'000;
  // floor(hash * 10^6 / 2^64) without 128-bit arithmetic: the high and low halves of the hash.
  const uint64_t low = (hash & 0xFFFFFFFF) * kMillion;
  const uint64_t bucket = ((hash >> 32) * kMillion + (low >> 32)) >> 32;
  return bucket < threshold;
}

}  // namespace fingerpost
