// match.accept_language: the language that the client prefers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::compiled {

// The placeholder for the language.
inline constexpr std::string_view kLanguage = "language";

struct Languages {
  std::vector<std::string> prefers;
  std::vector<std::string> over;
};

// Reports what is wrong with `match`, which stands at `at`.
[[nodiscard]] Languages CompileLanguages(const v1::LanguageMatch& match, const message::Place& at,
                                         message::Faults& faults);

// The element of `prefers` that the client prefers to the others.
[[nodiscard]] std::optional<std::string_view> Preferred(const Languages& languages,
                                                        const Subject& subject);

}  // namespace fingerpost::policy::compiled
