// What takes a redirect's place for a script that swaps pages, where the script cannot follow it to
// a page of its own.
#pragma once

#include <span>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/decide/table.h"

namespace fingerpost::decide {

struct PageLoad {
  v1::ClientKind client;
  int32_t status;
  FieldName field;  // Names the target in Location's place.
  Ruling ruling;
};

[[nodiscard]] std::span<const PageLoad> PageLoads();

// Sets page_load of `choice`, whose status is the table's, if the script that asks must load the
// target as a page: one of another origin, one that the intent says is no part of the application,
// or, where a fragment was asked for, what the user sees next. Only where the redirect changes the
// method to GET, or it is GET, because a page is loaded so; else a warning.
void FindPageLoad(const Question& question, Choice& choice, AnswerWriter& answer);

// Gives the answer page_load's status, once the target is checked. A script of another origin's
// page would resolve a path against that page, so the target becomes absolute.
void LoadPage(Question& question, Choice& choice);

}  // namespace fingerpost::decide
