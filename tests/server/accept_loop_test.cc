// The loop that accepts connections, if the acceptor does not return.
#include "server/accept_loop.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "policy/load/default_policy.h"
#include "server/admin.h"
#include "server/line_writer.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using namespace std::chrono_literals;

// Takes a connection, and then the given time.
class StuckAcceptor final : public grpc::experimental::ExternalConnectionAcceptor {
 public:
  explicit StuckAcceptor(std::shared_future<void> until) : until_(std::move(until)) {}
  void HandleNewConnection(NewConnectionParameters* connection) override {
    until_.wait();
    close(connection->fd);
  }

 private:
  const std::shared_future<void> until_;
};

int ConnectTo(int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return -1;
  return fd;
}

TEST(AcceptLoop, TellsLivenessWhenItStandsStill) {
  const ListeningSockets sockets("--listen", "127.0.0.1:0");
  Traffic traffic;
  std::promise<void> let_go;
  AcceptLoop loop(
      sockets, std::make_unique<StuckAcceptor>(let_go.get_future().share()), traffic,
      {.all = 10, .per_peer = 10, .unasked = 1 << 20, .unasked_in_all = 1 << 20, .unread = 20s},
      [] { return std::chrono::nanoseconds{0}; });
  const Meters meters;
  LineWriter lines(STDERR_FILENO, [](uint64_t /*lost*/) { return std::string(); });
  const AccessLog log(Settings(), lines);
  const policy::load::Store policy{policy::load::DefaultPolicy()};
  const RedirectService trials(policy, Limits{});
  PolicyCounts counts(policy, 1);
  // Without connections the loop makes a round every second.
  const Admin admin(meters, counts, log, trials,
                    {.state = [] { return State(); },
                     .is_alive = [&loop] { return loop.standing() < 3s; },
                     .is_ready = [] { return true; }});
  const std::vector<std::string> nobody;
  const auto health = [&] {
    return admin
        .Answer({.method = "GET",
                 .path = "/healthz",
                 .query = "",
                 .body = "",
                 .peer = "",
                 .caller = nobody,
                 .field = {}})
        .status;
  };
  const auto becomes = [&health](int status) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (health() != status && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(10ms);
    }
    return health() == status;
  };
  loop.Start();
  EXPECT_EQ(health(), 200);
  const int fd = ConnectTo(sockets.port());
  ASSERT_GE(fd, 0);
  EXPECT_TRUE(becomes(503)) << "it waits for the acceptor";
  let_go.set_value();
  EXPECT_TRUE(becomes(200)) << "it goes round again";
  loop.Stop();
  close(fd);
}

}  // namespace
}  // namespace fingerpost::testing
