#include "core/decide/window.h"

#include <google/protobuf/util/time_util.h>

#include <optional>

#include "core/decide/table.h"

namespace fingerpost::decide {
namespace {

using google::protobuf::Timestamp;

constexpr Ruling kNotBegun{v1::REASON_CODE_WINDOW_NOT_BEGUN, "The window has not begun", {}};

// The end of the window, or the instant when another rule takes over.
std::optional<Timestamp> End(const Question& question) {
  const v1::Window& window = question.intent.window();
  const std::optional<Timestamp>& until = question.wish.until;
  if (!window.has_until()) return until;
  return until && *until < window.until() ? until : std::optional(window.until());
}

}  // namespace

InWindow FindInWindow(const Question& question, AnswerWriter& answer) {
  if (!question.intent.has_window() && !question.wish.until) return InWindow::kYes;
  const v1::Window& window = question.intent.window();
  const Timestamp& now = question.asked.now();
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
  const std::optional<Timestamp> end = End(question);
  if (!end) return -1;
  const Timestamp& now = question.asked.now();
  const int64_t seconds = end->seconds() - now.seconds();
  return end->nanos() < now.nanos() ? seconds - 1 : seconds;
}

}  // namespace fingerpost::decide
