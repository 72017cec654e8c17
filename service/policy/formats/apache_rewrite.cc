#include "policy/formats/apache_rewrite.h"

#include <absl/strings/str_replace.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "core/http/fields.h"
#include "policy/formats/cat.h"
#include "policy/formats/key_values.h"
#include "policy/formats/pattern.h"
#include "policy/formats/spelling.h"
#include "policy/formats/variables.h"

namespace fingerpost::policy::formats {
namespace {

using http::EqualsIgnoreCase;

int CodeOf(std::string_view text) {
  if (EqualsIgnoreCase(text, "permanent")) return 301;
  if (EqualsIgnoreCase(text, "temp")) return 302;
  if (EqualsIgnoreCase(text, "seeother")) return 303;
  if (EqualsIgnoreCase(text, "gone")) return 410;
  int code = 0;
  std::from_chars(text.data(), text.data() + text.size(), code);
  return code;
}

// The rules of Apache with the names that nginx has for the same.
std::string WithNames(std::string_view text) {
  return absl::StrReplaceAll(std::string(text), {{"%{HTTP_HOST}", "$host"},
                                                 {"%{SERVER_NAME}", "$host"},
                                                 {"%{REQUEST_URI}", "$uri"},
                                                 {"%{REQUEST_SCHEME}", "$scheme"},
                                                 {"%{QUERY_STRING}", "$args"}});
}

// "%{NAME}" that none of them replaces; "" without one.
std::string UnknownVariable(std::string_view text) {
  const std::string left = WithNames(text);
  const size_t begin = left.find("%{");
  if (begin == left.npos) return {};
  return left.substr(begin, left.find('}', begin) - begin + 1);
}

// What Apache escapes in a Location without NE.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '#') {
      out += "%23";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void ApacheRewrite::Read(const Directive& directive, Beside& beside) {
  const std::string& name = directive.name();
  const size_t words = directive.words.size();
  if (EqualsIgnoreCase(name, "RewriteEngine") && words > 1) {
    on_ = EqualsIgnoreCase(directive.words[1], "on");
  } else if (EqualsIgnoreCase(name, "RewriteBase") && words > 1) {
    base_ = directive.words[1];
  } else if (EqualsIgnoreCase(name, "RewriteMap") && words > 2) {
    Map(directive, beside);
  } else if (EqualsIgnoreCase(name, "RewriteCond") && words > 2) {
    conditions_.Add(directive, report_);
  } else if (EqualsIgnoreCase(name, "RewriteRule")) {
    if (words < 3) {
      report_.Skip(directive.place, "has no substitution", "write: RewriteRule pattern target");
    } else if (!on_) {
      report_.Skip(directive.place, "RewriteEngine is not on, so Apache ignores it", "remove it");
    } else {
      if (!IsJumpedOver(directive)) Rule(directive);
      NoteJump(directive);
    }
    conditions_ = {};
  }
}

void ApacheRewrite::Map(const Directive& directive, Beside& beside) {
  const std::string& source = directive.words[2];
  if (!source.starts_with("txt:")) {
    return report_.Skip(directive.place, Cat("the map ", directive.words[1], " is no text file"),
                        "write it as one (txt:)");
  }
  TextMap& map = maps_[directive.words[1]];
  for (const auto& [file, index] : beside.Read(source.substr(4), directive.place, report_)) {
    for (KeyValue& row : ReadKeyValues(file, index, ValueEnd::kWord, report_)) {
      map.rows.emplace_back(std::move(row.key), std::move(row.value));
      map.places.push_back(row.place);
    }
  }
}

bool ApacheRewrite::ReadFlags(const Directive& directive, Flags& flags) const {
  for (const std::string_view flag : FlagWords(directive)) {
    const size_t equals = std::min(flag.find('='), flag.size());
    const std::string_view name = flag.substr(0, equals);
    const std::string_view value = flag.substr(std::min(equals + 1, flag.size()));
    if (EqualsIgnoreCase(name, "R") || EqualsIgnoreCase(name, "redirect")) {
      flags.code = value.empty() ? 302 : CodeOf(value);
    } else if (EqualsIgnoreCase(name, "L") || EqualsIgnoreCase(name, "last") ||
               EqualsIgnoreCase(name, "END")) {
      flags.last = true;
    } else if (EqualsIgnoreCase(name, "NC") || EqualsIgnoreCase(name, "nocase")) {
      flags.ignore_case = true;
    } else if (EqualsIgnoreCase(name, "QSA") || EqualsIgnoreCase(name, "qsappend")) {
      flags.append = true;
    } else if (EqualsIgnoreCase(name, "QSD") || EqualsIgnoreCase(name, "qsdiscard")) {
      flags.discard = true;
    } else if (EqualsIgnoreCase(name, "NE") || EqualsIgnoreCase(name, "noescape")) {
      flags.raw = true;
    } else if (EqualsIgnoreCase(name, "G") || EqualsIgnoreCase(name, "gone")) {
      flags.gone = true;
    } else if (EqualsIgnoreCase(name, "F") || EqualsIgnoreCase(name, "forbidden")) {
      flags.forbidden = true;
    } else if (EqualsIgnoreCase(name, "P") || EqualsIgnoreCase(name, "proxy")) {
      flags.proxy = true;
    } else if (EqualsIgnoreCase(name, "S") || EqualsIgnoreCase(name, "skip") ||
               EqualsIgnoreCase(name, "C") || EqualsIgnoreCase(name, "chain") ||
               EqualsIgnoreCase(name, "N") || EqualsIgnoreCase(name, "next")) {
      report_.Skip(directive.place, Cat("has the flag ", name, ", which makes rules jump"),
                   "write the rules one by one");
      return false;
    }
  }
  return true;
}

bool ApacheRewrite::IsJumpedOver(const Directive& directive) {
  if (jumped_ == 0) return false;
  --jumped_;
  report_.Skip(directive.place,
               chained_ ? Cat("is reached only where the rule of line ", jump_from_,
                              " matches, which has the flag chain")
                        : Cat("is reached only where the rule of line ", jump_from_,
                              " does not match, which has the flag skip"),
               "write the rules one by one");
  return true;
}

void ApacheRewrite::NoteJump(const Directive& directive) {
  for (const std::string_view flag : FlagWords(directive)) {
    const std::string_view name = flag.substr(0, flag.find('='));
    const bool chain = EqualsIgnoreCase(name, "C") || EqualsIgnoreCase(name, "chain");
    if (!chain && !EqualsIgnoreCase(name, "S") && !EqualsIgnoreCase(name, "skip")) continue;
    size_t count = 1;
    const std::string_view value = flag.substr(std::min(name.size() + 1, flag.size()));
    if (!chain) std::from_chars(value.data(), value.data() + value.size(), count);
    if (count < jumped_) continue;  // Within what another one passes over.
    jumped_ = count;
    chained_ = chain;
    jump_from_ = directive.place.line;
  }
}

void ApacheRewrite::Rule(const Directive& directive) {
  Flags flags;
  if (!ReadFlags(directive, flags)) return;
  if (!conditions_.unknown.empty()) {
    return report_.Skip(directive.place,
                        Cat("the policy does not have the condition ", conditions_.unknown),
                        "write a rule with the match that is meant");
  }
  if (conditions_.two_hosts) {
    return report_.Skip(directive.place,
                        "can never answer: its conditions ask for two hosts at once",
                        "join them with [OR]");
  }
  if (directive.words[1].starts_with('!')) {
    return report_.Skip(directive.place, "answers what its pattern does not match",
                        "write a rule for what it is meant for");
  }
  Convert(directive, flags, conditions_);
}

// What becomes of the query is in the target's "?" and in the flags.
std::string ApacheRewrite::Target(std::string_view substitution, const Flags& flags,
                                  v1::QueryMode& query) const {
  std::string target = WithNames(substitution);
  if (!target.starts_with('/') && !IsAbsolute(target) && !target.starts_with('$')) {
    target.insert(0, base_.ends_with('/') || base_.empty() ? base_ : base_ + "/");
  }
  const bool own = target.find('?') != target.npos;
  query = own ? v1::QUERY_MODE_DROP : v1::QUERY_MODE_KEEP;
  if (flags.append) query = v1::QUERY_MODE_APPEND;
  if (flags.discard) query = v1::QUERY_MODE_DROP;
  if (target.ends_with('?')) target.pop_back();
  return flags.raw ? target : Escaped(target);
}

void ApacheRewrite::Convert(const Directive& directive, const Flags& flags,
                            const ApacheConditions& conditions) {
  std::string pattern = directive.words[1];
  if (in_directory_ && pattern.starts_with('^')) {
    const std::string_view rest = std::string_view(pattern).substr(1);
    pattern = Cat("^/", rest.starts_with("/?") ? rest.substr(2) : rest);
  }
  Redirect asks;
  asks.place = directive.place;
  asks.hosts = conditions.hosts.empty() ? hosts_ : conditions.hosts;
  const bool everything = FindsAll(directive.words[1]);
  asks.source = everything ? Source::kPrefix : Source::kPattern;
  asks.path = everything ? "/" : (flags.ignore_case ? "(?i)" : "") + SearchDecoded(pattern);
  if (!conditions.path.empty()) {
    if (!everything && directive.words[1] != "^(.*)$" && directive.words[1] != "(.*)") {
      return report_.Skip(directive.place, "has a pattern and a condition on the path",
                          "write both as one pattern");
    }
    if (!everything && directive.words[2].find("$1") != std::string::npos) {
      return report_.Skip(directive.place, "has a pattern and a condition on the path",
                          "write both as one pattern");
    }
    asks.source = Source::kPattern;
    asks.path = conditions.path;
  }
  if (conditions.match->ByteSizeLong() > 0) asks.conditions = conditions.match;
  if (conditions.on_files) {
    report_.Change(directive.place, "answers also where there is a file",
                   "ask the policy after the files");
  }
  std::string substitution = directive.words[2];
  if (flags.gone || IsBare(flags.code)) {
    return leads_.Emit(std::move(asks), "", flags.gone ? 410 : flags.code, v1::QUERY_MODE_DROP,
                       directive.place);
  }
  const bool known = flags.code == 301 || flags.code == 302 || flags.code == 303 ||
                     flags.code == 307 || flags.code == 308;
  const bool leads = !flags.proxy && !flags.forbidden && substitution != "-" &&
                     (known || (flags.code == 0 && IsAbsolute(substitution)));
  if (!leads) {
    if (substitution != "-" || flags.forbidden || flags.code != 0) {
      report_.Skip(directive.place, "does not redirect", "leave it to Apache");
    }
    if (!flags.last && !flags.proxy && !flags.forbidden && flags.code == 0) return;
    asks.act = Act::kLeave;
    redirects_.push_back(std::move(asks));
    return;
  }
  if (const size_t map = substitution.find("${"); map != substitution.npos) {
    const std::string name = substitution.substr(map + 2, substitution.find(':', map) - map - 2);
    return FromMap(directive, name, asks, flags);
  }
  std::string variable = UnknownVariable(substitution);
  if (substitution.find("$0") != substitution.npos) variable = "$0";
  if (!variable.empty()) {
    return report_.Skip(directive.place,
                        Cat("its target has ", variable, ", which the policy does not know"),
                        "write the value, or a rule for each value");
  }
  if (conditions.labels == "1") {
    static const RE2 labels(R"((^|[^%])%1($|[^0-9A-Fa-f]))");
    RE2::GlobalReplace(&substitution, labels, Cat("\\1$", kLabels, "\\2"));
  }
  // "%1", but not "%31".
  static const RE2 group(R"((?:^|[^%])%[0-9](?:[^0-9A-Fa-f]|$))");
  if (RE2::PartialMatch(substitution, group)) {
    return report_.Skip(directive.place, "its target has a group of a condition (%1)",
                        "write a rule for each value");
  }
  if (in_directory_ && base_.empty() && !substitution.starts_with('/') &&
      !IsAbsolute(substitution) && !substitution.starts_with('%')) {
    return report_.Skip(directive.place, "its target is relative, and there is no RewriteBase",
                        "begin it with \"/\"");
  }
  v1::QueryMode query = v1::QUERY_MODE_DROP;
  const std::string target = Target(substitution, flags, query);
  if (target.find('#') != target.npos && query != v1::QUERY_MODE_DROP) {
    report_.Change(directive.place, "has the query before the fragment, Apache within the fragment",
                   "nothing needs to be done");
  }
  if (!flags.raw && query != v1::QUERY_MODE_DROP && flags.append) {
    report_.Change(directive.place, "keeps the query as it is; Apache escapes it again without NE",
                   "nothing needs to be done");
  }
  leads_.Add(asks, target, flags.code == 0 ? 302 : flags.code, query,
             http_only_ || conditions.http_only, directive.place);
}

// The target is a value of a map, whose key is the path or what follows its first "/".
void ApacheRewrite::FromMap(const Directive& directive, const std::string& name,
                            const Redirect& asks, const Flags& flags) {
  const std::string& substitution = directive.words[2];
  const std::string& pattern = directive.words[1];
  const auto map = maps_.find(name);
  const bool whole = substitution == Cat("${", name, ":$1}") ||
                     substitution == Cat("${", name, ":%{REQUEST_URI}}") ||
                     substitution == Cat("${", name, ":$0}");
  if (map == maps_.end() || !whole) {
    return report_.Skip(directive.place, "its target is a map's value beside other text",
                        "write ${map:$1} alone, and the rest into the map");
  }
  const bool uri = substitution.find("REQUEST_URI") != substitution.npos;
  const bool slash = !uri && (in_directory_ || pattern == "^/(.*)$" || pattern == "^/(.*)" ||
                              pattern == "^/(.+)$");
  for (size_t i = 0; i < map->second.rows.size(); ++i) {
    const auto& [key, value] = map->second.rows[i];
    Redirect row = asks;
    row.source = Source::kExact;
    row.path = Encoded(slash ? "/" + key : key);
    v1::QueryMode query = v1::QUERY_MODE_DROP;
    const std::string target = WithoutPlaceholders(Target(value, flags, query));
    leads_.Emit(std::move(row), target, flags.code == 0 ? 302 : flags.code, query,
                map->second.places[i]);
  }
}

}  // namespace fingerpost::policy::formats
