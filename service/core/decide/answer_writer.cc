#include "core/decide/answer_writer.h"

#include <algorithm>

#include "core/decide/warning_texts.h"
#include "core/http/fields.h"
#include "core/http/reuse.h"

namespace fingerpost::decide {
namespace {

// A redirect with its note has six or seven fields.
constexpr int kUsualFields = 8;

// Overwrites what every answer has, and clears the rest.
http::Headers& BeginFields(v1::DecideResponse& out) {
  http::Headers headers(out.GetArena());
  headers.UnsafeArenaSwap(out.mutable_headers());
  v1::Reason* reason = out.has_reason() ? out.unsafe_arena_release_reason() : nullptr;
  out.Clear();
  out.mutable_headers()->UnsafeArenaSwap(&headers);
  out.mutable_headers()->Reserve(kUsualFields);
  if (reason != nullptr) {
    reason->set_code(v1::REASON_CODE_UNSPECIFIED);  // An answer must set its own.
    out.unsafe_arena_set_allocated_reason(reason);
  }
  return *out.mutable_headers();
}

}  // namespace

AnswerWriter::AnswerWriter(v1::DecideResponse& out, bool lower_case_names, bool explain)
    : out_(out),
      lower_case_names_(lower_case_names),
      explain_(explain),
      fields_(BeginFields(out)) {}

inline v1::Header& AnswerWriter::Begin(const FieldName& name) {
  v1::Header& field = fields_.Next();
  http::PutName(lower_case_names_ ? name.lower : name.title, field);
  return field;
}

std::string& AnswerWriter::Field(const FieldName& name) {
  std::string& value = *Begin(name).mutable_value();
  value.clear();
  return value;
}

void AnswerWriter::Field(const FieldName& name, std::string_view value) {
  http::PutValue(value, Begin(name));
}

void AnswerWriter::Outcome(v1::Outcome outcome, const Ruling& ruling, std::string_view detail) {
  out_.set_outcome(outcome);
  v1::Reason& reason = *out_.mutable_reason();
  reason.set_code(ruling.code);
  if (detail.empty()) {
    http::PutMessage(ruling.sentence, reason);
  } else {
    reason.mutable_message()->assign(ruling.sentence).append(detail);
  }
  http::PutCitations(ruling.citations, reason);
}

void AnswerWriter::AlsoCite(const http::Citations& citations) {
  v1::Reason& reason = *out_.mutable_reason();
  for (const std::string_view citation : citations) {
    const auto& there = reason.citations();
    if (citation.empty() || std::find(there.begin(), there.end(), citation) != there.end()) return;
    reason.add_citations(citation.data(), citation.size());
  }
}

void AnswerWriter::Warn(v1::WarningCode code, std::string_view detail) {
  AddWarning(code, detail, out_);
}

void AnswerWriter::AddStep(std::string_view rule, bool matched, std::string_view detail,
                           const http::Citations& citations) {
  v1::TraceStep& step = *out_.mutable_explanation()->add_trace();
  step.set_rule(rule.data(), rule.size());
  step.set_matched(matched);
  step.set_detail(detail.data(), detail.size());
  http::Cite(citations, step);
}

void AnswerWriter::Finish() { fields_.Finish(); }

}  // namespace fingerpost::decide
