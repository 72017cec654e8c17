// TLS and mutual TLS with right, wrong, expired and rotated certificates, and the allowed callers.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "rpc/callers.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"
#include "server/tls_fixture.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;

class Tls : public TlsFixture {
 protected:
  struct Answer {
    grpc::Status status;
    std::string server;  // common name of its certificate
  };
  // One call on a separate connection. The request is empty, so INVALID_ARGUMENT means that it was
  // answered.
  static Answer Ask(const Daemon& daemon,
                    const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetSslTargetNameOverride("localhost");
    const auto stub = v1::RedirectService::NewStub(
        grpc::CreateCustomChannel(daemon.address(), credentials, arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::DecideResponse response;
    Answer answer{stub->Decide(&context, {}, &response), ""};
    if (const auto auth = context.auth_context()) {
      for (const grpc::string_ref& name : auth->FindPropertyValues("x509_common_name")) {
        answer.server.assign(name.data(), name.size());
      }
    }
    return answer;
  }
};
TEST_F(Tls, IsServedToWhoTrustsIt) {
  const Daemon daemon(ServeTls({"--listen", "0.0.0.0:0"}));
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "")).status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(Ask(daemon, files_->Client("other-ca", "")).status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(Ask(daemon, grpc::InsecureChannelCredentials()).status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "")).status.error_code(), grpc::INVALID_ARGUMENT);
}

TEST_F(Tls, StartsAtVersion12) {
  const Daemon daemon(ServeTls());
  const auto speaks = [&daemon](const std::string& version) {
    return std::system(("openssl s_client -cipher DEFAULT:@SECLEVEL=0 -alpn h2 -connect " +
                        daemon.address() + " -" + version + " </dev/null >/dev/null 2>&1")
                           .c_str()) == 0;
  };
  EXPECT_FALSE(speaks("tls1"));
  EXPECT_FALSE(speaks("tls1_1"));
  EXPECT_TRUE(speaks("tls1_2"));
  EXPECT_TRUE(speaks("tls1_3"));
}

TEST_F(Tls, MutualTlsAcceptsOnlyWhomItsAuthoritySigned) {
  const Daemon daemon(ServeMutualTls());
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "shop")).status.error_code(), grpc::INVALID_ARGUMENT);
  for (const char* client : {"", "stranger", "expired"}) {
    EXPECT_EQ(Ask(daemon, files_->Client("ca", client)).status.error_code(), grpc::UNAVAILABLE)
        << client;
  }
}

TEST_F(Tls, OnlyTheCallersOnTheListAreAnswered) {
  const Daemon daemon(ServeMutualTls({"--allow-caller", "spiffe://example.org/ns/shop/*"}));
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "shop")).status.error_code(), grpc::INVALID_ARGUMENT);
  const grpc::Status status = Ask(daemon, files_->Client("ca", "mail")).status;
  EXPECT_EQ(status.error_code(), grpc::PERMISSION_DENIED);
  EXPECT_EQ(ReasonOf(status), "CALLER_NOT_ALLOWED");
}

TEST(AllowedCallers, ComparesWholeNamesUnlessAStarEndsThem) {
  const AllowedCallers callers({"mail.example.org", "spiffe://example.org/ns/shop/*"});
  EXPECT_TRUE(callers.AllowsAnyOf({"mail.example.org"}));
  EXPECT_TRUE(callers.AllowsAnyOf({"unknown", kShop}));
  for (const char* name : {"", "mail.example.org.evil.example", "xmail.example.org",
                           "spiffe://example.org/ns/shopping/sa/web", "MAIL.example.org"}) {
    EXPECT_FALSE(callers.AllowsAnyOf({name})) << name;
  }
  EXPECT_FALSE(callers.AllowsAnyOf({}));
  EXPECT_TRUE(AllowedCallers({}).AllowsAnyOf({}));
}

TEST(CallerNames, UrisAreOnlyWhatIsAUri) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(NamesOf({.uris = {kShop}, .others = {"web.example.org"}, .addresses = {"2001:db8::1"}}),
            (Names{kShop, "web.example.org", "2001:db8::1"}));
  EXPECT_EQ(NamesOf({.uris = {}, .others = {kShop, "a:b", "a/b"}, .addresses = {}}), Names{});
  EXPECT_EQ(NamesOf({.uris = {kShop, "https://a.example/"}, .others = {"x"}, .addresses = {}}),
            Names{"x"})
      << "X509-SVID §2: exactly one URI";
  EXPECT_EQ(
      NamesOf({.uris = {"SPIFFE://a/b", "https://a.example/"}, .others = {}, .addresses = {}}),
      Names{});
  EXPECT_EQ(NamesOf({.uris = {"urn:a:b", "https://a.example/"}, .others = {}, .addresses = {}}),
            (Names{"urn:a:b", "https://a.example/"}));
}

TEST(CallerNames, NoSegmentLeadsElsewhere) {
  for (const char* uri :
       {"spiffe://example.org/ns/shop/../mail", "spiffe://example.org/ns/shop/./web",
        "spiffe://example.org/ns/shop/..", "spiffe://example.org/ns/shop/%2e%2E/mail",
        "https://example.org/shop/../mail", "https://example.org/shop/.%2e/mail",
        "https://example.org/shop/..?x", "spiffe://example.org/ns//shop", "spiffe://example.org/",
        "spiffe://Example.org/ns/shop", "SPIFFE://example.org/ns/shop", "spiffe:///ns/shop",
        "spiffe://user@example.org/ns", "spiffe://example.org:1/ns", "spiffe://example.org/ns?q",
        "spiffe://example.org/ns#f", "spiffe://example.org/n%73", "https://a.example/a b"}) {
    EXPECT_TRUE(NamesOf({.uris = {uri}, .others = {}, .addresses = {}}).empty()) << uri;
  }
  for (const char* uri : {"spiffe://example.org", kShop, "spiffe://example.org/a.b/..c/d_-E",
                          "https://example.org/shop/?x=/../y"}) {
    EXPECT_EQ(NamesOf({.uris = {uri}, .others = {}, .addresses = {}}).size(), 1U) << uri;
  }
}

TEST_F(Tls, ADnsNameThatLooksLikeASpiffeIdIsNone) {
  files_->Make("forged", "ca", "DNS:" + std::string(kShop));
  files_->Make("two", "ca", "URI:" + std::string(kShop) + ",URI:https://a.example/");
  files_->Make("climber", "ca", "URI:spiffe://example.org/ns/shop/../mail");
  const Daemon daemon(ServeMutualTls({"--allow-caller", "spiffe://example.org/ns/shop/*"}));
  for (const char* client : {"forged", "two", "climber"}) {
    EXPECT_EQ(ReasonOf(Ask(daemon, files_->Client("ca", client)).status), "CALLER_NOT_ALLOWED")
        << client;
  }
}

// As Kubernetes replaces a Secret: the files are behind a link, which is replaced in one step.
TEST_F(Tls, ARotatedCertificateIsServedWithoutARestart) {
  namespace fs = std::filesystem;
  const auto volume = [](const std::string& name) {
    fs::path directory = files_->Path("volume-" + name);
    fs::create_directory(directory);
    fs::copy_file(files_->Path(name + ".pem"), directory / "tls.crt");
    fs::copy_file(files_->Path(name + ".key"), directory / "tls.key");
    return directory;
  };
  const fs::path link = files_->Path("current");
  fs::create_directory_symlink(volume("server"), link);
  const Daemon daemon(
      {"--tls-cert", link / "tls.crt", "--tls-key", link / "tls.key", "--tls-refresh", "1s"});
  const auto credentials = files_->Client("ca", "");
  EXPECT_EQ(Ask(daemon, credentials).server, "server");

  fs::create_directory_symlink(volume("renewed"), files_->Path("next"));
  fs::rename(files_->Path("next"), link);
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  Answer answer;
  do {
    answer = Ask(daemon, credentials);
    ASSERT_EQ(answer.status.error_code(), grpc::INVALID_ARGUMENT) << "no call is lost meanwhile";
  } while (answer.server != "renewed" && std::chrono::steady_clock::now() < patience);
  EXPECT_EQ(answer.server, "renewed");
}

// If certificate and key do not match, the old ones stay until the files are right again.
TEST_F(Tls, ARotatedCertificateWithoutItsKeyIsNotServed) {
  namespace fs = std::filesystem;
  const auto put = [](const std::string& from, const std::string& to) {
    fs::copy_file(files_->Path(from), files_->Path("next"), fs::copy_options::overwrite_existing);
    fs::rename(files_->Path("next"), files_->Path(to));
  };
  put("server.pem", "live.pem");
  put("server.key", "live.key");
  const Daemon daemon({"--tls-cert", files_->Path("live.pem"), "--tls-key",
                       files_->Path("live.key"), "--tls-refresh", "1s", "--admin-listen",
                       "127.0.0.1:0"});
  const auto metric = [&daemon](const std::string& result) {
    const std::string text = Get(daemon.admin_address(), "/metrics").body;
    const std::string name = "fingerpost_certificate_reloads_total{result=\"" + result + "\"} ";
    const size_t at = text.find(name);
    return at == text.npos ? -1 : std::stoi(text.substr(at + name.size()));
  };
  const auto await = [&](const std::string& result) {
    const auto patience = std::chrono::steady_clock::now() + kPatience;
    while (metric(result) == 0 && std::chrono::steady_clock::now() < patience) {
      std::this_thread::yield();
    }
    return metric(result);
  };
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "")).server, "server");
  put("renewed.pem", "live.pem");
  EXPECT_EQ(await("failure"), 1);
  EXPECT_THAT(daemon.Errors(), HasSubstr("live.key is not the key of "));
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "")).server, "server");
  put("renewed.key", "live.key");
  EXPECT_EQ(await("success"), 1);
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (Ask(daemon, files_->Client("ca", "")).server != "renewed") {
    ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
  EXPECT_EQ(metric("failure"), 1);
}

// Renewed by a clock that is wrong, or restored from a backup.
TEST_F(Tls, AnExpiredCertificateReplacesNoValidOne) {
  namespace fs = std::filesystem;
  files_->Make("old", "ca", "DNS:localhost", -1);
  const auto volume = [](const std::string& name) {
    fs::path directory = files_->Path("expiry-" + name);
    fs::create_directory(directory);
    fs::copy_file(files_->Path(name + ".pem"), directory / "tls.crt");
    fs::copy_file(files_->Path(name + ".key"), directory / "tls.key");
    return directory;
  };
  const fs::path link = files_->Path("expiry");
  fs::create_directory_symlink(volume("server"), link);
  const Daemon daemon(
      {"--tls-cert", link / "tls.crt", "--tls-key", link / "tls.key", "--tls-refresh", "1s"});
  const auto put = [&](const std::string& name) {
    fs::create_directory_symlink(volume(name), files_->Path("next"));
    fs::rename(files_->Path("next"), link);
  };
  const auto await = [&](const std::string& message) {
    const auto patience = std::chrono::steady_clock::now() + kPatience;
    while (daemon.Errors().find(message) == std::string::npos &&
           std::chrono::steady_clock::now() < patience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_THAT(daemon.Errors(), HasSubstr(message));
  };
  put("old");
  await("tls.crt has expired; the old certificate stays");
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "")).server, "server");
  put("renewed");
  await("the new certificate is served");
}

TEST_F(Tls, ABundleThatWasCutIsRefused) {
  const std::string bundle = files_->Read("ca.pem") + files_->Read("other-ca.pem");
  const auto check = [&](const std::string& text) {
    std::ofstream(files_->Path("bundle.pem")) << text;
    return RunDaemon(ServeTls({"--tls-client-ca", files_->Path("bundle.pem"), "--check"}));
  };
  EXPECT_EQ(check(bundle).code, 0);
  EXPECT_EQ(check("# Authorities\n" + bundle + "\n# The end").code, 0);
  const size_t first = files_->Read("ca.pem").size();
  for (const size_t size : {bundle.size() - 2, bundle.size() - 20, bundle.size() - 100, first + 100,
                            first + 15, first + 1}) {
    const Output output = check(bundle.substr(0, size));
    EXPECT_EQ(output.code, 3) << size;
    EXPECT_THAT(output.err, HasSubstr("bundle.pem: PEM block 2 is damaged or cut off"));
  }
  std::string damaged = bundle;
  damaged[first + 60] = damaged[first + 60] == 'A' ? 'B' : 'A';
  damaged.erase(first + 70, 4);
  EXPECT_THAT(check(damaged).err, HasSubstr("bundle.pem: PEM block 2 is damaged or cut off"));
}

TEST_F(Tls, AServerWithAnotherNameIsNotTrusted) {
  const Daemon daemon(
      {"--tls-cert", files_->Path("mail.pem"), "--tls-key", files_->Path("mail.key")});
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "")).status.error_code(), grpc::UNAVAILABLE)
      << "localhost is not among its names";
}

TEST_F(Tls, CallsAreCountedByCaller) {
  const Daemon daemon(ServeMutualTls(
      {"--allow-caller", "spiffe://example.org/ns/shop/*", "--admin-listen", "127.0.0.1:0"}));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Ask(daemon, files_->Client("ca", "shop")).status.error_code(),
              grpc::INVALID_ARGUMENT);
  }
  EXPECT_EQ(Ask(daemon, files_->Client("ca", "mail")).status.error_code(), grpc::PERMISSION_DENIED);
  const std::string metrics = Get(daemon.admin_address(), "/metrics").body;
  const auto calls_of = [](const std::string& caller, const std::string& count) {
    return HasSubstr("fingerpost_caller_calls_total{caller=\"" + caller + "\"} " + count + "\n");
  };
  EXPECT_THAT(metrics, calls_of(kShop, "2"));
  EXPECT_THAT(metrics, calls_of("mail.example.org", "1"));
  EXPECT_THAT(metrics, calls_of("other", "0"));
  EXPECT_THAT(Get(daemon.admin_address(), "/").body,
              HasSubstr("<tr><td>" + std::string(kShop) + "</td><td class=\"n\">2</td></tr>"));
}

TEST_F(Tls, WrongFilesAndContradictionsEndTheStart) {
  struct Case {
    std::vector<std::string> arguments;
    int code;
    std::string message;
  };
  const std::string cert = files_->Path("server.pem");
  const std::string key = files_->Path("server.key");
  for (const Case& c : std::vector<Case>{
           {{"--http-listen", "127.0.0.1:5", "--admin-listen", "127.0.0.1:5", "--check"},
            2,
            "--http-listen and --admin-listen are both 127.0.0.1:5: give each its own port"},
           {{"--tls-cert", cert}, 2, "--tls-cert and --tls-key: one needs the other"},
           {{"--tls-client-ca", cert}, 2, "--tls-client-ca needs --tls-cert"},
           {{"--allow-caller", "x"}, 2, "--allow-caller needs --tls-client-ca"},
           {{"--tls-cert", cert, "--tls-key", key, "--insecure"}, 2, "contradict each other"},
           {{"--tls-cert", cert, "--tls-key", files_->Path("shop.key")}, 3, "is not the key of"},
           {{"--tls-cert", key, "--tls-key", key}, 3, "server.key: no PEM certificate in it"},
           {{"--tls-cert", cert, "--tls-key", cert}, 3, "server.pem: no PEM private key in it"},
           {{"--tls-cert", "/nonexistent", "--tls-key", key}, 3, "/nonexistent is not there"},
           {{"--tls-cert", "/dev/zero", "--tls-key", key}, 3, "/dev/zero is not a regular file"},
       }) {
    const Output output = RunDaemon(c.arguments);
    EXPECT_EQ(output.code, c.code) << output.err;
    EXPECT_THAT(output.err, HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace fingerpost::testing
