#include "core/message/place.h"

#include <gtest/gtest.h>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace fingerpost::message {
namespace {

// A temporary that had children would be gone before they are looked at.
template <typename Parent>
concept HasChildren = requires(Parent parent) {
  std::forward<Parent>(parent)["url"];
};
static_assert(HasChildren<const Place&> && !HasChildren<Place>);

TEST(Place, IsWrittenStepByStep) {
  const Place whole;
  EXPECT_EQ(ToString(whole), "");
  EXPECT_EQ(ToString(whole["now"]), "now");
  const Place request("request");
  const Place fields = request["headers"];
  EXPECT_EQ(ToString(request["url"]), "request.url");
  EXPECT_EQ(ToString(fields[3]), "request.headers[3]");
  EXPECT_EQ(ToString(fields.Element(3, "value")), "request.headers[3].value");
}

TEST(Place, HasAStepForEachMember) {
  const Place rules("rules");
  const Path path = rules.Element(3, "match.path").ToPath();
  ASSERT_EQ(path.size(), 4U);
  EXPECT_EQ(path[1].index, 3U);
  EXPECT_EQ(path[2].name, "match");
  EXPECT_EQ(path[3].name, "path");
}

TEST(Place, QuotesAKeyThatIsNoName) {
  const Place intents("intents");
  EXPECT_EQ(ToString(intents.Key("order_placed")), "intents.order_placed");
  EXPECT_EQ(ToString(intents.QuotedKey("order_placed")), "intents[\"order_placed\"]");
  EXPECT_EQ(ToString(intents.Key("")), "intents[\"\"]");
  const Place odd = intents.Key("a.b");
  EXPECT_EQ(ToString(odd["intent.target"]), "intents[\"a.b\"].intent.target");
  EXPECT_EQ(odd["intent"].ToPath().size(), 3U) << "the dot of a key parts nothing";
}

TEST(Place, ShowsNothingThatIsLongOrUnprintable) {
  const Place parameters("parameters");
  EXPECT_EQ(ToString(parameters.Key("\x1b[2J\"é")), "parameters[\"\\x1b[2J\\\"é\"]");
  const std::string most(64, 'x');
  EXPECT_EQ(ToString(parameters.Key(most)), "parameters." + most);
  EXPECT_EQ(ToString(parameters.Key(most + "y")), "parameters[\"" + most + "...\"]");
}

TEST(Path, ContainsWhatIsBelowIt) {
  const Place rules("rules");
  const Path match = rules.Element(3, "match").ToPath();
  EXPECT_TRUE(IsPartOf(match, match));
  EXPECT_TRUE(IsPartOf(match, rules.Element(3, "match.path").ToPath()));
  EXPECT_TRUE(IsPartOf({}, match));
  EXPECT_FALSE(IsPartOf(rules.Element(3, "match.path").ToPath(), match));
  EXPECT_FALSE(IsPartOf(match, rules.Element(3, "matches").ToPath()));
  EXPECT_FALSE(IsPartOf(match, rules.Element(33, "match").ToPath()));
}

}  // namespace
}  // namespace fingerpost::message
