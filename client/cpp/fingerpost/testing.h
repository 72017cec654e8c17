// A fake for the tests of a program that asks Fingerpost: no server, no network.
//
//   auto golden = std::make_shared<fingerpost::testing::GoldenRows>();
//   const fingerpost::Client client(golden);
//
// It answers from golden rows (client/README.md, "Fakes"): first from yours, then from the
// package's, which are the service's own answers for every purpose. A question that no row fits is
// the error NOT_FOUND, which shows the question: a fake never guesses.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "fingerpost/connection.h"

namespace fingerpost::testing {

class GoldenRow;

class GoldenRows : public Answerer {
 public:
  // `json`: a list of rows in the form of tests/golden/README.md. Throws std::invalid_argument.
  explicit GoldenRows(std::string_view json = "[]");
  ~GoldenRows() override;

  [[nodiscard]] bool Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;

  // What every call meets from now on: an outage, for example. Without a code: answers again.
  void Fail(v1::Error error);

  // What was asked, in order.
  [[nodiscard]] std::vector<v1::DecideRequest> decide_questions() const;
  [[nodiscard]] std::vector<v1::FollowRequest> follow_questions() const;

 private:
  template <typename Request, typename Response>
  bool Answer(const char* kind, std::vector<Request>& questions, const Request& request,
              Response& out, v1::Error& error) const;

  std::vector<GoldenRow> rows_;
  mutable std::mutex mutex_;
  mutable std::vector<v1::DecideRequest> decide_questions_;
  mutable std::vector<v1::FollowRequest> follow_questions_;
  v1::Error failure_;
};

}  // namespace fingerpost::testing
