#include "core/decide/answer_writer.h"

#include <algorithm>

#include "core/decide/warning_texts.h"

namespace fingerpost::decide {

AnswerWriter::AnswerWriter(v1::DecideResponse& out, bool lower_case_names, bool explain)
    : out_(out), lower_case_names_(lower_case_names), explain_(explain), reused_(out) {}

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
  reason.mutable_message()->assign(ruling.sentence).append(detail);
  reason.clear_citations();
  http::Cite(ruling.citations, reason);
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

void AnswerWriter::Finish() { reused_.Finish(); }

}  // namespace fingerpost::decide
