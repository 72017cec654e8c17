#include "backend.h"

#include <utility>

#include "core/follow/follow.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::cli {
namespace {

class Local : public Backend {
 public:
  explicit Local(policy::compiled::SnapshotPtr policy) : policy_(std::move(policy)) {}

  message::Done Answer(const v1::DecideRequest& request, v1::DecideResponse& out) override {
    return policy::resolve::Decide(*policy_, request, out);
  }
  message::Done Answer(const v1::FollowRequest& request, v1::FollowResponse& out) override {
    return follow::Follow(request, out);
  }
  message::Done Answer(const v1::BatchDecideRequest& request,
                       v1::BatchDecideResponse& out) override {
    return AnswerEach(request, out);
  }
  message::Done Answer(const v1::BatchFollowRequest& request,
                       v1::BatchFollowResponse& out) override {
    return AnswerEach(request, out);
  }

 private:
  template <typename BatchRequest, typename BatchResponse>
  message::Done AnswerEach(const BatchRequest& batch, BatchResponse& out) {
    for (const auto& request : batch.requests()) {
      auto& result = *out.add_results();
      if (message::Done done = Answer(request, *result.mutable_response()); !done) {
        *result.mutable_error() = std::move(done).error();
      }
    }
    return {};
  }

  policy::compiled::SnapshotPtr policy_;
};

class Remote : public Backend {
 public:
  Remote(std::unique_ptr<Connection> client, CallOptions options)
      : client_(std::move(client)), options_(std::move(options)) {}

  message::Done Answer(const v1::DecideRequest& request, v1::DecideResponse& out) override {
    return Ask(&Connection::Decide, request, out);
  }
  message::Done Answer(const v1::FollowRequest& request, v1::FollowResponse& out) override {
    return Ask(&Connection::Follow, request, out);
  }
  message::Done Answer(const v1::BatchDecideRequest& request,
                       v1::BatchDecideResponse& out) override {
    return Ask(&Connection::BatchDecide, request, out);
  }
  message::Done Answer(const v1::BatchFollowRequest& request,
                       v1::BatchFollowResponse& out) override {
    return Ask(&Connection::BatchFollow, request, out);
  }

 private:
  template <typename Request, typename Response>
  message::Done Ask(bool (Connection::*method)(const Request&, Response&, v1::Error&,
                                               const CallOptions&) const,
                    const Request& request, Response& out) {
    v1::Error error;
    if ((*client_.*method)(request, out, error, options_)) return {};
    return message::Unexpected(std::move(error));
  }

  std::unique_ptr<Connection> client_;
  CallOptions options_;
};

}  // namespace

std::unique_ptr<Backend> MakeLocal(policy::compiled::SnapshotPtr policy) {
  return std::make_unique<Local>(std::move(policy));
}

std::unique_ptr<Backend> MakeRemote(std::unique_ptr<Connection> client, CallOptions options) {
  return std::make_unique<Remote>(std::move(client), std::move(options));
}

}  // namespace fingerpost::cli
