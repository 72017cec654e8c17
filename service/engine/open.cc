#include "engine/open.h"

#include <utility>

#include "core/message/faults.h"
#include "core/message/visible_text.h"
#include "engine/newer.h"
#include "policy/load/loader.h"
#include "policy/resolve/elsewhere.h"
#include "version.h"

namespace fingerpost::engine {
namespace {

namespace load = policy::load;

// Every error of a document, with its line if it has lines.
v1::Error Refused(const message::FaultList& problems) {
  message::Faults faults(message::Faults::kMostOfDocument);
  for (const message::Fault& problem : problems) {
    if (problem.severity != message::Severity::kError) continue;
    message::Fault fault{.path = problem.path, .what = problem.what};
    if (!problem.file.empty()) {
      message::Fault placed = problem;
      placed.path.clear();
      fault.what = ToString(placed);
    }
    faults.Add(std::move(fault));
  }
  return ToError(faults);
}

Opened From(load::Loaded loaded) {
  if (loaded.snapshot == nullptr) return message::Unexpected(Refused(loaded.problems));
  return std::move(loaded.snapshot);
}

}  // namespace

v1::Error WrongArgument(std::string_view name, std::string_view what) {
  message::Faults faults;
  faults.Error(name, what);
  return ToError(faults);
}

Opened FromOctets(std::string_view octets, std::string_view version) {
  if (!message::IsVisibleText(version)) {
    return message::Unexpected(WrongArgument("version", message::kVisibleText));
  }
  load::PartPtr part = load::OctetsPart(octets, version);
  if (part == nullptr) {
    return message::Unexpected(
        WrongArgument("octets", "expected the octets of a fingerpost.v1.Policy"));
  }
  if (const auto newer = FindNewer(part->policy())) {
    return message::Unexpected(policy::resolve::AskTheService(
        ToString(*newer), std::string("has a field or a value that Fingerpost ") + kVersion +
                              " does not know; update the engine to the service's version"));
  }
  if (!message::IsVisibleText(part->policy().handed_out().version())) {
    return message::Unexpected(WrongArgument("handed_out.version", message::kVisibleText));
  }
  // The service has checked all of it; what seems a circle in a part need not be one.
  const v1::Policy& policy = part->policy();
  const bool is_part =
      policy.has_handed_out() || !policy.maps().empty() || !policy.include().empty();
  return From(
      load::FromPart(std::move(part), {}, is_part ? load::Checks::kNone : load::Checks::kAll));
}

Opened FromText(std::string_view text) { return From(load::FromText(text, "policy")); }

Opened FromFile(const std::string& path) { return From(load::FromFile(path)); }

}  // namespace fingerpost::engine
