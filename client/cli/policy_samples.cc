#include "policy_samples.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "policy/lint/client.h"

namespace fingerpost::cli {
namespace {

using policy::compiled::Conditions;
using policy::compiled::Rule;
using policy::lint::Client;
using policy::lint::HostIn;
using policy::lint::HostOf;

using Visitor = absl::FunctionRef<void(const v1::DecideRequest&)>;
using Urls = std::vector<std::string>;

constexpr size_t kEveryHost = std::numeric_limits<size_t>::max();
constexpr int kKeys = 200;  // Of a share or of weights: a change by 3 % is found almost always.

Client ClientFor(const Rule& rule) {
  Client client;
  client.Meet(rule);
  return client;
}

void AddField(Client& client, const std::string& name, const std::string& value) {
  v1::StickyKey field;
  field.set_field(name);
  client.Draw(field, value);
}

// The conditions of a rule together with those of its exception, which win.
Rule Narrowed(Rule rule, const Conditions& exception) {
  if (!exception.hosts.empty()) rule.hosts = exception.hosts;
  if (exception.path_kind != Conditions::Path::kAny) {
    rule.path_kind = exception.path_kind;
    rule.path = exception.path;
    rule.pattern = exception.pattern;
  }
  if (!exception.methods.empty()) rule.methods = exception.methods;
  if (!exception.clients.empty()) rule.clients = exception.clients;
  if (exception.languages) rule.languages = exception.languages;
  const auto prepend = [](const auto& from, auto& to) {
    to.insert(to.begin(), from.begin(), from.end());
  };
  prepend(exception.query, rule.query);
  prepend(exception.fields, rule.fields);
  prepend(exception.cookies, rule.cookies);
  return rule;
}

std::string ValueOf(v1::ParameterType type) {
  if (type == v1::PARAMETER_TYPE_INTEGER) return "1";
  return type == v1::PARAMETER_TYPE_UUID ? "00000000-0000-4000-8000-000000000000" : "x";
}

class Sampler {
 public:
  Sampler(const policy::lint::Walker& walker, const std::string& host, Visitor visit)
      : walker_(walker), host_(host), visit_(visit) {}

  // False: no path of its regular expression is known.
  bool AskRule(const Rule& rule) {
    const Urls urls = SampleUrls(walker_, rule, 'x', kEveryHost);
    if (urls.empty()) return false;
    const Client client = ClientFor(rule);
    const std::string first = HostOf(urls.front());
    for (const std::string& url : urls) {
      if (HostOf(url) == first) AskAround(client, url);
    }
    AskAll(client, urls);
    AskDomains(rule, urls.front());
    AskOthers(rule, urls);
    AskUnmet(rule, urls);
    AskKeys(rule, rule.share ? rule.share->sticky_key() : rule.intent.sticky_key(), urls.front());
    for (const std::string& origin : rule.intent.cors().allowed_origins()) {
      Client script = client;
      AddField(script, "Origin", origin);
      AskAll(script, urls);
    }
    return true;
  }

  void AskRow(std::string_view host, const policy::compiled::MapEntry& row) {
    const std::string url = policy::lint::SampleUrl(host, row);
    AskAround(Client(), url);
    Rule post;
    post.methods = {"POST"};
    Ask(ClientFor(post), url);
  }

  // What holds for the host without rules.
  void AskHost(std::string_view host, const v1::Defaults* settings) {
    const std::string name = HostIn(host);
    AskAround(Client(), absl::StrCat("https://", name, "/"));
    AskAround(Client(), absl::StrCat("https://", name, "/x"));
    if (settings == nullptr) return;
    for (const std::string& path : settings->https_exempt()) {
      Ask(Client(),
          absl::StrCat("http://", name, absl::StrReplaceAll(path, {{"**", "x"}, {"*", "x"}})));
    }
  }

  void AskIntent(const std::string& name, const policy::compiled::NamedIntent& named) {
    name_ = name;
    for (const auto& parameter : named.parameters) {
      if (!parameter.default_value) parameters_[parameter.name] = ValueOf(parameter.type);
    }
    const std::string url = absl::StrCat("https://", host_, "/");
    Rule rule;
    for (const char* method : {"GET", "POST"}) {
      rule.methods = {method};
      for (const auto kind :
           {v1::CLIENT_KIND_BROWSER, v1::CLIENT_KIND_SCRIPT, v1::CLIENT_KIND_API}) {
        rule.clients = {kind};
        Ask(ClientFor(rule), url);
      }
    }
    AskKeys(rule, named.intent.sticky_key(), url);
    name_.clear();
    parameters_.clear();
  }

 private:
  void Ask(const Client& client, std::string url) {
    const size_t begin = url.find("//") + 2;
    const std::string any = HostIn("");
    if (url.compare(begin, any.size(), any) == 0) url.replace(begin, any.size(), host_);
    v1::DecideRequest asked = client.Asks(url, walker_.now());
    if (!name_.empty()) asked.set_intent_name(name_);
    asked.mutable_parameters()->insert(parameters_.begin(), parameters_.end());
    visit_(asked);
  }

  void AskAll(const Client& client, const Urls& urls) {
    for (const std::string& url : urls) Ask(client, url);
  }

  // The URL and its neighbours, and over http.
  void AskAround(const Client& client, const std::string& url) {
    const size_t end = std::min(url.find('?'), url.size());
    const std::string path = url.substr(0, end);
    const std::string query = url.substr(end);
    const size_t root = path.find('/', std::string_view("https://").size());
    Ask(client, url);
    Ask(client, path + (path.ends_with('/') ? "x" : "/") + query);
    if (path.ends_with('/') && path.size() > root + 1) {
      Ask(client, path.substr(0, path.size() - 1) + query);
    }
    Ask(client, path.substr(0, root) + absl::AsciiStrToUpper(path.substr(root)) + query);
    Ask(client, absl::StrCat(path, query, query.empty() ? "?" : "&", "x=1"));
    Ask(client, "http" + url.substr(std::string_view("https").size()));
  }

  // At "a.example" for ".a.example" and "*.a.example", of which only one has it.
  void AskDomains(const Rule& rule, const std::string& url) {
    const std::string path = url.substr(url.find('/', std::string_view("https://").size()));
    for (const policy::compiled::HostId host : rule.hosts) {
      const std::string_view pattern = walker_.hosts()[host];
      if (!pattern.starts_with('.') && !pattern.starts_with('*')) continue;
      Ask(ClientFor(rule), "https://" + std::string(pattern.substr(pattern.find('.') + 1)) + path);
    }
  }

  // By the other methods, languages and kinds of clients that the rule names.
  void AskOthers(const Rule& rule, const Urls& urls) {
    Rule other = rule;
    std::vector<std::string> methods = {"GET", "POST", "DELETE"};
    for (const std::string& own : rule.methods) {
      if (std::find(methods.begin(), methods.end(), own) == methods.end()) methods.push_back(own);
    }
    for (const std::string& method : methods) {
      other.methods = {method};
      AskAll(ClientFor(other), urls);
    }
    other.methods = rule.methods;
    for (const v1::ClientKind kind : rule.clients) {
      other.clients = {kind};
      AskAll(ClientFor(other), urls);
    }
    if (!rule.languages) return;
    const auto prefer = [&](const std::string& languages) {
      Client client;
      client.Prefer(languages);
      client.Meet(rule);
      AskAll(client, urls);
    };
    for (const std::string& language : rule.languages->prefers) prefer(language);
    std::vector<std::string> others = rule.languages->over;
    others.push_back("qaa");  // One that no site has (ISO 639-2), which counts without `over`.
    for (const std::string& language : others) {
      prefer(absl::StrCat(language, ", ", rule.languages->prefers.front(), ";q=0.5"));
    }
  }

  // By clients that send what must be absent, and for what the exceptions leave out.
  void AskUnmet(const Rule& rule, const Urls& urls) {
    const auto is_absent = [](const policy::compiled::ValueCondition& condition) {
      return condition.match().has_present() && !condition.match().present();
    };
    for (const auto& condition : rule.query) {
      if (is_absent(condition)) {
        Ask(ClientFor(rule), absl::StrCat(urls.front(), "?", condition.name(), "=1"));
      }
    }
    for (const bool cookies : {false, true}) {
      for (const auto& condition : cookies ? rule.cookies : rule.fields) {
        if (!is_absent(condition)) continue;
        v1::StickyKey key;
        cookies ? key.set_cookie(condition.name()) : key.set_field(condition.name());
        Client client = ClientFor(rule);
        client.Draw(key, "1");
        Ask(client, urls.front());
      }
    }
    for (const Conditions& exception : rule.exceptions) {
      const Rule narrowed = Narrowed(rule, exception);
      AskAll(ClientFor(narrowed), SampleUrls(walker_, narrowed, 'x', kEveryHost));
    }
  }

  void AskKeys(const Rule& rule, const v1::StickyKey& key, const std::string& url) {
    if (!key.has_cookie() && !key.has_field()) return;
    for (int i = 0; i < kKeys; ++i) {
      Client client;
      client.Draw(key, std::to_string(i));
      client.Meet(rule);
      Ask(client, url);
    }
  }

  const policy::lint::Walker& walker_;
  const std::string& host_;
  Visitor visit_;
  // Of the named intent that is asked for.
  std::string name_;
  google::protobuf::Map<std::string, std::string> parameters_;
};

}  // namespace

size_t VisitSamples(const policy::lint::Walker& walker, const std::string& host, Visitor visit) {
  const policy::compiled::Snapshot& snapshot = walker.snapshot();
  Sampler sampler(walker, host, visit);
  size_t without = 0;
  for (const Rule& rule : snapshot.rules.rules()) {
    if (!sampler.AskRule(rule)) ++without;
  }
  snapshot.rules.maps().ForEach([&](const policy::compiled::MapEntry& row) {
    sampler.AskRow(walker.hosts()[row.host], row);
  });
  for (policy::compiled::HostId id = 0; id < walker.hosts().size(); ++id) {
    const auto own = snapshot.defaults_of.find(id);
    const size_t index = own == snapshot.defaults_of.end() ? 0 : own->second;
    const bool has_settings = index > 0 || id == policy::compiled::kAnyHost;
    sampler.AskHost(walker.hosts()[id], has_settings ? &snapshot.defaults[index] : nullptr);
  }
  for (const auto& [name, named] : snapshot.intents) sampler.AskIntent(name, named);
  return without;
}

}  // namespace fingerpost::cli
