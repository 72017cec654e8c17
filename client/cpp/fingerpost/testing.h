// A fake for the tests of a program that asks Fingerpost: no server, no network.
//
//   auto fake = std::make_shared<fingerpost::testing::FakeAnswerer>(R"([{
//     "decide": {"request": {"method": "POST"},
//                "intent": {"purpose": "form_result", "target": "/orders/1"}},
//     "answer": {"outcome": "redirect", "status": 303,
//                "headers": [{"name": "Location", "value": "/orders/1"}]}
//   }])");
//   const fingerpost::Client client(fake);
//
// A fake knows only the answers that it is given (client/README.md, "Fakes"). A question without a
// row is the error NOT_FOUND, which shows the question.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "fingerpost/connection.h"

namespace fingerpost::testing {

class FakeAnswerer : public Answerer {
 public:
  // `rows`: a list of rows in JSON. Throws std::invalid_argument.
  explicit FakeAnswerer(std::string_view rows = "[]");
  ~FakeAnswerer() override;

  [[nodiscard]] bool Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;

  // The error that every call meets from now on. One without a code: the rows answer again.
  void Fail(v1::Error error);

  // The questions that were asked, in order.
  [[nodiscard]] std::vector<v1::DecideRequest> decide_questions() const;
  [[nodiscard]] std::vector<v1::FollowRequest> follow_questions() const;

 private:
  template <typename Request, typename Response>
  struct Row;
  using DecideRow = Row<v1::DecideRequest, v1::DecideResponse>;
  using FollowRow = Row<v1::FollowRequest, v1::FollowResponse>;

  template <typename Request, typename Response>
  bool Answer(const std::vector<Row<Request, Response>>& rows, std::vector<Request>& questions,
              const Request& request, Response& out, v1::Error& error) const;

  std::vector<DecideRow> decide_rows_;
  std::vector<FollowRow> follow_rows_;
  mutable std::mutex mutex_;
  mutable std::vector<v1::DecideRequest> decide_questions_;
  mutable std::vector<v1::FollowRequest> follow_questions_;
  v1::Error failure_;
};

}  // namespace fingerpost::testing
