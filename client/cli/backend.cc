#include "backend.h"

#include <utility>

#include "core/follow/follow.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::cli {
namespace {

class Local : public Backend {
 public:
  explicit Local(policy::compiled::SnapshotPtr policy) : policy_(std::move(policy)) {}

  bool Answer(const v1::DecideRequest& request, v1::DecideResponse& out,
              v1::Error& error) override {
    return policy::resolve::Decide(*policy_, request, out, error);
  }
  bool Answer(const v1::FollowRequest& request, v1::FollowResponse& out,
              v1::Error& error) override {
    return follow::Follow(request, out, error);
  }
  bool Answer(const v1::BatchDecideRequest& request, v1::BatchDecideResponse& out,
              v1::Error& /*error*/) override {
    return AnswerEach(request, out);
  }
  bool Answer(const v1::BatchFollowRequest& request, v1::BatchFollowResponse& out,
              v1::Error& /*error*/) override {
    return AnswerEach(request, out);
  }

 private:
  template <typename BatchRequest, typename BatchResponse>
  bool AnswerEach(const BatchRequest& batch, BatchResponse& out) {
    for (const auto& request : batch.requests()) {
      auto& result = *out.add_results();
      v1::Error error;
      if (!Answer(request, *result.mutable_response(), error)) {
        *result.mutable_error() = std::move(error);
      }
    }
    return true;
  }

  policy::compiled::SnapshotPtr policy_;
};

class Remote : public Backend {
 public:
  Remote(std::unique_ptr<Connection> client, CallOptions options)
      : client_(std::move(client)), options_(std::move(options)) {}

  bool Answer(const v1::DecideRequest& request, v1::DecideResponse& out,
              v1::Error& error) override {
    return client_->Decide(request, out, error, options_);
  }
  bool Answer(const v1::FollowRequest& request, v1::FollowResponse& out,
              v1::Error& error) override {
    return client_->Follow(request, out, error, options_);
  }
  bool Answer(const v1::BatchDecideRequest& request, v1::BatchDecideResponse& out,
              v1::Error& error) override {
    return client_->BatchDecide(request, out, error, options_);
  }
  bool Answer(const v1::BatchFollowRequest& request, v1::BatchFollowResponse& out,
              v1::Error& error) override {
    return client_->BatchFollow(request, out, error, options_);
  }

 private:
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
