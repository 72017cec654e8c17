// The query of a target: its part of the request's, and the parameters of a response.
#pragma once

#include "core/decide/question.h"
#include "core/http/url.h"

namespace fingerpost::decide {

// The mode of the request's query: intent.query, else Wish::query, else by purpose. Never
// UNSPECIFIED.
[[nodiscard]] v1::QueryMode QueryModeOf(const Question& question);

// Adds, before the fragment, the part of the request's query that may pass. question.dropped_query
// says why another part may not.
void AddRequestQuery(Question& question, http::Url& url);

// Adds intent.response_parameters to the query, or as the fragment.
void AddResponseParameters(const v1::Intent& intent, http::Url& url);

}  // namespace fingerpost::decide
