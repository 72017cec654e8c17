// Collects what is wrong with a policy by field, before anybody knows where in a file that is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/document/problem.h"

namespace fingerpost::policy::document {

class Reporter {
 public:
  // Of each severity: a document of nothing but faults must not become a larger list of them, and
  // no number of warnings may hide an error.
  static constexpr size_t kMaxReported = 1000;

  struct Report {
    Severity severity;
    std::string field;
    std::string what;
  };

  void Error(std::string field, std::string what) {
    Add({Severity::kError, std::move(field), std::move(what)});
  }
  void Warning(std::string field, std::string what) {
    Add({Severity::kWarning, std::move(field), std::move(what)});
  }
  void Note(std::string field, std::string what) {
    Add({Severity::kNote, std::move(field), std::move(what)});
  }

  [[nodiscard]] const std::vector<Report>& reports() const { return reports_; }
  [[nodiscard]] size_t errors() const { return errors_; }

 private:
  void Add(Report report) {
    size_t& count = report.severity == Severity::kError ? errors_ : warnings_;
    if (++count <= kMaxReported) reports_.push_back(std::move(report));
  }
  std::vector<Report> reports_;
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

// "intents.order_placed", or intents["order placed"] for a name that is not one.
[[nodiscard]] std::string MemberPath(std::string_view map, std::string_view key);

// "rules[3]".
[[nodiscard]] std::string ElementPath(std::string_view list, int index);

}  // namespace fingerpost::policy::document
