// `fingerpost trace` over TLS, to a server whose certificate is made here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/program.h"
#include "cli/site.h"
#include "server/certificates.h"

namespace fingerpost {
namespace {

// The authority that signed the server's certificate is trusted only if it is named, and only for
// the certificate's host.
TEST(TraceTls, TrustsTheAuthorityThatIsNamed) {
  const testing::Certificates files;
  files.MakeAuthority("ours");
  files.MakeAuthority("other");
  files.Make("site", "ours", "IP:127.0.0.1");
  files.Make("elsewhere", "ours", "DNS:elsewhere.test");
  const TlsSite site(files.Path("site.pem"), files.Path("site.key"));
  Site front({{"GET /", Redirect(307, site.origin() + "/")}});

  const std::string start = front.origin() + "/";
  const Outcome trusted = RunFingerpost({"trace", start, "--tls-ca", files.Path("ours.pem")});
  EXPECT_EQ(trusted.status, 0) << trusted.out << trusted.err;
  EXPECT_THAT(trusted.out, ::testing::HasSubstr("DONE: the result, after 1 redirect"));
  const auto json =
      nlohmann::json::parse(RunFingerpost({"trace", start, "--json", "--profile", "curl",
                                           "--tls-ca", files.Path("ours.pem")})
                                .out);
  EXPECT_EQ(json["hops"][1]["request"]["url"], site.origin() + "/");
  EXPECT_EQ(json["hops"][1]["response"]["status"], 200);

  const TlsSite impostor(files.Path("elsewhere.pem"), files.Path("elsewhere.key"));
  const std::vector<std::vector<std::string>> refused = {
      {"trace", start},
      {"trace", start, "--tls-ca", files.Path("other.pem")},
      {"trace", impostor.origin() + "/", "--tls-ca", files.Path("ours.pem")}};
  for (const auto& arguments : refused) {
    const Outcome outcome = RunFingerpost(arguments);
    EXPECT_EQ(outcome.status, 3) << outcome.out;
    EXPECT_THAT(outcome.out, ::testing::HasSubstr("FAILED: SSL"));
  }
  const Outcome none = RunFingerpost({"trace", start, "--tls-ca", files.Path("none.pem")});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, ::testing::HasSubstr("--tls-ca"));
}

}  // namespace
}  // namespace fingerpost
