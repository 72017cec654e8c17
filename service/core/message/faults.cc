#include "core/message/faults.h"

#include <algorithm>
#include <utility>

namespace fingerpost::message {
namespace {

bool IsError(const Fault& fault) { return fault.severity == Severity::kError; }

}  // namespace

std::string ToString(const Fault& fault) {
  std::string text = fault.file + ':';
  if (fault.position.line != 0) {
    text += std::to_string(fault.position.line) + ':' + std::to_string(fault.position.column) + ':';
  }
  text += ' ';
  if (fault.severity == Severity::kWarning) text += "warning: ";
  if (fault.severity == Severity::kNote) text += "note: ";
  if (!fault.path.empty()) text += ToString(fault.path) + ": ";
  return text + fault.what;
}

bool HasErrors(const FaultList& faults) {
  return std::any_of(faults.begin(), faults.end(), IsError);
}

const Fault& FirstError(const FaultList& faults) {
  return *std::find_if(faults.begin(), faults.end(), IsError);
}

void Faults::Add(Fault fault) {
  size_t& count = IsError(fault) ? errors_ : others_;
  if (++count <= most_) list_.push_back(std::move(fault));
}

void Faults::Error(const Place& place, std::string_view what) {
  if (full()) {
    ++errors_;
  } else {
    Add({.path = place.ToPath(), .what = std::string(what)});
  }
}

void Faults::Warning(const Place& place, std::string_view what) {
  Add({.severity = Severity::kWarning, .path = place.ToPath(), .what = std::string(what)});
}

void Faults::Note(const Place& place, std::string_view what) {
  Add({.severity = Severity::kNote, .path = place.ToPath(), .what = std::string(what)});
}

void Faults::Insert(size_t next, const Place& place, std::string_view what) {
  ++errors_;
  if (next >= most_) return;
  if (list_.size() == most_) list_.pop_back();
  list_.insert(list_.begin() + static_cast<std::ptrdiff_t>(next),
               {.path = place.ToPath(), .what = std::string(what)});
}

bool Faults::Has(const Place& place) const {
  if (list_.empty()) return false;
  const Path path = place.ToPath();
  return std::any_of(list_.begin(), list_.end(),
                     [&path](const Fault& fault) { return fault.path == path; });
}

v1::Error ToError(const Faults& faults) {
  v1::Error error;
  error.set_code("INVALID_ARGUMENT");
  error.set_reason(v1::ERROR_REASON_INVALID_FIELDS);
  for (const Fault& fault : faults.list()) {
    v1::FieldViolation& violation = *error.add_violations();
    violation.set_field(ToString(fault.path));
    violation.set_description(fault.what);
  }
  const v1::FieldViolation& first = error.violations(0);
  std::string message = first.field().empty() ? std::string() : first.field() + ": ";
  message += first.description();
  if (faults.errors() > 1) message += " (and " + std::to_string(faults.errors() - 1) + " more)";
  error.set_message(message);
  return error;
}

}  // namespace fingerpost::message
