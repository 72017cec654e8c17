#include "core/decide/window.h"

#include <google/protobuf/util/time_util.h>

#include "core/decide/table.h"

namespace fingerpost::decide {
namespace {

constexpr Ruling kNotBegun{v1::REASON_CODE_WINDOW_NOT_BEGUN, "The window has not begun", {}};

}  // namespace

InWindow FindInWindow(const Question& question, AnswerWriter& answer) {
  if (!question.intent.has_window()) return InWindow::kYes;
  const v1::Window& window = question.intent.window();
  const google::protobuf::Timestamp& now = question.in.request.now();
  *answer.out().mutable_now() = now;
  if (window.has_from() && now < window.from()) {
    answer.Trace("guard.window", true, kNotBegun.sentence);
    answer.Outcome(v1::OUTCOME_PASS, kNotBegun);
    return InWindow::kNotYet;
  }
  if (window.has_until() && now >= window.until()) {
    const Ruling& over = WindowOverRow().ruling;
    answer.Trace("guard.window", true, over.sentence, over.citations);
    if (window.afterwards() == v1::AFTER_WINDOW_PASS) answer.Outcome(v1::OUTCOME_PASS, over);
    return InWindow::kOver;
  }
  answer.Trace("guard.window", false, "now is within the window");
  return InWindow::kYes;
}

int64_t SecondsLeft(const Question& question) {
  const v1::Window& window = question.intent.window();
  if (!window.has_until()) return -1;
  const google::protobuf::Timestamp& now = question.in.request.now();
  const int64_t seconds = window.until().seconds() - now.seconds();
  return window.until().nanos() < now.nanos() ? seconds - 1 : seconds;
}

}  // namespace fingerpost::decide
