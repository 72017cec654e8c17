// The part of the operators' page about the policy's rules and rows: what is used, and what is not.
#pragma once

#include <string>

#include "rpc/policy_counts.h"

namespace fingerpost {

// As HTML.
void AddPolicyHits(const PolicyHits& hits, const TopRows& rows, std::string& out);

}  // namespace fingerpost
