#include "policy/formats/exports.h"

#include <absl/hash/hash.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "core/decide/placeholders.h"
#include "policy/compiled/regex.h"
#include "policy/formats/cat.h"
#include "policy/formats/pattern.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::array kFormats = {
    ExportFormat{"cloudflare-csv", "Bulk Redirects of Cloudflare", WriteCloudflareCsv},
    ExportFormat{"gateway", "HTTPRoute of the Gateway API (YAML)", WriteGateway},
    ExportFormat{"haproxy", "http-request rules of HAProxy, for a frontend", WriteHaproxy},
    ExportFormat{"netlify", "_redirects of Netlify", WriteNetlify},
    ExportFormat{"nginx", "servers and locations of nginx", WriteNginx},
};

}  // namespace

std::span<const ExportFormat> ExportFormats() { return kFormats; }

Export ExportAs(const ExportFormat& format, const Exported& exported, Report& report) {
  Export out;
  Told told(report);
  out.text = format.write(OutgoingOf(exported, report), told);
  out.written = told.written();
  return out;
}

bool Told::IsNew(const Outgoing& one, std::string_view why) {
  return told_.insert(absl::HashOf(one.place.file, one.place.line, one.id, why)).second;
}

bool Told::Skip(const Outgoing& one, std::string_view why, std::string_view remedy) {
  if (IsNew(one, why)) report_.Skip(one.place, why, remedy);
  return false;
}

void Told::Change(const Outgoing& one, std::string_view why, std::string_view remedy) {
  if (IsNew(one, why)) report_.Change(one.place, why, remedy);
}

bool IsForAllMethods(const Outgoing& one, Told& told) {
  if (one.conditions == nullptr || one.conditions->methods_size() == 0) return true;
  return told.Skip(one, "asks for a method, which the format does not have",
                   "keep asking the service there");
}

void TellMethods(const Outgoing& one, Told& told) {
  if (one.safe == nullptr || one.unsafe == nullptr || one.safe->code == one.unsafe->code) return;
  told.Change(one,
              one.unsafe->code == 0
                  ? Cat("answers every method with ", one.safe->code, ", not GET and HEAD only")
                  : Cat("answers every method with ", one.safe->code, ", not the others with ",
                        one.unsafe->code),
              "nothing needs to be done where nobody posts there");
}

void TellCase(const Outgoing& one, Told& told) {
  if (!one.ignore_case) return;
  told.Change(one, "answers this spelling of the path only, where the policy ignores case",
              "write rows for the other spellings that are asked for");
}

std::string WholePattern(const Outgoing& one) {
  // The name of a group is a variable there, which may have a meaning.
  static const RE2 name("([^\\\\]|^)\\(\\?P?<[^>=!]+>");
  std::string path = one.path;
  while (RE2::Replace(&path, name, "\\1(")) {
  }
  const bool flags = path.starts_with("(?") && !path.starts_with("(?:");
  const bool plain = !flags && !compiled::MayHaveAlternatives(path);
  return Cat(plain ? path : Cat("(?:", path, ")"), one.either_slash ? "/?" : "");
}

bool NextValue(std::string_view& target, std::string_view& text, std::string_view& name) {
  const std::string_view before = decide::BeforePlaceholders(target);
  text = before;
  target.remove_prefix(before.size());
  if (target.empty()) return false;
  const size_t end = target.find('}');
  name = target.substr(1, end - 1);
  target.remove_prefix(end + 1);
  return true;
}

size_t GroupOf(const Outgoing& one, std::string_view name) {
  if (one.source != Source::kPattern) return 0;
  const std::vector<std::string>& groups = *one.groups;
  const auto found = std::find(groups.begin(), groups.end(), name);
  if (found != groups.end() && !name.empty()) return static_cast<size_t>(found - groups.begin());
  return static_cast<size_t>(std::stoi(std::string(name)));
}

std::string UrlText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain =
        c > ' ' && c < 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
    out += plain ? std::string(1, c) : c == '\\' ? "%5C" : Encoded(std::string_view(&c, 1));
  }
  return out;
}

}  // namespace fingerpost::policy::formats
