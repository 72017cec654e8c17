// Apache: Redirect, RedirectMatch and RewriteRule of its configuration and of .htaccess, and the
// text of a RewriteMap alone. In one context mod_rewrite comes before mod_alias.
#include <algorithm>
#include <charconv>

#include "core/http/fields.h"
#include "policy/formats/apache_rewrite.h"
#include "policy/formats/apache_syntax.h"
#include "policy/formats/cat.h"
#include "policy/formats/key_values.h"
#include "policy/formats/pattern.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

using http::EqualsIgnoreCase;

bool IsPort443(std::string_view address) { return address.ends_with(":443"); }

// nullopt: the word is no status.
std::optional<int> StatusOf(std::string_view word) {
  if (EqualsIgnoreCase(word, "permanent")) return 301;
  if (EqualsIgnoreCase(word, "temp")) return 302;
  if (EqualsIgnoreCase(word, "seeother")) return 303;
  if (EqualsIgnoreCase(word, "gone")) return 410;
  int code = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), code);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return code;
}

class Reader {
 public:
  Reader(const std::string& file, Redirects& redirects, Report& report)
      : in_directory_(file.ends_with(".htaccess")),
        beside_(file),
        redirects_(redirects),
        report_(report) {}

  void Read(const File& file, uint16_t index) {
    const std::vector<Directive> directives = ParseApache(file, index, beside_, report_);
    const bool rows = !directives.empty() &&
                      std::all_of(directives.begin(), directives.end(), [](const auto& one) {
                        return one.name().starts_with('/') && one.words.size() > 1;
                      });
    if (rows) return Rows(file, index);
    Context(directives, {}, false, in_directory_);
  }

 private:
  // The text of a RewriteMap.
  void Rows(const File& file, uint16_t index) {
    report_.Note({0, index}, "the rows of a map do not say their code", "it is 301");
    // What the lines are was seen before; what is wrong with them was reported then.
    Report again({file.name});
    for (const KeyValue& row : ReadKeyValues(file, 0, ValueEnd::kWord, again)) {
      Redirect redirect;
      redirect.place = {row.place.line, index};
      redirect.path = Encoded(row.key);
      redirect.target = WithoutPlaceholders(row.value);
      redirect.query = v1::QUERY_MODE_KEEP;
      redirects_.push_back(std::move(redirect));
    }
  }

  // The hosts that it is for.
  std::vector<std::string> Context(const std::vector<Directive>& block,
                                   std::vector<std::string> hosts, bool http_only,
                                   bool in_directory) {
    for (const Directive& directive : block) {
      const bool name = EqualsIgnoreCase(directive.name(), "ServerName");
      if (!name && !EqualsIgnoreCase(directive.name(), "ServerAlias")) continue;
      for (size_t i = 1; i < directive.words.size(); ++i) Host(directive, i, hosts);
    }
    ApacheRewrite rewrite(hosts, http_only, in_directory, redirects_, report_);
    for (const Directive& directive : block) rewrite.Read(directive, beside_);
    for (const Directive& directive : block) {
      Alias(directive, hosts, http_only);
      const bool document = EqualsIgnoreCase(directive.name(), "ErrorDocument");
      if (document && directive.words.size() > 2 && IsAbsolute(directive.words[2])) {
        report_.Skip(directive.place, "redirects only what the server does not find",
                     "keep it in Apache, or ask the policy where a page was not found");
      }
    }
    for (const Directive& directive : block) Section(directive, hosts, http_only);
    return hosts;
  }

  // No other virtual host answers there.
  void Leave(std::vector<std::string> hosts, bool http_only, Place place) {
    if (hosts.empty()) return;
    Redirect leave;
    leave.act = Act::kLeave;
    leave.source = Source::kPrefix;
    leave.path = "/";
    leave.hosts = std::move(hosts);
    leave.http_only = http_only;
    leave.place = place;
    redirects_.push_back(std::move(leave));
  }

  void Host(const Directive& directive, size_t i, std::vector<std::string>& hosts) {
    std::string host = directive.words[i].substr(0, directive.words[i].rfind(':'));
    if (const size_t scheme = host.find("://"); scheme != host.npos) host.erase(0, scheme + 3);
    if (host.find_first_of("*?", host.starts_with("*.") ? 1 : 0) != host.npos) {
      return report_.Skip(directive.place, Cat("the name ", host, " is a pattern of hosts"),
                          "write the hosts that there are");
    }
    hosts.push_back(std::move(host));
  }

  void Section(const Directive& directive, const std::vector<std::string>& hosts, bool http_only) {
    if (EqualsIgnoreCase(directive.name(), "<VirtualHost")) {
      const bool encrypted = directive.words.size() > 1 && IsPort443(directive.words[1]);
      Leave(Context(directive.block, {}, !encrypted, false), !encrypted, directive.place);
      return;
    }
    if (!directive.has_block) return;
    if (EqualsIgnoreCase(directive.name(), "<Directory")) {
      Context(directive.block, hosts, http_only, true);
      return;
    }
    for (const Directive& inner : directive.block) {
      if (EqualsIgnoreCase(inner.name(), "<VirtualHost") ||
          EqualsIgnoreCase(inner.name(), "<Directory")) {
        report_.Skip(inner.place, Cat("stands in ", directive.name(), ">"),
                     "write it outside of that");
      } else if (inner.has_block) {
        Section(inner, hosts, http_only);
      }
      for (const std::string_view name :
           {"Redirect", "RedirectMatch", "RewriteRule", "RedirectPermanent", "RedirectTemp"}) {
        if (!EqualsIgnoreCase(inner.name(), name)) continue;
        report_.Skip(inner.place, Cat("stands in ", directive.name(), ">"),
                     "write it in the server, with the whole path");
      }
    }
  }

  void Alias(const Directive& directive, const std::vector<std::string>& hosts, bool http_only) {
    const std::string& name = directive.name();
    const bool match = EqualsIgnoreCase(name, "RedirectMatch");
    int code = 302;
    if (EqualsIgnoreCase(name, "RedirectPermanent")) {
      code = 301;
    } else if (!match && !EqualsIgnoreCase(name, "Redirect") &&
               !EqualsIgnoreCase(name, "RedirectTemp")) {
      return;
    }
    std::vector<std::string> words(directive.words.begin() + 1, directive.words.end());
    if (words.size() > 1 && !words[0].starts_with('/') && !IsAbsolute(words[0])) {
      if (const auto status = StatusOf(words[0])) {
        code = *status;
        words.erase(words.begin());
      }
    }
    Redirect redirect;
    redirect.place = directive.place;
    redirect.hosts = hosts;
    redirect.code = code;
    redirect.http_only = http_only && !hosts.empty();
    redirect.query = v1::QUERY_MODE_KEEP;
    const bool leads = code >= 300 && code < 400;
    if (leads && (code < 301 || code == 304 || code == 305 || code == 306 || code > 308)) {
      return report_.Skip(directive.place,
                          Cat("answers with ", code, ", which the policy does not"),
                          "write 301, 302, 303, 307 or 308");
    }
    if (words.size() != (leads ? 2U : 1U)) {
      return report_.Skip(directive.place, "has not the words that Apache expects",
                          "write: Redirect [status] source target");
    }
    if (!leads && !IsBare(code)) {
      report_.Skip(directive.place, Cat("answers with ", code, " and does not redirect"),
                   "leave it to Apache");
      redirect.act = Act::kLeave;
    }
    if (leads) redirect.target = WithoutPlaceholders(words[1]);
    if (!match && !LiteralPattern(Encoded(words[0]))) {
      return report_.Skip(directive.place, "its source is no path, so Apache never meets it",
                          "write a path that begins with \"/\"");
    }
    if (match) {
      Match(words[0], redirect);
    } else {
      Prefix(words[0], redirect);
    }
  }

  void Match(const std::string& pattern, Redirect& redirect) {
    redirect.source = Source::kPattern;
    redirect.path = SearchDecoded(pattern);
    redirect.target = GroupTarget(redirect.target);
    Leads(redirects_, report_)
        .Emit(redirect, redirect.target, redirect.code, redirect.query, redirect.place);
  }

  // "/old" is /old and all below it, "/old/" all below it; what follows is added to the target.
  void Prefix(const std::string& source, Redirect& redirect) {
    const bool leads = !redirect.target.empty();
    const std::string& target = redirect.target;
    const bool ends = target.ends_with('/');
    if (source == "/") {
      redirect.source = Source::kPrefix;
      redirect.path = "/";
      if (leads && !ends && target.find('?') == target.npos) {
        return report_.Skip(redirect.place, "joins its target and the path without a \"/\"",
                            "end the target with \"/\"");
      }
      if (leads) redirect.target += "{rest}";
    } else if (source.ends_with('/')) {
      redirect.source = Source::kPattern;
      redirect.path = *LiteralPattern(Encoded(source)) + "(.*)";
      if (leads) redirect.target += "{1}";
    } else if (ends) {
      redirect.source = Source::kPattern;
      redirect.path = *LiteralPattern(Encoded(source)) + "(|/.*)";
      if (leads) redirect.target += "{1}";
    } else {
      redirect.source = Source::kPrefix;
      redirect.path = Encoded(source);
      if (leads) redirect.target += "{rest}";
    }
    redirects_.push_back(std::move(redirect));
  }

  bool in_directory_;
  Beside beside_;
  Redirects& redirects_;
  Report& report_;
};

}  // namespace

void ReadApache(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  Reader(file.name, redirects, report).Read(file, index);
}

}  // namespace fingerpost::policy::formats
