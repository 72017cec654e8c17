#include "core/decide/caching.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "core/decide/cors.h"
#include "core/decide/window.h"
#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

// A mistake lasts a day at most. Without it, browsers would keep 301, 308 and 410 forever (RFC 9111
// §4.2.2).
constexpr int64_t kDefaultMaxAge = 86400;

struct Plan {
  bool no_store = false;
  v1::Visibility visibility = v1::VISIBILITY_UNSPECIFIED;
  bool no_cache = false;
  std::optional<int64_t> max_age;
  std::optional<int64_t> shared_max_age;
};

// Why nothing may be stored, whatever the caller wishes; empty if it may.
std::string_view WhyNever(const Question& question, const Row& row, const AnswerParts& parts) {
  if (!question.request.page) return "the method is not GET or HEAD";
  if (row.freshness == Freshness::kSecret) return "the answer is for one user";
  if (parts.flash) return "it carries a flash message";
  // A cache that ignores Vary must not give it to a browser.
  if (parts.page_load) return "it is for a script that swaps pages";
  if (question.intent.sticky_key().has_text()) return "caches cannot see the sticky key";
  return {};
}

bool IsPersonal(std::string_view field) {
  return http::EqualsIgnoreCase(field, "Cookie") || http::EqualsIgnoreCase(field, "Authorization");
}

// Whether the answer depends on the user in a way that Vary shows.
bool DependsOnUser(const Question& question) {
  const auto& own = question.intent.looked_at_fields();
  const auto& rules = question.wish.looked_at.fields;
  return (question.intent.has_sticky_key() && !question.intent.weighted_targets().empty()) ||
         std::any_of(own.begin(), own.end(), IsPersonal) ||
         std::any_of(rules.begin(), rules.end(), IsPersonal);
}

Plan DefaultPlan(const Question& question, const Row& row) {
  const v1::Defaults& defaults = question.wish.defaults;
  Plan plan;
  switch (row.freshness) {
    case Freshness::kSecret:
    case Freshness::kNoStore:
      plan.no_store = true;
      break;
    case Freshness::kRevalidate:
      plan.no_cache = true;
      break;
    case Freshness::kPermanent:
      plan.max_age = defaults.has_permanent_max_age() ? defaults.permanent_max_age().seconds()
                                                      : kDefaultMaxAge;
      break;
    case Freshness::kGone:
      plan.max_age =
          defaults.has_gone_max_age() ? defaults.gone_max_age().seconds() : kDefaultMaxAge;
      break;
  }
  return plan;
}

void ApplyWish(const v1::CacheWish& wish, Plan& plan) {
  if (wish.no_store()) {
    plan.no_store = true;
    return;
  }
  plan.visibility = wish.visibility();
  const bool fresh = wish.has_max_age() || wish.has_shared_max_age();
  if (fresh || wish.no_cache()) {
    // Freshness stays explicit: a wish for shared caches says nothing about others, and an answer
    // that must be revalidated is not fresh.
    if (!plan.max_age && (wish.has_shared_max_age() || plan.no_store)) plan.max_age = 0;
    plan.no_store = false;
    plan.no_cache = wish.no_cache();
  }
  if (wish.has_max_age()) plan.max_age = wish.max_age().seconds();
  if (wish.has_shared_max_age()) plan.shared_max_age = wish.shared_max_age().seconds();
}

// Returns whether a lifetime was shortened to the rest of the window.
bool Cap(int64_t left, std::optional<int64_t>& age) {
  if (left < 0 || !age || *age <= left) return false;
  age = left;
  return true;
}

void Write(const Plan& plan, std::string& value) {
  const auto add = [&value](std::string_view directive) {
    if (!value.empty()) value += ", ";
    value += directive;
  };
  if (plan.no_store) {
    value = "no-store";
    return;
  }
  if (plan.visibility == v1::VISIBILITY_PUBLIC) add("public");
  if (plan.visibility == v1::VISIBILITY_PRIVATE) add("private");
  if (plan.no_cache) add("no-cache");
  if (plan.max_age) {
    add("max-age=");
    value += std::to_string(*plan.max_age);
  }
  if (plan.shared_max_age) {
    add("s-maxage=");
    value += std::to_string(*plan.shared_max_age);
  }
}

Plan MakePlan(const Question& question, const Row& row, const AnswerParts& parts,
              AnswerWriter& answer) {
  const v1::CacheWish& wish = question.intent.cache();
  const std::string_view never = WhyNever(question, row, parts);
  if (!never.empty()) {
    if (question.intent.has_cache() && !wish.no_store()) {
      answer.Warn(v1::WARNING_CODE_CACHE_WISH_IGNORED, never);
    }
    answer.Trace("cache.no_store", true, never, {"RFC 9111 §5.2.2.5"});
    Plan plan;
    plan.no_store = true;
    return plan;
  }
  Plan plan = DefaultPlan(question, row);
  if (question.intent.has_cache()) ApplyWish(wish, plan);
  if (parts.cookies || DependsOnUser(question)) {
    if (plan.visibility == v1::VISIBILITY_PUBLIC) {
      answer.Warn(v1::WARNING_CODE_CACHE_WISH_IGNORED,
                  "public, where the answer depends on who asks");
    }
    plan.visibility = v1::VISIBILITY_PRIVATE;
    plan.shared_max_age.reset();
  }
  const int64_t left = row.ruling.code == v1::REASON_CODE_WINDOW_OVER ? -1 : SecondsLeft(question);
  const bool capped = Cap(left, plan.max_age);
  const bool shared_capped = Cap(left, plan.shared_max_age);
  if ((capped && wish.has_max_age()) || shared_capped) {
    answer.Warn(v1::WARNING_CODE_FRESHNESS_CAPPED);
  }
  if (parts.cookies && plan.max_age.value_or(0) > 0 && !plan.no_cache && !plan.no_store) {
    answer.Warn(v1::WARNING_CODE_COOKIE_NOT_SET_AGAIN);
  }
  answer.Trace("cache.table", true,
               question.intent.has_cache() ? "the caller's wish, within the window"
                                           : "the default of purpose and method",
               {"RFC 9111 §4.2.1"});
  return plan;
}

using Names = absl::InlinedVector<std::string_view, 8>;

void Add(const auto& more, Names& names) { names.insert(names.end(), more.begin(), more.end()); }

// The request fields on which the choice of this answer depended. `store`: adds those that only a
// stored answer needs, besides the rules' conditions.
Names CollectVary(const Question& question, const Choice& choice, bool store,
                  std::string_view content) {
  const v1::Intent& intent = question.intent;
  Names names;
  Add(question.wish.looked_at.fields, names);
  Add(intent.looked_at_fields(), names);
  if (!intent.weighted_targets().empty()) {
    if (intent.sticky_key().has_field()) names.emplace_back(intent.sticky_key().field());
    if (intent.sticky_key().has_cookie()) names.emplace_back("Cookie");
  }
  if (!store) return names;
  if (VariesByOrigin(question)) names.emplace_back("Origin");
  Add(choice.client.looked_at, names);
  Add(choice.page_load_fields, names);
  if (!content.empty()) names.emplace_back(content);
  return names;
}

bool LessIgnoreCase(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return absl::ascii_tolower(static_cast<unsigned char>(x)) <
           absl::ascii_tolower(static_cast<unsigned char>(y));
  });
}

// Sorts the names and removes duplicates, case-insensitively.
void Sort(Names& names) {
  std::stable_sort(names.begin(), names.end(), LessIgnoreCase);
  names.erase(std::unique(names.begin(), names.end(), http::EqualsIgnoreCase), names.end());
  if (std::find(names.begin(), names.end(), "*") != names.end()) names.assign(1, "*");
}

}  // namespace

void WriteVary(std::span<const std::string_view> names, AnswerWriter& answer) {
  if (names.empty()) return;
  std::string& value = answer.Field(kVary);
  for (const std::string_view name : names) {
    if (!value.empty()) value += ", ";
    value += name;
  }
}

void WriteCaching(const Question& question, const Choice& choice, const AnswerParts& parts,
                  AnswerWriter& answer) {
  const Plan plan = MakePlan(question, *choice.row, parts, answer);
  Write(plan, answer.Field(kCacheControl));
  Names names = CollectVary(question, choice, !plan.no_store, parts.content);
  if (names.size() > 1) Sort(names);
  WriteVary(names, answer);
}

}  // namespace fingerpost::decide
