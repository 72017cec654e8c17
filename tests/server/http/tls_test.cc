// HTTP/JSON over TLS with a real client: gRPC's certificate and callers.
#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "server/daemon.h"
#include "server/http/large_answer.h"
#include "server/http_client.h"
#include "server/raw_call.h"
#include "server/tls_fixture.h"

namespace fingerpost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Answer {
  CURLcode fault = CURLE_OK;
  long status = 0;
  std::string body;
  std::string server;  // the subject of its certificate
};

size_t Append(char* data, size_t size, size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

class HttpTls : public TlsFixture {
 protected:
  static std::vector<std::string> Serve(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"--http-listen", "127.0.0.1:0", "--admin-listen",
                                          "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static std::vector<std::string> ServeMutualTls(const std::vector<std::string>& more = {}) {
    return TlsFixture::ServeMutualTls(Serve(more));
  }

  // `client`: the owner of the certificate; "" for none.
  static Answer Ask(const Daemon& daemon, const std::string& client, const std::string& body = "{}",
                    long version = CURL_SSLVERSION_DEFAULT) {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> call(curl_easy_init(),
                                                                   curl_easy_cleanup);
    const std::string& address = daemon.http_address();
    const std::string url = "https://localhost" + address.substr(address.rfind(':')) + "/v1/decide";
    curl_slist* fields = curl_slist_append(nullptr, "Content-Type: application/json");
    Answer answer;
    curl_easy_setopt(call.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(call.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(call.get(), CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4);
    curl_easy_setopt(call.get(), CURLOPT_TIMEOUT, static_cast<long>(kPatience.count()));
    curl_easy_setopt(call.get(), CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(call.get(), CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(call.get(), CURLOPT_CAINFO, files_->Path("ca.pem").c_str());
    curl_easy_setopt(call.get(), CURLOPT_SSLVERSION, version);
    curl_easy_setopt(call.get(), CURLOPT_CERTINFO, 1L);
    if (!client.empty()) {
      curl_easy_setopt(call.get(), CURLOPT_SSLCERT, files_->Path(client + ".pem").c_str());
      curl_easy_setopt(call.get(), CURLOPT_SSLKEY, files_->Path(client + ".key").c_str());
    }
    curl_easy_setopt(call.get(), CURLOPT_WRITEFUNCTION, Append);
    curl_easy_setopt(call.get(), CURLOPT_WRITEDATA, &answer.body);
    answer.fault = curl_easy_perform(call.get());
    curl_easy_getinfo(call.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    curl_certinfo* chain = nullptr;
    curl_easy_getinfo(call.get(), CURLINFO_CERTINFO, &chain);
    if (chain != nullptr && chain->num_of_certs > 0) answer.server = chain->certinfo[0]->data;
    curl_slist_free_all(fields);
    return answer;
  }
};
TEST_F(HttpTls, IsServedWithTheCertificateOfGrpc) {
  const Daemon daemon(
      Serve({"--tls-cert", files_->Path("server.pem"), "--tls-key", files_->Path("server.key")}));
  const Answer answer = Ask(daemon, "");
  EXPECT_EQ(answer.fault, CURLE_OK) << curl_easy_strerror(answer.fault);
  EXPECT_EQ(answer.status, 400) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("request.method"));
  // Not in plaintext; the admin port is for probes.
  const KeptAlive plain(daemon.http_address());
  plain.Send("GET /v1/decide HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(plain.ReadAll().find("HTTP/1.1"), std::string::npos);
  EXPECT_EQ(Get(daemon.admin_address(), "/healthz").status, 200);
}

TEST_F(HttpTls, IsReachedByOtherMachinesWithoutInsecure) {
  const Daemon daemon({"--listen", "127.0.0.1:0", "--http-listen", "0.0.0.0:0", "--tls-cert",
                       files_->Path("server.pem"), "--tls-key", files_->Path("server.key")});
  EXPECT_EQ(Ask(daemon, "").status, 400);
}

TEST_F(HttpTls, EachVersionIsServedAndOldOnesAreNot) {
  const Daemon daemon(ServeMutualTls());
  EXPECT_EQ(Ask(daemon, "shop", "{}", CURL_SSLVERSION_MAX_TLSv1_2).status, 400);
  EXPECT_EQ(Ask(daemon, "shop", "{}", CURL_SSLVERSION_TLSv1_3).status, 400);
  EXPECT_NE(Ask(daemon, "shop", "{}", CURL_SSLVERSION_MAX_TLSv1_1).fault, CURLE_OK);
}

TEST_F(HttpTls, LargeQuestionsAndAnswersPass) {
  const Daemon daemon(ServeMutualTls());
  const Answer answer = Ask(daemon, "shop", QuestionWithLargeAnswer());
  EXPECT_EQ(answer.status, 200) << answer.body.substr(0, 300);
  EXPECT_GT(answer.body.size(), 1000000U);
}

TEST_F(HttpTls, WhoHasNoCertificateOfTheAuthorityIsNobody) {
  const Daemon daemon(ServeMutualTls());
  for (const char* client : {"", "stranger", "expired"}) {
    const Answer answer = Ask(daemon, client);
    EXPECT_NE(answer.fault, CURLE_OK) << client;
    EXPECT_EQ(answer.status, 0) << client;
  }
}

TEST_F(HttpTls, CallersAreAllowedAndCountedAsOverGrpc) {
  const Daemon daemon(ServeMutualTls({"--allow-caller", "spiffe://example.org/ns/shop/*"}));
  EXPECT_EQ(Ask(daemon, "shop").status, 400);
  const Answer other = Ask(daemon, "mail");
  EXPECT_EQ(other.status, 403);
  EXPECT_THAT(other.body, AllOf(HasSubstr(R"("code":"PERMISSION_DENIED")"),
                                HasSubstr("ERROR_REASON_CALLER_NOT_ALLOWED")));
  const std::string metrics = Get(daemon.admin_address(), "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("fingerpost_caller_calls_total{caller=\"" + std::string(kShop) +
                                 "\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("fingerpost_caller_calls_total{caller=\"mail.example.org\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("fingerpost_http_requests_total{rpc=\"Decide\","
                                 "code=\"PermissionDenied\"} 1\n"));
  EXPECT_THAT(daemon.Errors(), HasSubstr(kShop)) << "the access log names the caller";
}

TEST_F(HttpTls, ARotatedCertificateIsServedToNewConnections) {
  namespace fs = std::filesystem;
  const auto volume = [](const std::string& name) {
    fs::path directory = files_->Path("http-volume-" + name);
    fs::create_directory(directory);
    fs::copy_file(files_->Path(name + ".pem"), directory / "tls.crt");
    fs::copy_file(files_->Path(name + ".key"), directory / "tls.key");
    return directory;
  };
  const fs::path link = files_->Path("http-current");
  fs::create_directory_symlink(volume("server"), link);
  const Daemon daemon(Serve(
      {"--tls-cert", link / "tls.crt", "--tls-key", link / "tls.key", "--tls-refresh", "1s"}));
  EXPECT_THAT(Ask(daemon, "").server, HasSubstr("server"));
  fs::create_directory_symlink(volume("renewed"), files_->Path("http-next"));
  fs::rename(files_->Path("http-next"), link);
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (Ask(daemon, "").server.find("renewed") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
}

TEST_F(HttpTls, AHandshakeThatDoesNotComeEnds) {
  const Daemon daemon(ServeMutualTls({"--handshake-timeout", "300ms"}));
  const KeptAlive half(daemon.http_address());
  half.Send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_EQ(half.ReadAll(), "");
  EXPECT_THAT(Get(daemon.admin_address(), "/metrics").body,
              HasSubstr("limited_total{port=\"http-listen\",limit=\"handshake-timeout\"} 1\n"));
}

}  // namespace
}  // namespace fingerpost::testing
