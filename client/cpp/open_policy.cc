#include "open_policy.h"

#include <chrono>
#include <functional>
#include <random>
#include <string>

#include "sendable.h"

namespace fingerpost {
namespace {

// The error of a call that returned `status`, which is not FINGERPOST_OK.
void Read(int status, std::string_view octets, v1::Error& error) {
  error.Clear();
  if (status == FINGERPOST_ERROR && error.ParseFromArray(octets.data(), int(octets.size()))) return;
  error.set_code("INTERNAL");
  error.set_message("the engine has no answer");
}

// Calls `function(buffer, capacity, size)` and `read` with what it wrote: as much as it asks for.
int Call(const std::function<int(void*, size_t, size_t*)>& function,
         const std::function<void(std::string_view)>& read, v1::Error& error) {
  char first[4096];
  size_t size = 0;
  int status = function(first, sizeof first, &size);
  if (status == FINGERPOST_OK) {
    read({first, size});
  } else if (status != FINGERPOST_TOO_SMALL) {
    Read(status, {first, status == FINGERPOST_ERROR ? size : 0}, error);
  } else {
    std::string more;
    do {  // A report grows.
      more.resize(size + size / 8);
      status = function(more.data(), more.size(), &size);
    } while (status == FINGERPOST_TOO_SMALL);
    more.resize(status == FINGERPOST_MISUSE ? 0 : size);
    if (status == FINGERPOST_OK) {
      read(more);
    } else {
      Read(status, more, error);
    }
  }
  return status;
}

template <typename Open>
std::shared_ptr<const OpenPolicy> OpenWith(v1::Error& error, Open open) {
  fingerpost_policy* policy = nullptr;
  error.Clear();
  Call([&](void* buffer, size_t capacity,
           size_t* size) { return open(&policy, buffer, capacity, size); },
       [](std::string_view) {}, error);
  return policy == nullptr ? nullptr : std::make_shared<const OpenPolicy>(policy);
}

uint32_t Draw() {
  thread_local std::mt19937 random{std::random_device{}()};
  return static_cast<uint32_t>(random());
}

template <typename Question>
void SetNow(Question& question) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  question.mutable_now()->set_seconds(seconds.count());
  question.mutable_now()->set_nanos(
      static_cast<int32_t>(std::chrono::nanoseconds(now - seconds).count()));
}

// What the service would set. Messages whose octets follow each other are one.
v1::DecideRequest Rest(const v1::DecideRequest& question) {
  v1::DecideRequest rest;
  if (!question.has_now()) SetNow(rest);
  if (!question.has_draw()) rest.set_draw(Draw());
  return rest;
}

v1::FollowRequest Rest(const v1::FollowRequest& question) {
  v1::FollowRequest rest;
  if (!question.has_now()) SetNow(rest);
  return rest;
}

template <typename Question, typename Answer, typename Function>
bool Ask(Function function, const fingerpost_policy* policy, const Question& question, Answer& out,
         v1::Error& error) {
  if (!CheckSendable(question, error)) return false;
  std::string octets = question.SerializeAsString();
  Rest(question).AppendToString(&octets);
  return Call(
             [&](void* buffer, size_t capacity, size_t* size) {
               return function(policy, octets.data(), octets.size(), buffer, capacity, size);
             },
             [&out](std::string_view answer) {
               (void)out.ParseFromArray(answer.data(), static_cast<int>(answer.size()));
             },
             error) == FINGERPOST_OK;
}

}  // namespace

std::shared_ptr<const OpenPolicy> OpenPolicy::Of(std::string_view octets, v1::Error& error) {
  return OpenWith(error, [&](fingerpost_policy** policy, void* buffer, size_t capacity,
                             size_t* size) {
    return fingerpost_open(octets.data(), octets.size(), nullptr, policy, buffer, capacity, size);
  });
}

std::shared_ptr<const OpenPolicy> OpenPolicy::OfText(std::string_view text, v1::Error& error) {
  return OpenWith(
      error, [&](fingerpost_policy** policy, void* buffer, size_t capacity, size_t* size) {
        return fingerpost_open_text(text.data(), text.size(), policy, buffer, capacity, size);
      });
}

const std::shared_ptr<const OpenPolicy>& OpenPolicy::Empty() {
  static const std::shared_ptr<const OpenPolicy> empty = [] {
    v1::Error error;
    return Of("", error);
  }();
  return empty;
}

bool OpenPolicy::Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                        v1::Error& error) const {
  return Ask(fingerpost_decide, policy_, request, out, error);
}

bool OpenPolicy::Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                        v1::Error& error) const {
  return Ask(fingerpost_follow, policy_, request, out, error);
}

bool OpenPolicy::TakeUsage(v1::ReportUsageRequest& usage) const {
  v1::Error error;
  bool is_any = false;
  Call([&](void* buffer, size_t capacity,
           size_t* size) { return fingerpost_take_usage(policy_, buffer, capacity, size); },
       [&](std::string_view octets) {
         is_any = !octets.empty() &&
                  usage.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
       },
       error);
  return is_any;
}

}  // namespace fingerpost
