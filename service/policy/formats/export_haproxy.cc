// HAProxy: http-request rules for a frontend, of which the first that matches answers. "return" has
// every code, and fields beside Location.
#include <absl/strings/str_join.h>

#include <algorithm>
#include <array>

#include "core/http/fields.h"
#include "policy/formats/cat.h"
#include "policy/formats/exporters.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxRules = 1000;
constexpr std::string_view kUnsafe = "!{ method GET HEAD OPTIONS TRACE }";

// A word of the configuration, in which nothing has a meaning.
std::string Word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string Literal(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out;
}

std::string Test(const v1::ValueMatch& value, const std::string& fetch) {
  const auto is = [&](const char* how, std::string_view text) {
    return Cat("{ ", fetch, " -m ", how, " -- ", Word(text), " }");
  };
  if (value.has_equals()) return is("str", value.equals());
  if (value.has_prefix()) return is("beg", value.prefix());
  if (value.has_regex()) return is("reg", Cat("^(?:", value.regex(), ")$"));
  return Cat(value.has_present() && !value.present() ? "!" : "", "{ ", fetch, " -m found }");
}

class Writer {
 public:
  explicit Writer(Told& told) : told_(told) {}

  std::string Run(const OutgoingList& list) {
    for (const Outgoing& one : list) {
      if (Write(one)) told_.Wrote(one);
    }
    return std::move(out_);
  }

 private:
  bool Write(const Outgoing& one) {
    std::vector<std::string> tests;
    Host(one, tests);
    if (one.act == Act::kUpgrade) {
      tests.emplace_back("!{ ssl_fc }");
      Append(out_, "http-request redirect scheme https code ", one.reply().code, " if ",
             absl::StrJoin(tests, " "), "\n");
      return true;
    }
    Path(one, tests);
    if (!Conditions(one, tests)) return false;
    const std::string condition = tests.empty() ? "" : " if " + absl::StrJoin(tests, " ");
    Append(out_, "# ", one.id, "\n");
    if (one.act == Act::kLeave) {
      Append(out_, "http-request allow", condition, "\n");
      return true;
    }
    if (one.takes_query) {
      told_.Change(one, "passes the parameters of its source on, too",
                   "nothing needs to be done where the target ignores them");
    }
    if (one.safe == nullptr || one.unsafe == nullptr || *one.safe == *one.unsafe) {
      Answer(one, one.reply(), condition);
      return true;
    }
    const std::string unsafe = Cat(condition.empty() ? " if" : condition, " ", kUnsafe);
    if (one.unsafe->code != 0) {
      Answer(one, *one.unsafe, unsafe);
      Answer(one, *one.safe, condition);
    } else {
      told_.Change(
          one, "leaves other methods to the site, where the policy says that they are not allowed",
          "answer them with 405 there");
      Append(out_, "http-request allow", unsafe, "\n");
      Answer(one, *one.safe, condition);
    }
    return true;
  }

  void Answer(const Outgoing& one, const Reply& reply, const std::string& condition) {
    Append(out_, "http-request return status ", reply.code);
    if (reply.code < 400) Append(out_, " hdr Location ", Word(Location(one)));
    for (const auto& [name, value] : reply.fields)
      Append(out_, " hdr ", name, " ", Word(Literal(value)));
    Append(out_, condition, "\n");
  }

  static void Host(const Outgoing& one, std::vector<std::string>& tests) {
    if (one.host.empty()) return;
    const bool domain = one.host.starts_with('.');
    tests.push_back(
        Cat("{ req.hdr(host),host_only,lower -m ",
            domain ? Cat("reg -- ", Word(Cat("^(.*\\.)?", Quoted(one.host.substr(1)), "\\.?$")))
                   : Cat("str ", one.host, " ", one.host, "."),
            " }"));
  }

  static void Path(const Outgoing& one, std::vector<std::string>& tests) {
    if (one.everywhere()) return;
    const std::string head = Cat("{ path -m ", one.source == Source::kExact ? "str" : "reg",
                                 one.ignore_case ? " -i" : "", " -- ");
    std::string value = Word(one.path);
    if (one.source == Source::kPattern) {
      value = Word(Pattern(one));
    } else if (one.source == Source::kPrefix) {
      value = Word(Cat("^", Quoted(one.path), "(/.*)?$"));
    } else if (one.either_slash && one.path.size() > 1) {
      Append(
          value, " ",
          Word(one.path.ends_with('/') ? one.path.substr(0, one.path.size() - 1) : one.path + "/"));
    }
    tests.push_back(Cat(head, value, " }"));
  }

  static std::string Pattern(const Outgoing& one) { return Cat("^", WholePattern(one), "$"); }

  bool Conditions(const Outgoing& one, std::vector<std::string>& tests) {
    if (one.conditions == nullptr) return true;
    const v1::Match& match = *one.conditions;
    if (match.methods_size() > 0) {
      std::vector<std::string> methods(match.methods().begin(), match.methods().end());
      if (std::find(methods.begin(), methods.end(), "GET") != methods.end())
        methods.emplace_back("HEAD");
      tests.push_back(Cat("{ method ", absl::StrJoin(methods, " "), " }"));
    }
    for (const v1::ValueMatch& value : match.query()) {
      if (value.name().find_first_of("(),; \"'\\") != std::string::npos) {
        return told_.Skip(one, "has a condition on a parameter whose name HAProxy cannot write",
                          "keep asking the service there");
      }
      tests.push_back(Test(value, Cat("url_param(", value.name(), "),url_dec(1)")));
    }
    for (const v1::ValueMatch& value : match.fields())
      tests.push_back(Test(value, Cat("req.fhdr(", value.name(), ",1)")));
    for (const v1::ValueMatch& value : match.cookies())
      tests.push_back(Test(value, Cat("req.cook(", value.name(), ")")));
    return true;
  }

  std::string Location(const Outgoing& one) {
    std::string out;
    std::string_view rest = one.target, text, name;
    while (NextValue(rest, text, name)) {
      out += Literal(UrlText(text));
      if (const size_t group = GroupOf(one, name); group > 0) {
        Append(out, "%[path,regsub(\"", Argument(Pattern(one)), "\",\"\\", group, "\"",
               one.ignore_case ? ",i" : "", ")]");
      } else {
        const size_t before = one.path == "/" ? 0 : one.path.size();
        Append(out, "%[path,bytes(", before + (text.ends_with('/') ? 1 : 0), ")]");
      }
    }
    out += Literal(UrlText(text));
    if (one.query == v1::QUERY_MODE_DROP) return out;
    const bool own = one.target.find('?') != std::string::npos;
    if (own && one.query != v1::QUERY_MODE_APPEND) {
      told_.Change(one, "joins the queries without looking for a name in both",
                   "nothing needs to be done where the names differ");
    }
    return out.insert(std::min(out.find('#'), out.size()),
                      own ? "%[query,regsub(\"^\",\"&\")]" : "%[pathq,regsub(\"^[^?]*\",\"\")]");
  }

  // Of a converter, in double quotes.
  static std::string Argument(std::string_view text) {
    std::string out;
    for (const char c : text) Append(out, c == '"' || c == '\\' ? "\\" : "", std::string(1, c));
    return out;
  }

  Told& told_;
  std::string out_;
};

}  // namespace

std::string WriteHaproxy(const OutgoingList& list, Told& told) {
  std::string text = Writer(told).Run(list);
  if (list.size() > kMaxRules) {
    told.Note("HAProxy tries its rules one after the other, and there are more than 1000",
              "use a map for exact paths");
  }
  if (!list.empty()) {
    told.Change("HAProxy compares the octets of a path, in which %61 is not \"a\"",
                "nothing needs to be done");
  }
  return text;
}

}  // namespace fingerpost::policy::formats
