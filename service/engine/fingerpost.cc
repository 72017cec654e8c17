#include "engine/fingerpost.h"

#include <google/protobuf/arena.h>

#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/follow/follow.h"
#include "core/message/descriptors.h"
#include "engine/batch_octets.h"
#include "engine/open.h"
#include "engine/reply.h"
#include "engine/usage.h"
#include "fingerpost/v1/policy.pb.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/resolve/resolve.h"
#include "version.h"

struct fingerpost_policy {
  explicit fingerpost_policy(fingerpost::policy::compiled::SnapshotPtr compiled)
      : snapshot(std::move(compiled)),
        usage(std::make_unique<fingerpost::engine::Usage>(*snapshot)) {}

  const fingerpost::policy::compiled::SnapshotPtr snapshot;
  const std::unique_ptr<fingerpost::engine::Usage> usage;
};

namespace fingerpost::engine {
namespace {

using policy::resolve::Matched;

// A process has them from its start, or does not start.
[[maybe_unused]] const bool kHasDescriptors = message::MakeDescriptors();

// Of a question and its answer, on the stack: most need no more.
constexpr size_t kFirstBlock = size_t{8} << 10;

// A question's octets, as they came.
struct Octets {
  const void* data;
  size_t size;

  [[nodiscard]] bool is_usable() const {
    return (data != nullptr || size == 0) &&
           size <= static_cast<size_t>(std::numeric_limits<int>::max());
  }
};

// Calls `answer` with the question. It is in an arena, which is fast, and which frees it even where
// memory ran out between the two halves of a change; its own destructor would not survive that.
template <typename Question, typename Function>
int Read(const Octets& octets, Reply reply, Function answer) noexcept {
  return Guarded(reply, [&] {
    alignas(std::max_align_t) char first[kFirstBlock];
    google::protobuf::ArenaOptions options;
    options.initial_block = first;
    options.initial_block_size = sizeof first;
    google::protobuf::Arena arena(options);
    auto& question = *google::protobuf::Arena::CreateMessage<Question>(&arena);
    if (!octets.is_usable() ||
        !question.ParseFromArray(octets.data, static_cast<int>(octets.size))) {
      return reply.Write(FINGERPOST_ERROR,
                         WrongArgument("question", "expected the octets of a " +
                                                       Question::descriptor()->full_name()));
    }
    return answer(std::as_const(question));
  });
}

// Answers one question; `answer`: message::Done(const Question&, Answer&). Calls `count` with both
// when the caller has the answer: without room for it, the question comes again.
template <typename Question, typename Answer, typename Function, typename Count>
int Ask(const Octets& octets, Reply reply, Function answer, Count count) noexcept {
  return Read<Question>(octets, reply, [&](const Question& question) {
    Answer out;
    const message::Done done = answer(question, out);
    if (!done) return reply.Write(FINGERPOST_ERROR, done.error());
    const int status = reply.Write(FINGERPOST_OK, out);
    if (status == FINGERPOST_OK) count(question, std::as_const(out));
    return status;
  });
}

// Answers each of a batch; an error takes its answer's place. Only the octets of those before it
// are kept. Calls `count` when the caller has the answers.
template <typename Questions, typename Answer, typename Function, typename Count>
int AskEach(const Octets& octets, Reply reply, Function answer, Count count) noexcept {
  return Read<Questions>(octets, reply, [&](const Questions& questions) {
    BatchOctets results;
    for (const auto& question : questions.requests()) {
      Answer out;
      const message::Done done = answer(question, out);
      if (!(done ? results.AddResponse(out) : results.AddError(done.error()))) {
        return reply.WriteTooLong();
      }
    }
    const int status = reply.Write(FINGERPOST_OK, results.octets());
    if (status == FINGERPOST_OK) count();
    return status;
  });
}

message::Done NoPolicy() {
  return message::Unexpected(WrongArgument("policy", "expected an open policy, got NULL"));
}

// `open`: Opened().
template <typename Open>
int OpenWith(fingerpost_policy** policy, Reply reply, Open open) noexcept {
  if (policy != nullptr) *policy = nullptr;
  return Guarded(reply, [&] {
    if (policy == nullptr) {
      return reply.Write(FINGERPOST_ERROR,
                         WrongArgument("policy", "expected where the handle goes, got NULL"));
    }
    Opened opened = open();
    if (!opened) return reply.Write(FINGERPOST_ERROR, opened.error());
    *policy = std::make_unique<fingerpost_policy>(*std::move(opened)).release();
    return reply.WriteNothing();
  });
}

}  // namespace
}  // namespace fingerpost::engine

using namespace fingerpost;          // NOLINT(google-build-using-namespace)
using namespace fingerpost::engine;  // NOLINT(google-build-using-namespace)

int fingerpost_abi() { return FINGERPOST_ABI; }

const char* fingerpost_version() { return kVersion; }

int fingerpost_open(const void* octets, size_t octets_size, const char* version,
                    fingerpost_policy** policy, void* error, size_t capacity, size_t* size) {
  return OpenWith(policy, {error, capacity, size}, [&]() -> Opened {
    if (octets == nullptr && octets_size > 0) {
      return message::Unexpected(WrongArgument("octets", "expected a v1.Policy, got NULL"));
    }
    if (version != nullptr && *version == '\0') {
      return message::Unexpected(WrongArgument("version", "expected NULL or a version, got none"));
    }
    return FromOctets({static_cast<const char*>(octets), octets_size},
                      version == nullptr ? std::string_view() : version);
  });
}

int fingerpost_open_text(const char* text, size_t text_size, fingerpost_policy** policy,
                         void* error, size_t capacity, size_t* size) {
  return OpenWith(policy, {error, capacity, size}, [&]() -> Opened {
    if (text == nullptr) {
      return message::Unexpected(WrongArgument("text", "expected YAML or JSON, got NULL"));
    }
    return FromText({text, text_size});
  });
}

int fingerpost_open_file(const char* path, fingerpost_policy** policy, void* error, size_t capacity,
                         size_t* size) {
  return OpenWith(policy, {error, capacity, size}, [&]() -> Opened {
    if (path == nullptr) {
      return message::Unexpected(WrongArgument("path", "expected a file, got NULL"));
    }
    return FromFile(path);
  });
}

const char* fingerpost_policy_version(const fingerpost_policy* policy) {
  return policy == nullptr ? nullptr : policy->snapshot->version.c_str();
}

void fingerpost_close(fingerpost_policy* policy) { delete policy; }

int fingerpost_decide(const fingerpost_policy* policy, const void* question, size_t question_size,
                      void* answer, size_t capacity, size_t* size) {
  Matched matched;
  return Ask<v1::DecideRequest, v1::DecideResponse>(
      {question, question_size}, {answer, capacity, size},
      [&](const auto& asked, auto& out) {
        return policy == nullptr
                   ? NoPolicy()
                   : policy::resolve::Decide(*policy->snapshot, asked, out, {}, &matched);
      },
      [&](const auto& asked, const auto& out) {
        policy->usage->Count({matched, policy::count::DecisionOf(asked, out), &asked});
        policy->usage->Sample(asked, out);
      });
}

int fingerpost_follow(const fingerpost_policy* policy, const void* question, size_t question_size,
                      void* answer, size_t capacity, size_t* size) {
  return Ask<v1::FollowRequest, v1::FollowResponse>(
      {question, question_size}, {answer, capacity, size},
      [](const auto& asked, auto& out) { return follow::Follow(asked, out); },
      [policy](const auto& /*asked*/, const auto& out) {
        if (policy != nullptr) policy->usage->CountFollow(out.stop().reason());
      });
}

int fingerpost_batch_decide(const fingerpost_policy* policy, const void* question,
                            size_t question_size, void* answer, size_t capacity, size_t* size) {
  Reply reply{answer, capacity, size};
  if (policy == nullptr) {
    return Guarded(reply, [&] { return reply.Write(FINGERPOST_ERROR, NoPolicy().error()); });
  }
  std::vector<Usage::Answer> answers;
  return AskEach<v1::BatchDecideRequest, v1::DecideResponse>(
      {question, question_size}, reply,
      [&](const auto& asked, auto& out) {
        Matched matched;
        message::Done done = policy::resolve::Decide(*policy->snapshot, asked, out, {}, &matched);
        if (done) {
          answers.push_back({std::move(matched), policy::count::DecisionOf(asked, out), &asked});
        }
        return done;
      },
      [&] {
        for (const Usage::Answer& counted : answers) policy->usage->Count(counted);
      });
}

int fingerpost_batch_follow(const fingerpost_policy* policy, const void* question,
                            size_t question_size, void* answer, size_t capacity, size_t* size) {
  std::vector<v1::StopReason> stops;
  return AskEach<v1::BatchFollowRequest, v1::FollowResponse>(
      {question, question_size}, {answer, capacity, size},
      [&](const auto& asked, auto& out) {
        message::Done done = follow::Follow(asked, out);
        if (done && policy != nullptr) stops.push_back(out.stop().reason());
        return done;
      },
      [&] {
        for (const v1::StopReason stop : stops) policy->usage->CountFollow(stop);
      });
}

int fingerpost_take_usage(const fingerpost_policy* policy, void* usage, size_t capacity,
                          size_t* size) {
  Reply reply{usage, capacity, size};
  return Guarded(reply, [&] {
    return policy == nullptr ? reply.Write(FINGERPOST_ERROR, NoPolicy().error())
                             : policy->usage->Take(reply);
  });
}
