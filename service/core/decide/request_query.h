// The query of a target: what it takes of the request's, and the parameters of a response.
#pragma once

#include "core/decide/question.h"
#include "core/http/url.h"

namespace fingerpost::decide {

// What becomes of the request's query: intent.query, else Wish::query, else by purpose. Never
// UNSPECIFIED.
[[nodiscard]] v1::QueryMode QueryModeOf(const Question& question);

// Adds what may pass of the request's query, before the fragment, and says in
// question.dropped_query why something does not.
void AddRequestQuery(Question& question, http::Url& url);

// Adds intent.response_parameters to the query or as the fragment.
void AddResponseParameters(const v1::Intent& intent, http::Url& url);

}  // namespace fingerpost::decide
