// TLS and mutual TLS by the C++ client and by the command line; a fork before the first call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "cli/program.h"
#include "directories.h"
#include "fingerpost/client.h"
#include "server/certificates.h"
#include "server/daemon.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

const ClientOptions kPatient = {.on_error = OnError::kFail,
                                .decide_timeout = std::chrono::seconds(30)};

v1::DecideRequest Order() {
  v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/x");
  return question;
}

// "" or the error's code.
std::string Ask(const std::string& address, Transport transport) {
  const Client client(address, std::move(transport), kPatient);
  Decision decision;
  v1::Error error;
  return client.Decide(Order(), decision, error) ? "" : error.code();
}

class TlsClient : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = new Certificates;
    files_->MakeAuthority("ca");
    files_->MakeAuthority("other-ca");
    files_->Make("server", "ca", "DNS:localhost");
    files_->Make("shop", "ca", "DNS:shop.example.org");
    files_->Make("stranger", "other-ca", "DNS:shop.example.org");
  }
  static void TearDownTestSuite() {
    delete files_;
    files_ = nullptr;
  }

  static Words Serve(Words more = {}) {
    more.insert(more.end(), {"--tls-cert", files_->Path("server.pem"), "--tls-key",
                             files_->Path("server.key")});
    return more;
  }
  static Words ServeMutually() { return Serve({"--tls-client-ca", files_->Path("ca.pem")}); }

  static Transport Trusting(const std::string& authority, const std::string& own = "") {
    Transport::Certificates certificates;
    certificates.roots = files_->Read(authority + ".pem");
    certificates.server_name = "localhost";
    if (!own.empty()) {
      certificates.certificate = files_->Read(own + ".pem");
      certificates.key = files_->Read(own + ".key");
    }
    return Transport::Tls(certificates);
  }

  static Outcome Run(const Daemon& daemon, const Words& more) {
    Words words = {"decide",      "-X", "POST",       "--purpose",
                   "form_result", "/x", "--server",   daemon.address(),
                   "--timeout",   "30", "--tls-name", "localhost"};
    words.insert(words.end(), more.begin(), more.end());
    return RunFingerpost(words);
  }

  static Certificates* files_;
};
Certificates* TlsClient::files_ = nullptr;

TEST_F(TlsClient, ReachesWhomItTrusts) {
  const Daemon daemon(Serve());
  EXPECT_EQ(Ask(daemon.address(), Trusting("ca")), "");
  EXPECT_EQ(Ask(daemon.address(), Trusting("other-ca")), "UNAVAILABLE");
  EXPECT_EQ(Ask(daemon.address(), Transport::Plaintext()), "UNAVAILABLE");
}

TEST_F(TlsClient, ShowsItsOwnCertificate) {
  const Daemon daemon(ServeMutually());
  EXPECT_EQ(Ask(daemon.address(), Trusting("ca", "shop")), "");
  EXPECT_EQ(Ask(daemon.address(), Trusting("ca", "stranger")), "UNAVAILABLE");
  EXPECT_EQ(Ask(daemon.address(), Trusting("ca")), "UNAVAILABLE");
}

TEST_F(TlsClient, OnTheCommandLine) {
  const Daemon daemon(Serve());
  const Outcome right = Run(daemon, {"--tls-ca", files_->Path("ca.pem")});
  EXPECT_THAT(right.out, StartsWith("HTTP/1.1 303 See Other\n")) << right.err;
  const Outcome wrong = Run(daemon, {"--tls-ca", files_->Path("other-ca.pem")});
  EXPECT_EQ(wrong.status, 3);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, HasSubstr("UNAVAILABLE"));
  EXPECT_EQ(Run(daemon, {"--tls"}).status, 3);  // The system's authorities do not know ours.
  const Outcome plain = RunFingerpost({"decide", "--server", daemon.address(), "/x"});
  EXPECT_EQ(plain.status, 3);
  const Outcome health =
      RunFingerpost({"health", "--server", daemon.address(), "--timeout", "30", "--tls-name",
                     "localhost", "--tls-ca", files_->Path("ca.pem")});
  EXPECT_EQ(health.out, "SERVING\n") << health.err;
}

TEST_F(TlsClient, MutuallyOnTheCommandLine) {
  const Daemon daemon(ServeMutually());
  const auto with = [&](const std::string& own) {
    return Words{"--tls-ca",  files_->Path("ca.pem"),    "--tls-cert", files_->Path(own + ".pem"),
                 "--tls-key", files_->Path(own + ".key")};
  };
  const Outcome right = Run(daemon, with("shop"));
  EXPECT_EQ(right.status, 0) << right.err;
  EXPECT_EQ(Run(daemon, with("stranger")).status, 3);
  EXPECT_EQ(Run(daemon, {"--tls-ca", files_->Path("ca.pem")}).status, 3);
}

// As in a pre-forking server, the parent makes the client and each child uses it.
TEST(Fork, LeavesEachChildItsOwnConnection) {
  const Daemon daemon;
  // A separate process, because this one has used gRPC.
  const Outcome outcome =
      RunShell("FINGERPOST_FORK=" + daemon.address() +
               " exec " FINGERPOST_BIN_DIR "/tests/cpp_client_test --gtest_filter=Fork.Child 2>&1");
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("every child was answered"));
}

TEST(Fork, Child) {
  const char* address = std::getenv("FINGERPOST_FORK");
  if (address == nullptr) return;  // The test above runs this one.
  const Client client(address, Transport::Plaintext(), kPatient);
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);  // Ends a child that waits for threads of its parent.
      Decision decision;
      v1::Error error;
      _exit(client.Decide(Order(), decision, error) ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  std::puts("every child was answered");
}

}  // namespace
}  // namespace fingerpost::testing
