// "_redirects" of Netlify: the first line that matches answers, also with another last slash.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <optional>

#include "policy/compiled/path.h"
#include "policy/formats/cat.h"
#include "policy/formats/exporters.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::string_view kAsk = "keep asking the service there";

// As Netlify compares a path: decoded. nullopt: no line of the file says it.
std::optional<std::string> Decoded(std::string_view path) {
  std::string text = compiled::PathText(path);
  const bool sayable = text.find_first_of(" \t%?#*") == text.npos && text.find("/:") == text.npos &&
                       compiled::ParsePath(text) == path;
  return sayable ? std::optional(std::move(text)) : std::nullopt;
}

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsSegment(std::string_view name) {
  return !name.empty() && name != "splat" && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), IsWord);
}

// A pattern of whole segments as Netlify writes it.
struct Segments {
  std::string from;                // "/n/:year/*"
  std::vector<std::string> names;  // By the number of the group: ":year", ":splat".
  bool may_be_empty = false;       // A "*" of a glob, which Netlify's is not.
  bool either_slash = false;
};

// nullopt: it is another one.
std::optional<Segments> SegmentsOf(const Outgoing& one) {
  Segments out;
  out.names.emplace_back();
  std::string_view pattern = one.path;
  const auto take = [&pattern](std::string_view text) {
    const bool found = pattern.starts_with(text);
    if (found) pattern.remove_prefix(text.size());
    return found;
  };
  // The group's own name, where it has one.
  const auto group = [&]() -> std::string {
    const std::string& own =
        out.names.size() < one.groups->size() ? (*one.groups)[out.names.size()] : "";
    const std::string head = own.empty() ? "(" : Cat("(?P<", own, ">");
    return take(head) ? (IsSegment(own) ? own : Cat("v", out.names.size())) : "";
  };
  while (!pattern.empty()) {
    if (pattern == "/?") {
      out.either_slash = true;
      break;
    }
    if (take("(?:/")) {  // All below, or nothing.
      if (group().empty() || pattern != ".*))?") return std::nullopt;
      out.names.emplace_back(":splat");
      out.from += "/*";
      out.either_slash = true;
      break;
    }
    if (!take("/")) return std::nullopt;
    out.from += '/';
    if (const std::string name = group(); !name.empty()) {
      if (pattern == ".*)") {
        out.names.emplace_back(":splat");
        out.from += '*';
        out.may_be_empty = true;
        break;
      }
      const bool empty = take("[^/]*)");
      if (!empty && !take("[^/]+)")) return std::nullopt;
      out.may_be_empty = out.may_be_empty || empty;
      out.names.push_back(":" + name);
      Append(out.from, ":", name);
      if (!pattern.empty() && pattern[0] != '/' && pattern[0] != '(') return std::nullopt;
      continue;
    }
    std::string literal;
    while (!pattern.empty() && pattern[0] != '/' && pattern[0] != '(') {
      const bool escaped = pattern[0] == '\\' && pattern.size() > 1;
      if (escaped) pattern.remove_prefix(1);
      if (escaped ? IsWord(pattern[0])
                  : std::string_view(".+*?)[]{}^$|").find(pattern[0]) != std::string_view::npos) {
        return std::nullopt;
      }
      literal += pattern[0];
      pattern.remove_prefix(1);
    }
    const auto text = Decoded("/" + literal);
    if (!text) return std::nullopt;
    out.from += text->substr(1);
  }
  return out;
}

class Writer {
 public:
  Writer(const OutgoingList& list, Told& told) : list_(list), told_(told) {
    for (const Outgoing& one : list) {
      if (one.source == Source::kExact) exact_.try_emplace(Cat(one.host, one.path), &one);
    }
  }

  std::string Run() {
    for (const Outgoing& one : list_) {
      if (Write(one)) told_.Wrote(one);
    }
    return std::move(out_);
  }

 private:
  bool Skip(const Outgoing& one, std::string_view why, std::string_view remedy = kAsk) {
    return told_.Skip(one, why, remedy);
  }

  bool Write(const Outgoing& one) {
    if (one.host.starts_with('.'))
      return Skip(one, "is for all hosts of a domain", "name the hosts");
    if (!IsForAllMethods(one, told_)) return false;
    std::string from, conditions, cookies;
    Segments segments;
    if (!Conditions(one, conditions, cookies) || !From(one, segments)) return false;
    TellCase(one, told_);
    if (one.act != Act::kUpgrade) TellMethods(one, told_);
    if (one.act == Act::kUpgrade) {
      if (one.host.empty()) return Skip(one, "leads every host to https", "export with --host");
      Append(out_, "http://", one.host, "/* https://", one.host, "/:splat ", one.reply().code,
             "!\n");
      return true;
    }
    const std::string to = To(one, segments);
    const int code = one.act == Act::kLeave ? 200 : one.reply().code;
    const std::string tail =
        Cat(conditions, " ", to, " ", code, code == 200 ? "" : "!", cookies, "\n");
    if (one.host.empty()) {
      Append(out_, segments.from, tail);
    } else {
      for (const char* scheme : {"http://", "https://"})
        Append(out_, scheme, one.host, segments.from, tail);
    }
    return true;
  }

  bool From(const Outgoing& one, Segments& segments) {
    if (one.source == Source::kPattern) {
      auto read = SegmentsOf(one);
      if (!read) return Skip(one, "has a pattern of other parts than whole segments");
      segments = *std::move(read);
      if (segments.may_be_empty) {
        told_.Change(
            one, "\":name\" matches no empty segment, and \"/*\" the path without its \"/\", too",
            "nothing needs to be done where nobody asks for them");
      }
      if (!segments.either_slash && !one.either_slash && !segments.from.ends_with('*'))
        TellSlash(one);
      return true;
    }
    const auto text = Decoded(one.path);
    if (!text) return Skip(one, "has characters in its path that no source of Netlify has");
    segments.from = *text;
    if (one.source == Source::kPrefix) {
      segments.from += segments.from.ends_with('/') ? "*" : "/*";
    } else if (!one.either_slash && one.path != "/") {
      return OtherSlash(one);
    }
    return true;
  }

  void TellSlash(const Outgoing& one) {
    told_.Change(one, "answers the path with another last slash, too",
                 "nothing needs to be done where only one of them is asked for");
  }

  // Netlify answers both forms by the first line. False: another one answers this form.
  bool OtherSlash(const Outgoing& one) {
    const bool slash = one.path.ends_with('/');
    const std::string other = slash ? one.path.substr(0, one.path.size() - 1) : one.path + "/";
    const auto found = exact_.find(Cat(one.host, other));
    if (found == exact_.end() || one.conditions != nullptr) {
      TellSlash(one);
      return true;
    }
    const Outgoing& twin = *found->second;
    if (twin.conditions != nullptr) {
      TellSlash(one);
      return true;
    }
    const bool same = twin.target == one.target && twin.act == one.act && twin.safe == one.safe;
    if (&twin < &one) {
      return same ||
             Skip(one, "differs by its last slash from another one, which Netlify takes for it",
                  "remove one of them");
    }
    if (!same) TellSlash(one);
    return true;
  }

  bool Conditions(const Outgoing& one, std::string& query, std::string& cookies) {
    if (one.conditions == nullptr) return true;
    const v1::Match& match = *one.conditions;
    if (match.fields_size() > 0) return Skip(one, "looks at a field of the request");
    const auto plain = [](const std::string& text) {
      return !text.empty() && text.find_first_of(" \t\"#=&%+:/") == text.npos;
    };
    for (const v1::ValueMatch& value : match.query()) {
      const bool any = value.test_case() == v1::ValueMatch::TEST_NOT_SET ||
                       (value.has_present() && value.present());
      if (!plain(value.name()) || !(any || (value.has_equals() && plain(value.equals())))) {
        return Skip(one, "has a condition on the query that is no plain name=value");
      }
      Append(query, " ", value.name(), "=", any ? ":any" : value.equals());
    }
    for (const v1::ValueMatch& value : match.cookies()) {
      const bool any = value.test_case() == v1::ValueMatch::TEST_NOT_SET ||
                       (value.has_present() && value.present());
      if (!any || !plain(value.name()) || value.name().find(',') != std::string::npos ||
          !cookies.empty()) {
        return Skip(one, "has a condition on the value of a cookie, or on several");
      }
      cookies = Cat(" Cookie=", value.name());
    }
    return true;
  }

  std::string To(const Outgoing& one, const Segments& segments) {
    if (one.act == Act::kLeave) {
      std::string to = segments.from;
      if (to.ends_with('*')) to.replace(to.size() - 1, 1, ":splat");
      return to;
    }
    if (one.target.empty()) {
      told_.Change(one, Cat("shows the page /", one.reply().code, " of the site"),
                   "write that page");
      return Cat("/", one.reply().code);
    }
    if (one.query == v1::QUERY_MODE_DROP) {
      told_.Change(one, "passes the request's query on, which the policy drops",
                   "nothing needs to be done where the target ignores it");
    } else if (one.takes_query || (one.query != v1::QUERY_MODE_KEEP &&
                                   one.query != v1::QUERY_MODE_MERGE_TARGET_WINS)) {
      told_.Change(
          one, "joins the queries in its own way: the target's parameters win, and all others pass",
          "nothing needs to be done where the target ignores them");
    }
    std::string to;
    std::string_view rest = one.target, text, name;
    while (NextValue(rest, text, name)) {
      to += UrlText(text);
      const size_t number = GroupOf(one, name);
      if (number > 0) {
        to += segments.names[number];
        continue;
      }
      const bool origin = IsAbsolute(to) && to.find('/', 8) == to.npos;
      if (!to.ends_with('/')) {
        to += '/';
        if (!origin) {
          told_.Change(one,
                       "writes a \"/\" at the end of the target where nothing follows the prefix",
                       "write a line for the prefix itself before it, if that matters");
        }
      }
      to += ":splat";
    }
    return to + UrlText(text);
  }

  const OutgoingList& list_;
  Told& told_;
  absl::flat_hash_map<std::string, const Outgoing*> exact_;
  std::string out_;
};

}  // namespace

std::string WriteNetlify(const OutgoingList& list, Told& told) {
  std::string text = Writer(list, told).Run();
  if (list.size() > 10'000) {
    told.Note("Netlify advises against 10000 lines and more", "use an edge function for many");
  }
  return text;
}

}  // namespace fingerpost::policy::formats
