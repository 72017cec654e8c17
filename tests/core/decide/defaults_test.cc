// The policy's defaults.
#include <gmock/gmock.h>

#include <string>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

// The policy's defaults hold where the intent is silent, and only there.
TEST(PolicyDefaults, AreForWhatTheIntentLeavesOpen) {
  const auto told = [](const std::string& intent, const std::string& policy) {
    const v1::DecideResponse answer =
        Ask("request { method: 'POST' url: 'https://a.test/x' } intent { purpose: "
            "PURPOSE_FORM_RESULT target: 'https://b.test/' " +
                intent + " }",
            policy);
    return v1::Outcome_Name(answer.outcome()).substr(8) + " " + FieldOf(answer, "Location");
  };
  EXPECT_EQ(told("", ""), "REFUSE <none>");
  EXPECT_EQ(told("", "allowed_hosts: 'b.test'"), "REDIRECT https://b.test/");
  EXPECT_EQ(told("", "allowed_hosts: 'c.test'"), "REFUSE <none>");
  EXPECT_EQ(told("", "unsafe_target: UNSAFE_TARGET_REPORT_ONLY"), "REDIRECT https://b.test/");
  EXPECT_EQ(told("unsafe_target: UNSAFE_TARGET_REFUSE", "unsafe_target: UNSAFE_TARGET_REPORT_ONLY"),
            "REFUSE <none>");
  // The policy vouches for its own fallback; one that a caller names is an end user's target.
  const std::string fall_back = "unsafe_target: UNSAFE_TARGET_FALL_BACK ";
  EXPECT_EQ(told("", fall_back + "fallback_target: 'https://safe.test/'"),
            "REDIRECT https://safe.test/");
  EXPECT_EQ(told("fallback_target: 'https://safe.test/'", fall_back), "REFUSE <none>");
  EXPECT_EQ(told("fallback_target: '/home'", fall_back + "fallback_target: 'https://safe.test/'"),
            "REDIRECT /home");
}

TEST(PolicyDefaults, LegacyAndTheNameOfTheFlashCookie) {
  const auto status = [](const std::string& intent) {
    return Ask("request { method: 'GET' url: 'https://a.test/x' } intent { purpose: "
               "PURPOSE_PERMANENT_MOVE target: '/y' " +
                   intent + " }",
               "compatibility: COMPATIBILITY_LEGACY")
        .status();
  };
  EXPECT_EQ(status(""), 301);
  EXPECT_EQ(status("compatibility: COMPATIBILITY_LEGACY"), 301);
  EXPECT_EQ(status("compatibility: COMPATIBILITY_MODERN"), 308);

  const auto cookie = [](const std::string& flash) {
    return FieldOf(Ask("request { method: 'POST' url: 'https://a.test/x' } intent { purpose: "
                       "PURPOSE_FORM_RESULT target: '/y' flash { text: 't' " +
                           flash + " } }",
                       "flash_cookie: 'note'"),
                   "Set-Cookie");
  };
  EXPECT_THAT(cookie(""), testing::StartsWith("__Host-note=t;"));
  EXPECT_THAT(cookie("name: 'mine'"), testing::StartsWith("__Host-mine=t;"));
}

}  // namespace
}  // namespace fingerpost::decide
