// JSON Schema, from the messages' descriptors and their comments: of the policy for editors, and of
// questions and answers for OpenAPI.
#pragma once

#include <span>
#include <string>

namespace fingerpost::policy::document {

// Draft 2020-12, with the short names of enum values. Fits YAML and JSON alike. `type` is the full
// name of a message of policy.proto: "fingerpost.v1.Policy".
[[nodiscard]] std::string JsonSchema(const std::string& type);

// A JSON object with the schemas of the messages, and of all that they refer to, by their names:
// the components/schemas of an OpenAPI 3.1 document. They describe what core/message/json.h writes,
// which it also reads. A later version may add fields, so none is forbidden.
[[nodiscard]] std::string JsonComponents(std::span<const std::string> types);

// The comment of a method: "fingerpost.v1.RedirectService.Decide".
[[nodiscard]] std::string MethodComment(const std::string& method);

}  // namespace fingerpost::policy::document
