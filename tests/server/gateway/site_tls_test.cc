// The site over TLS: a certificate for each host, chosen by the name, replaced while it serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "server/daemon.h"
#include "server/gateway/served_policy.h"
#include "server/http_client.h"
#include "server/raw_call.h"
#include "server/tls_client.h"
#include "server/tls_fixture.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kPolicy[] = R"(
defaults: {hsts: {max_age: 300s, include_subdomains: true}}
rules:
  - {id: gone, match: {path: /gone}, intent: {purpose: gone}}
)";

class SiteTls : public TlsFixture {
 protected:
  static void SetUpTestSuite() {
    TlsFixture::SetUpTestSuite();
    files_->Make("first", "ca", "DNS:first.example");
    files_->Make("second", "ca", "DNS:second.example,DNS:*.second.example");
    files_->Make("third", "ca", "DNS:second.example,DNS:third.example");
    directory_ = std::make_unique<TestDirectory>();
  }
  static void TearDownTestSuite() {
    directory_.reset();
    TlsFixture::TearDownTestSuite();
  }

  static std::vector<std::string> Serve(const std::vector<std::string>& names) {
    std::vector<std::string> arguments = {
        "--policy",          directory_->Write("policy.yaml", kPolicy),
        "--redirect-listen", "127.0.0.1:0",
        "--admin-listen",    "127.0.0.1:0"};
    for (const std::string& name : names) {
      arguments.insert(arguments.end(), {"--redirect-tls-cert", files_->Path(name + ".pem"),
                                         "--redirect-tls-key", files_->Path(name + ".key")});
    }
    return arguments;
  }
  static TlsAnswer Ask(const Daemon& daemon, const std::string& host,
                       const std::string& path = "/gone") {
    return AskOverTls(daemon.site_address(), host, path, files_->Path("ca.pem"));
  }

  static inline std::unique_ptr<TestDirectory> directory_;
};

TEST_F(SiteTls, TheNameChoosesTheCertificate) {
  const Daemon daemon(Serve({"first", "second", "third"}));
  for (const auto& [host, owner] :
       std::vector<std::pair<std::string, std::string>>{{"first.example", "first"},
                                                        {"second.example", "second"},
                                                        {"SECOND.example", "second"},
                                                        {"a.second.example", "second"},
                                                        {"third.example", "third"}}) {
    const TlsAnswer answer = Ask(daemon, host);
    EXPECT_EQ(answer.fault, "") << host;
    EXPECT_EQ(answer.status, 410) << host;
    EXPECT_THAT(answer.server, HasSubstr(owner)) << host;
    EXPECT_THAT(answer.head, HasSubstr("Strict-Transport-Security: max-age=300; includeSubDomains"))
        << host;
  }
  // Unknown: the first one, which the client does not accept.
  for (const char* host : {"fourth.example", "a.b.second.example", "first.example.evil.example"}) {
    EXPECT_NE(Ask(daemon, host).fault, "") << host;
  }
  EXPECT_THAT(Ask(daemon, "first.example", "/none").head,
              HasSubstr("Strict-Transport-Security: max-age=300"));
  const KeptAlive plain(daemon.site_address());
  plain.Send("GET /gone HTTP/1.1\r\nHost: first.example\r\n\r\n");
  EXPECT_EQ(plain.ReadAll().find("HTTP/1.1"), std::string::npos);
}

TEST_F(SiteTls, AReplacedCertificateIsServedAndAFaultyOneIsNot) {
  const auto copy = [&](const std::string& name) {
    for (const char* end : {".pem", ".key"}) {
      fs::copy_file(files_->Path(name + end), files_->Path(std::string("next") + end),
                    fs::copy_options::overwrite_existing);
      fs::rename(files_->Path(std::string("next") + end),
                 files_->Path(std::string("current") + end));
    }
  };
  copy("second");
  std::vector<std::string> arguments = Serve({"first", "current"});
  arguments.insert(arguments.end(), {"--tls-refresh", "1s"});
  const Daemon daemon(arguments);
  EXPECT_THAT(Ask(daemon, "second.example").server, HasSubstr("second"));
  EXPECT_NE(Ask(daemon, "third.example").fault, "");
  copy("third");
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (Ask(daemon, "third.example").status != 410) {
    ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
  EXPECT_THAT(Ask(daemon, "second.example").server, HasSubstr("third"));
  fs::copy_file(files_->Path("first.key"), files_->Path("current.key"),
                fs::copy_options::overwrite_existing);
  while (Metric(daemon, R"(fingerpost_site_certificate_reloads_total{result="failure"})") < 1) {
    ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
  EXPECT_EQ(Ask(daemon, "third.example").status, 410) << "the old one stays";
  EXPECT_EQ(Ask(daemon, "first.example").status, 410);
  EXPECT_GT(Metric(daemon, "fingerpost_site_certificate_expiry_timestamp_seconds"), 1'700'000'000);
}

TEST_F(SiteTls, ClientsNeedNoCertificateThere) {
  std::vector<std::string> arguments = ServeMutualTls(Serve({"first"}));
  const Daemon daemon(arguments);
  EXPECT_EQ(Ask(daemon, "first.example").status, 410);
}

// As for POST /v1/decide: whoever may ask.
TEST_F(SiteTls, TheGatewayIsForAllowedCallers) {
  const Daemon daemon(
      ServeMutualTls({"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
                      "--allow-caller", "spiffe://example.org/ns/shop/*"}));
  const auto ask = [&](const std::string& client) {
    return AskOverTls(daemon.http_address(), "localhost", "/v1/gateway/x", files_->Path("ca.pem"),
                      client.empty() ? "" : files_->Path(client));
  };
  EXPECT_EQ(ask("shop").status, 204);
  EXPECT_EQ(ask("mail").status, 403);
  EXPECT_NE(ask("").fault, "");
  EXPECT_EQ(Metric(daemon, R"(fingerpost_gateway_requests_total{door="gateway",)"
                           R"(outcome="rejected"})"),
            1);
}

}  // namespace
}  // namespace fingerpost::testing
