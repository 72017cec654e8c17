#include "policy/resolve/elsewhere.h"

#include <utility>

namespace fingerpost::policy::resolve {

v1::Error AskTheService(std::string field, std::string_view what) {
  v1::Error error;
  error.set_code("UNIMPLEMENTED");
  error.set_reason(v1::ERROR_REASON_NOT_IMPLEMENTED);
  v1::FieldViolation& violation = *error.add_violations();
  violation.set_description(std::string(what) + "; ask the service");
  error.set_message((field.empty() ? "" : field + ": ") + violation.description());
  violation.set_field(std::move(field));
  return error;
}

}  // namespace fingerpost::policy::resolve
