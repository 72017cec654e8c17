#include "core/decide/allowed_targets.h"

#include <gmock/gmock.h>

#include <string>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

TEST(RedirectUris, AreComparedCharacterByCharacter) {
  v1::Intent intent;
  for (const char* uri : {"https://client.example.org/cb", "http://127.0.0.1/cb?x=1",
                          "http://[::1]:5000/cb", "http://localhost/", "com.example.app:/cb"}) {
    intent.add_redirect_uris(uri);
  }
  for (const char* same :
       {"https://client.example.org/cb", "http://127.0.0.1:51004/cb?x=1", "http://127.0.0.1/cb?x=1",
        "http://[::1]/cb", "http://[::1]:1/cb", "http://localhost:8080/", "com.example.app:/cb"}) {
    EXPECT_TRUE(IsRegistered(same, intent)) << same;
  }
  for (const char* other :
       {"https://client.example.org/cb/", "https://client.example.org/cb?",
        "https://client.example.org/CB", "https://CLIENT.example.org/cb",
        "https://client.example.org:443/cb", "https://client.example.org/cb/../evil",
        "http://127.0.0.1:51004/cb", "http://127.0.0.1:5/cb?x=2", "https://127.0.0.1:5/cb?x=1",
        "http://127.0.0.2:5/cb?x=1", "http://127.0.0.1:5@evil.test/cb?x=1",
        "http://127.0.0.1.evil.test/cb?x=1", "http://127.0.0.1:evil.test/cb?x=1",
        "http://localhost:8080", "http://localhost:80evil/", "com.example.app:/cb/x",
        "com.example.app2:/cb", ""}) {
    EXPECT_FALSE(IsRegistered(other, intent)) << other;
  }
}

TEST(RedirectUris, AMismatchIsRefusedInEveryMode) {
  for (const char* mode :
       {"UNSAFE_TARGET_REFUSE", "UNSAFE_TARGET_FALL_BACK", "UNSAFE_TARGET_REPORT_ONLY"}) {
    const auto answer =
        Ask(std::string(
                "request { method: 'GET' url: 'https://id.test/' } intent { purpose: "
                "PURPOSE_AUTHORIZATION_RESPONSE target: 'https://evil.test/cb' trust: TRUST_CALLER "
                "redirect_uris: 'https://good.test/cb' fallback_target: '/' unsafe_target: ") +
            mode + "}");
    EXPECT_EQ(answer.outcome(), v1::OUTCOME_REFUSE) << mode;
    EXPECT_EQ(answer.reason().code(), v1::REASON_CODE_REDIRECT_URI_MISMATCH) << mode;
  }
}

TEST(RedirectUris, OnlyAppSchemesBesideHttp) {
  const auto outcome = [](const std::string& uri) {
    return Ask("request { method: 'GET' url: 'https://id.test/' } intent { purpose: "
               "PURPOSE_AUTHORIZATION_RESPONSE target: '" +
               uri + "' redirect_uris: '" + uri + "' }")
        .outcome();
  };
  EXPECT_EQ(outcome("com.example.app:/cb"), v1::OUTCOME_REDIRECT);
  EXPECT_EQ(outcome("com.example.app://cb"), v1::OUTCOME_REDIRECT);
  for (const char* uri : {"javascript:alert(1)", "data:text/html,x", "myapp:/cb", "file:///x",
                          "https://a:b@good.test/cb"}) {
    EXPECT_EQ(outcome(uri), v1::OUTCOME_REFUSE) << uri;
  }
}

// LOOP: the client would repeat its request.
TEST(Loop, IsRefusedUnlessMethodOrCookieChanges) {
  const auto outcome = [](const std::string& method, const std::string& rest) {
    return Ask("request { method: '" + method +
               "' url: 'https://a.test/x?y#z' } intent { target: '/x?y#w' " + rest + " }")
        .outcome();
  };
  EXPECT_EQ(outcome("GET", "purpose: PURPOSE_TEMPORARY_MOVE"), v1::OUTCOME_REFUSE);
  EXPECT_EQ(outcome("HEAD", "purpose: PURPOSE_DESCRIBES"), v1::OUTCOME_REFUSE);
  EXPECT_EQ(outcome("POST", "purpose: PURPOSE_PERMANENT_MOVE"), v1::OUTCOME_REFUSE);
  EXPECT_EQ(outcome("POST", "purpose: PURPOSE_FORM_RESULT"), v1::OUTCOME_REDIRECT);
  EXPECT_EQ(outcome("GET", "purpose: PURPOSE_LOGIN_REQUIRED flash { text: 'x' }"),
            v1::OUTCOME_REDIRECT);
}

}  // namespace
}  // namespace fingerpost::decide
