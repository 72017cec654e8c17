// What the entries of a map have in common.
#include <array>
#include <cstddef>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/intent_faults.h"
#include "policy/compiled/map_file.h"
#include "policy/compiled/names.h"
#include "policy/compiled/places.h"

namespace fingerpost::policy::compiled {
namespace {

// The meaning of an entry's code, by its index in kMapCodes.
struct CodeMeaning {
  v1::Purpose purpose;
  v1::Compatibility compatibility;
};
constexpr std::array<CodeMeaning, kMapCodes.size()> kMeanings = {{
    {v1::PURPOSE_PERMANENT_MOVE, v1::COMPATIBILITY_UNSPECIFIED},
    {v1::PURPOSE_PERMANENT_MOVE, v1::COMPATIBILITY_LEGACY},                 // 301
    {v1::PURPOSE_TEMPORARY_MOVE, v1::COMPATIBILITY_LEGACY},                 // 302
    {v1::PURPOSE_DESCRIBES, v1::COMPATIBILITY_MODERN},                      // 303
    {v1::PURPOSE_TEMPORARY_MOVE, v1::COMPATIBILITY_MODERN},                 // 307
    {v1::PURPOSE_PERMANENT_MOVE, v1::COMPATIBILITY_MODERN},                 // 308
    {v1::PURPOSE_NOT_FOUND, v1::COMPATIBILITY_MODERN},                      // 404
    {v1::PURPOSE_GONE, v1::COMPATIBILITY_MODERN},                           // 410
    {v1::PURPOSE_UNAVAILABLE_FOR_LEGAL_REASONS, v1::COMPATIBILITY_MODERN},  // 451
}};

}  // namespace

MapSource CompileMapSource(const v1::Policy& policy, int index, message::Faults& faults) {
  const v1::MapFile& map = policy.maps(index);
  const message::Place at = kMapsPlace[index];
  const message::Place intent_at = at["intent"];
  CheckName(map.name(), at["name"], faults);
  if (!map.host().empty() && !ParseHostPattern(map.host())) {
    faults.Error(at["host"], "is not a host; expected \"www.example.com\", without scheme");
  }
  if (!map.intent().target().empty()) {
    faults.Error(intent_at["target"], "has no meaning: each entry has its own; remove it");
  }
  MapSource source = {.name = map.name(), .intents = {}};
  for (size_t i = 0; i < source.intents.size(); ++i) {
    v1::Intent& intent = source.intents[i] = map.intent();
    intent.set_trust(v1::TRUST_POLICY);
    if (i == 0 && intent.purpose() != v1::PURPOSE_UNSPECIFIED) continue;
    intent.set_purpose(kMeanings[i].purpose);
    if (i != 0) intent.set_compatibility(kMeanings[i].compatibility);
  }
  CheckTrust(map.intent(), intent_at, faults);
  CheckNoPlaceholders(map.intent(), intent_at, "rows capture nothing", faults);
  v1::Intent sample = source.intents.front();
  sample.set_target("/");
  CheckIntent(sample, policy.defaults(), intent_at, faults);
  return source;
}

}  // namespace fingerpost::policy::compiled
