// Misbehaving clients, and very many clients: others do not notice, and memory stays bounded.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "sanitize/allowance.h"
#include "server/daemon.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

// The unit of the bounds below.
constexpr size_t kMiB = (size_t{1} << 20) * kAllowance;

// Resident memory of a process, in octets.
size_t ResidentOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  size_t total = 0;
  size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

void ExpectAnswers(const Daemon& daemon) {
  RawCall call(daemon.Channel(), "/fingerpost.v1.RedirectService/Decide", "");
  EXPECT_EQ(call.Finish().error_code(), grpc::INVALID_ARGUMENT);
}

// Plain TCP connections.
class Sockets {
 public:
  ~Sockets() {
    for (const int fd : fds_) close(fd);
  }
  // False when the system refuses.
  bool Connect(const std::string& address) {
    const size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    fds_.push_back(fd);
    return connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  void SendAll(const std::string& text) const {
    for (const int fd : fds_) (void)!send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // Reads each to its end. False: one stayed open.
  [[nodiscard]] bool AllClosed() const {
    for (const int fd : fds_) {
      char buffer[512];
      ssize_t count = 1;
      while (count > 0) {
        pollfd wait{fd, POLLIN, 0};
        if (poll(&wait, 1, static_cast<int>(kPatience.count()) * 1000) != 1) return false;
        count = recv(fd, buffer, sizeof buffer, 0);
      }
    }
    return true;
  }

 private:
  std::vector<int> fds_;
};

TEST(Connections, HalfOpenOnesAreClosedAndDisturbNobody) {
  const Daemon daemon({"--handshake-timeout", "3s"});
  Sockets silent;
  Sockets half;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(silent.Connect(daemon.address()));
    ASSERT_TRUE(half.Connect(daemon.address()));
  }
  half.SendAll("PRI * HTTP/2.0\r\n");  // half of the connection preface (RFC 9113 §3.4)
  ExpectAnswers(daemon);
  EXPECT_TRUE(silent.AllClosed());
  EXPECT_TRUE(half.AllClosed());
  ExpectAnswers(daemon);
}

TEST(Connections, TenThousandAreServedInBoundedMemory) {
  constexpr int kConnections = 10'000;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < kConnections + 1000) {
    GTEST_SKIP() << "the system allows " << files.rlim_cur << " open files, not 11000";
  }
  const Daemon daemon;
  Sockets sockets;
  for (int i = 0; i < kConnections; ++i) ASSERT_TRUE(sockets.Connect(daemon.address())) << i;
  // The connection preface and an empty SETTINGS frame: from now on they are HTTP/2 connections
  // without calls.
  sockets.SendAll(std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") +
                  std::string("\0\0\0\4\0\0\0\0\0", 9));
  ExpectAnswers(daemon);
  EXPECT_LT(ResidentOf(daemon.pid()), 350 * kMiB) << "16 KiB each are 160";
}

TEST(Connections, AClientThatNeverReadsItsStreamCostsOneMessage) {
  const Daemon daemon;
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  v1::StreamDecideRequest questions;
  for (int i = 0; i < 256; ++i) {
    auto& request = *questions.add_requests();
    request.mutable_request()->set_method("POST");
    request.mutable_request()->set_url("https://shop.example.com/orders");
    request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
    request.mutable_intent()->set_target("/orders/7829/confirmation");
  }
  const size_t before = ResidentOf(daemon.pid());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(3));
  const auto stream = stub->StreamDecide(&context);
  int written = 0;
  // Without limits these would be hundreds of MiB of answers.
  constexpr int kMany = 5000;
  while (written < kMany && stream->Write(questions)) ++written;
  EXPECT_LT(written, kMany) << "the server stops reading";
  EXPECT_LT(ResidentOf(daemon.pid()), before + 32 * kMiB);
  EXPECT_EQ(stream->Finish().error_code(), grpc::DEADLINE_EXCEEDED);
  ExpectAnswers(daemon);
}

// A large message's memory is kept for the next one, but not by every stream that once had one.
TEST(Connections, IdleStreamsHoldLittle) {
  const Daemon daemon;
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  v1::StreamDecideRequest questions;
  for (int i = 0; i < 14; ++i) {
    auto& request = *questions.add_requests();
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url("https://shop.example.com/" + std::string(65'000, 'x'));
  }
  const size_t before = ResidentOf(daemon.pid());
  constexpr int kStreams = 300;  // 270 MB of questions
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<
      std::unique_ptr<grpc::ClientReaderWriter<v1::StreamDecideRequest, v1::StreamDecideResponse>>>
      streams;
  v1::StreamDecideResponse answers;
  for (int i = 0; i < kStreams; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    contexts.back()->set_deadline(std::chrono::system_clock::now() + kPatience);
    streams.push_back(stub->StreamDecide(contexts.back().get()));
    ASSERT_TRUE(streams.back()->Write(questions) && streams.back()->Read(&answers)) << i;
  }
  EXPECT_LT(ResidentOf(daemon.pid()), before + 100 * kMiB);
  for (const auto& context : contexts) context->TryCancel();
  for (const auto& stream : streams) (void)stream->Finish();
}

// Answers wait for a slow reader, but nobody else waits for it.
TEST(Connections, ASlowReaderGetsEverythingInOrderAndDelaysNobody) {
  const Daemon daemon({"--threads", "1"});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 8 * kPatience);  // There is much to read.
  const auto stream = stub->StreamDecide(&context);
  constexpr int kMessages = 20'000;  // 40 MB, more than any window holds
  std::atomic<int> written = 0;
  std::thread writer([&] {
    v1::StreamDecideRequest questions;
    auto& request = *questions.add_requests();
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url("https://shop.example.com/");
    request.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
    for (int i = 0; i < kMessages; ++i) {
      request.mutable_intent()->set_target("/" + std::string(2000, 'x') + std::to_string(i));
      if (!stream->Write(questions)) return;
      ++written;
    }
    stream->WritesDone();
  });
  // The writer blocks while nothing is read; the same thread answers others meanwhile.
  int seen = -1;
  for (int answered = 0; answered < 200 || written != seen; ++answered) {
    seen = written;
    ExpectAnswers(daemon);
  }
  EXPECT_LT(written, kMessages) << "the server reads no further than its answers are taken";
  v1::StreamDecideResponse answers;
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(stream->Read(&answers)) << i;
    const std::string& target = answers.results(0).response().target();
    ASSERT_TRUE(target.ends_with("x" + std::to_string(i))) << i;
  }
  EXPECT_FALSE(stream->Read(&answers));
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace fingerpost::testing
