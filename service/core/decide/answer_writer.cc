#include "core/decide/answer_writer.h"

#include <algorithm>

#include "core/decide/warning_texts.h"

namespace fingerpost::decide {

AnswerWriter::AnswerWriter(v1::DecideResponse& out, bool lower_case_names,
                           const v1::DecideRequest& asked)
    : out_(out),
      lower_case_names_(lower_case_names),
      explain_(asked.explain()),
      omitted_(asked.omit()),
      reused_(out) {}

inline v1::Header& AnswerWriter::Begin(const FieldName& name) {
  v1::Header& field = reused_.NextField();
  field.mutable_name()->assign(lower_case_names_ ? name.lower : name.title);
  return field;
}

std::string& AnswerWriter::Field(const FieldName& name) {
  std::string& value = *Begin(name).mutable_value();
  value.clear();
  return value;
}

void AnswerWriter::Field(const FieldName& name, std::string_view value) {
  Begin(name).mutable_value()->assign(value);
}

void AnswerWriter::Outcome(v1::Outcome outcome, const Ruling& ruling, std::string_view detail) {
  out_.set_outcome(outcome);
  v1::Reason& reason = *out_.mutable_reason();
  reason.set_code(ruling.code);
  reason.clear_citations();
  if (Omits(v1::ANSWER_PART_TEXTS)) return reason.clear_message();
  reason.mutable_message()->assign(ruling.sentence).append(detail);
  http::Cite(ruling.citations, reason);
}

void AnswerWriter::AlsoCite(const http::Citations& citations) {
  if (Omits(v1::ANSWER_PART_TEXTS)) return;
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

void AnswerWriter::Finish() { reused_.Finish(); }

void AnswerWriter::Omit() {
  if (Omits(v1::ANSWER_PART_TEXTS)) message::DropTexts(*out_.mutable_warnings());
  if (Omits(v1::ANSWER_PART_TARGET)) out_.clear_target();
}

}  // namespace fingerpost::decide
