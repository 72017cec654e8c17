#include "policy/formats/nginx_rewrite.h"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

#include "policy/formats/cat.h"
#include "policy/formats/pattern.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

// "$1" in the target of a rewrite that meets one path only. False: it does not meet it.
bool FillGroups(const RE2& regex, const std::string& path, std::string& target) {
  const int count = std::min(regex.NumberOfCapturingGroups(), 9) + 1;
  std::vector<re2::StringPiece> groups(static_cast<size_t>(count));
  if (!regex.Match(path, 0, path.size(), RE2::UNANCHORED, groups.data(), count)) return false;
  for (int i = 1; i < count; ++i) {
    const std::string variable = Cat("$", i);
    const re2::StringPiece& group = groups[static_cast<size_t>(i)];
    const std::string value = Encoded({group.data(), group.size()});
    for (size_t at = target.find(variable); at != target.npos;
         at = target.find(variable, at + value.size())) {
      target.replace(at, variable.size(), value);
    }
  }
  return true;
}

}  // namespace

bool NarrowByRewrite(const std::string& expression, NginxContext& context, std::string& target,
                     std::string& what) {
  if (FindsAll(expression)) return true;
  if (context.asks.source == Source::kExact) {
    const RE2 regex(expression, RE2::Quiet);
    const std::string path = context.location.empty() ? context.asks.path : context.location;
    return regex.ok() && FillGroups(regex, path, target);
  }
  const bool everywhere = context.asks.source == Source::kPrefix;
  const bool implied = expression.starts_with("^" + context.location) ||
                       expression.starts_with("^" + Quoted(context.location));
  if (!everywhere && !(context.asks.path.ends_with(".*") && implied)) {
    what = "narrows its location in a way that a rule does not have";
    return false;
  }
  context.asks.source = Source::kPattern;
  context.asks.path = SearchDecoded(expression);
  return true;
}

std::string WithRequestQuery(std::string target) {
  if (target.ends_with('?')) {
    target.pop_back();
    return target;
  }
  if (target.find("$request_uri") == target.npos) target += "$is_args$args";
  if (const size_t both = target.find("&$is_args$args"); both != target.npos) {
    target.erase(both, 1);
  }
  return target;
}

}  // namespace fingerpost::policy::formats
