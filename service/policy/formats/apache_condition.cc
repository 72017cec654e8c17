#include "policy/formats/apache_condition.h"

#include <algorithm>
#include <utility>

#include "core/http/fields.h"
#include "policy/formats/cat.h"
#include "policy/formats/host_pattern.h"
#include "policy/formats/pattern.h"
#include "policy/formats/reach.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {
namespace {

using http::EqualsIgnoreCase;

// "=x.example", or a regular expression.
std::optional<HostPattern> HostsOf(std::string_view wanted) {
  if (!wanted.starts_with('=')) return ReadHostPattern(wanted);
  HostPattern one;
  one.hosts = {std::string(wanted.substr(1))};
  return one;
}

}  // namespace

// "[R=301,L]" -> "R=301", "L": views of the directive's third word.
std::vector<std::string_view> FlagWords(const Directive& directive) {
  std::vector<std::string_view> words;
  if (directive.words.size() < 4) return words;
  std::string_view text = directive.words[3];
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  while (!text.empty()) {
    words.push_back(http::TrimWhitespace(text.substr(0, text.find(','))));
    text.remove_prefix(std::min(text.find(','), text.size() - 1) + 1);
  }
  return words;
}

void ApacheConditions::Add(const Directive& directive, Report& report) {
  bool ignore_case = false, either = false;
  for (const std::string_view flag : FlagWords(directive)) {
    ignore_case = ignore_case || EqualsIgnoreCase(flag, "NC") || EqualsIgnoreCase(flag, "nocase");
    either = either || EqualsIgnoreCase(flag, "OR") || EqualsIgnoreCase(flag, "ornext");
  }
  const std::string& text = directive.words[1];
  const std::string& wanted = directive.words[2];
  const bool joined = std::exchange(or_next_, either);
  const bool host = text == "%{HTTP_HOST}" || text == "%{SERVER_NAME}";
  labels.clear();  // "%1" is a group of the last condition.
  const bool known = host ? AddHost(directive, joined, report)
                          : !either && !joined && AddOne(text, wanted, ignore_case);
  if (!known) unknown = Cat(text, " ", wanted, either ? " [OR]" : "");
  if (!either) EndHosts();
}

// Those that "[OR]" joins are one condition; others must hold, too.
bool ApacheConditions::AddHost(const Directive& directive, bool joined, Report& report) {
  const auto added = HostsOf(directive.words[2]);
  if (!joined) any_of_.clear();
  if (!added) return false;
  TellMoreLabels(*added, directive.place, report);
  any_of_.insert(any_of_.end(), added->hosts.begin(), added->hosts.end());
  if (any_of_ == added->hosts && hosts.empty()) labels = added->labels;
  return true;
}

void ApacheConditions::EndHosts() {
  if (any_of_.empty()) return;
  if (hosts.empty()) {
    hosts = std::move(any_of_);
  } else {
    hosts = HostsInBoth(hosts, any_of_);
    two_hosts = hosts.empty();
  }
  any_of_.clear();
}

// "^id=26$" and "(^|&)id=26(&|$)".
bool ApacheConditions::AddQuery(std::string_view wanted) {
  for (const auto& [begin, end] : {std::pair("(^|&)", "(&|$)"), std::pair("(?:^|&)", "(?:&|$)"),
                                   std::pair("^", "$"), std::pair("\\b", "\\b")}) {
    if (!wanted.starts_with(begin) || !wanted.ends_with(end)) continue;
    const size_t size = std::string_view(begin).size() + std::string_view(end).size();
    if (size >= wanted.size()) return false;
    const auto text = OnlyText(wanted.substr(std::string_view(begin).size(), wanted.size() - size));
    if (!text || text->find('=') == std::string::npos) return false;
    match->MergeFrom(*QueryConditions(*text));
    return true;
  }
  return false;
}

bool ApacheConditions::AddOne(std::string_view text, std::string_view wanted, bool ignore_case) {
  const auto is = [wanted](std::initializer_list<std::string_view> forms) {
    return std::find_if(forms.begin(), forms.end(), [wanted](std::string_view form) {
             return EqualsIgnoreCase(wanted, form);
           }) != forms.end();
  };
  if (text == "%{HTTPS}") {
    return http_only = is({"off", "=off", "!=on", "!on", "^off$", "!^on$"});
  }
  if (text == "%{SERVER_PORT}") {
    return http_only = is({"80", "=80", "^80$", "!443", "!=443", "!^443$"});
  }
  if (text == "%{REQUEST_SCHEME}" || text == "%{HTTP:X-Forwarded-Proto}") {
    return http_only = is({"http", "=http", "^http$", "!https", "!=https", "!^https$"});
  }
  if (text == "%{REQUEST_FILENAME}" || text.ends_with("%{REQUEST_URI}")) {
    if (is({"!-f", "!-d", "!-l", "!-s"})) {
      on_files = true;
      return true;
    }
  }
  if (wanted.starts_with("${")) return false;
  if (text.starts_with("${") && is({"!=\"\"", "!=", "!^$", ".", ".+", ">\"\"", ">"})) {
    map = text.substr(2, text.find(':') - 2);
    return true;
  }
  if (wanted.starts_with('!') || wanted.starts_with('-') || wanted.starts_with('>') ||
      wanted.starts_with('<')) {
    return false;
  }
  const std::string regex =
      wanted.starts_with('=') ? "" : (ignore_case ? "(?i)" : "") + SearchPattern(wanted);
  if (text == "%{REQUEST_URI}") {
    if (regex.empty() || !path.empty()) return false;
    path = (ignore_case ? "(?i)" : "") + SearchDecoded(wanted);
    return true;
  }
  if (text == "%{QUERY_STRING}") return AddQuery(wanted);
  if (text == "%{REQUEST_METHOD}") {
    const auto one = OnlyText(wanted.substr(wanted.starts_with('=') ? 1 : 0));
    if (one) match->add_methods(*one);
    return one.has_value();
  }
  std::string field;
  if (text == "%{HTTP_USER_AGENT}") field = "User-Agent";
  if (text == "%{HTTP_REFERER}") field = "Referer";
  if (text == "%{HTTP_ACCEPT}") field = "Accept";
  if (text.starts_with("%{HTTP:") && text.ends_with('}')) field = text.substr(7, text.size() - 8);
  if (field.empty()) return false;
  v1::ValueMatch& value = *match->add_fields();
  value.set_name(field);
  if (regex.empty()) {
    value.set_equals(std::string(wanted.substr(1)));
  } else {
    value.set_regex(regex);
  }
  return true;
}

}  // namespace fingerpost::policy::formats
