// The answers to requests that name an intent of the policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "done.h"
#include "policy/resolve/asking.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(NamedIntent, ParametersAreChecked) {
  const auto policy = Load(R"(
intents:
  order:
    intent: {purpose: form_result, target: "/orders/{id}?tab={tab}"}
    parameters:
      id: {type: integer}
      tab: {type: slug, default_value: all}
)");
  v1::DecideRequest request = Get("https://h.example/");
  request.mutable_request()->set_method("POST");
  request.set_intent_name("order");
  (*request.mutable_parameters())["id"] = "7";
  EXPECT_EQ(Field(Ask(policy, request), "Location"), "/orders/7?tab=all");
  (*request.mutable_parameters())["tab"] = "paid";
  EXPECT_EQ(Field(Ask(policy, request), "Location"), "/orders/7?tab=paid");

  (*request.mutable_parameters())["id"] = "7/../8";
  (*request.mutable_parameters())["tab"] = "a b";
  (*request.mutable_parameters())["tba"] = "x";
  v1::DecideResponse out;
  v1::Error error;
  EXPECT_FALSE(IsDone(Decide(*policy, request, out), error));
  std::vector<std::string> fields;
  for (const auto& violation : error.violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields,
              ElementsAre("parameters[\"id\"]", "parameters[\"tab\"]", "parameters[\"tba\"]"));
}

TEST(NamedIntent, ParametersFillTexts) {
  const auto policy = Load(R"(
defaults: {allowed_hosts: [client.example]}
intents:
  authorized:
    intent:
      purpose: authorization_response
      target: https://client.example/cb
      redirect_uris: [https://client.example/cb]
      response_parameters:
        - {name: code, value: "{code}"}
        - {name: state, value: "{state}"}
        - {name: note, value: "{} {not a name}"}
    parameters:
      code: {type: slug}
      state: {default_value: none}
  ordered:
    intent: {purpose: form_result, target: "/o/{id}", flash: {text: "Order {id} of {who}"}}
)");
  v1::DecideRequest request = Get("https://h.example/");
  request.mutable_request()->set_method("POST");
  request.set_intent_name("authorized");
  (*request.mutable_parameters())["code"] = "a~b";
  EXPECT_EQ(Field(Ask(policy, request), "Location"),
            "https://client.example/cb?code=a~b&state=none&note=%7B%7D%20%7Bnot%20a%20name%7D");
  (*request.mutable_parameters())["state"] = "x&code=forged#{code}";
  EXPECT_EQ(Field(Ask(policy, request), "Location"),
            "https://client.example/cb?code=a~b&state=x%26code%3Dforged%23%7Bcode%7D"
            "&note=%7B%7D%20%7Bnot%20a%20name%7D");

  request.set_intent_name("ordered");
  request.clear_parameters();
  (*request.mutable_parameters())["id"] = "7";
  (*request.mutable_parameters())["who"] = "Ana; Path=/ é";
  const auto ordered = Ask(policy, request);
  EXPECT_EQ(Field(ordered, "Location"), "/o/7");
  EXPECT_THAT(Field(ordered, "Set-Cookie"),
              HasSubstr("__Host-flash=Order%207%20of%20Ana%3B%20Path%3D%2F%20%C3%A9; "));

  request.clear_parameters();
  (*request.mutable_parameters())["id"] = "7";
  (*request.mutable_parameters())["what"] = "x";
  v1::DecideResponse out;
  v1::Error error;
  EXPECT_FALSE(IsDone(Decide(*policy, request, out), error));
  std::vector<std::string> fields;
  for (const auto& violation : error.violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields, ElementsAre("parameters[\"who\"]", "parameters[\"what\"]"));
}

TEST(NamedIntent, HasThePolicysTrust) {
  const auto policy = Load(R"(
defaults: {allowed_hosts: [pay.example]}
intents:
  pay: {intent: {purpose: form_result, target: "https://pay.example/{cart}"}}
)");
  v1::DecideRequest request = Get("https://h.example/");
  request.mutable_request()->set_method("POST");
  request.set_intent_name("pay");
  (*request.mutable_parameters())["cart"] = "//evil.example";
  EXPECT_EQ(Field(Ask(policy, request), "Location"), "https://pay.example/%2F%2Fevil.example");
}

}  // namespace
}  // namespace fingerpost::policy::resolve
