#include "policy/document/json_schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fingerpost::policy::document {
namespace {

using Json = nlohmann::ordered_json;

Json Schema() { return Json::parse(JsonSchema("fingerpost.v1.Policy")); }

void CollectReferences(const Json& schema, std::vector<std::string>& found) {
  if (schema.is_object() && schema.contains("$ref") && schema["$ref"].is_string()) {
    found.push_back(schema["$ref"]);
  }
  for (const Json& member : schema) {
    if (member.is_structured()) CollectReferences(member, found);
  }
}

TEST(JsonSchema, DefinesEveryMessageThatItRefersTo) {
  const Json schema = Schema();
  EXPECT_EQ(schema["title"], "Policy");
  EXPECT_EQ(schema["$ref"], "#/$defs/Policy");
  std::vector<std::string> references;
  CollectReferences(schema, references);
  EXPECT_GT(references.size(), schema["$defs"].size());
  for (const std::string& reference : references) {
    EXPECT_TRUE(schema.contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
}

TEST(JsonSchema, RefusesWhatAMessageDoesNotHave) {
  const Json definitions = Schema()["$defs"];
  ASSERT_FALSE(definitions.empty());
  for (const auto& [name, message] : definitions.items()) {
    EXPECT_EQ(message["additionalProperties"], false) << name;
    EXPECT_FALSE(message["description"].get<std::string>().empty()) << name;
  }
}

TEST(JsonSchema, FieldsKeepTheOrderOfTheProto) {
  const Json properties = Schema()["$defs"]["Policy"]["properties"];
  std::vector<std::string> names;
  for (const auto& [name, field] : properties.items()) names.push_back(name);
  EXPECT_EQ(names,
            std::vector<std::string>({"defaults", "hosts", "intents", "rules", "maps", "include"}));
}

TEST(JsonSchema, WritesEachKindOfField) {
  const Json schema = Schema();
  const auto field = [&schema](const std::string& path) {
    return schema.at(Json::json_pointer("/$defs/" + path));
  };
  EXPECT_EQ(field("Policy/properties/intents/additionalProperties/$ref"), "#/$defs/NamedIntent");
  EXPECT_EQ(field("Policy/properties/rules/items/$ref"), "#/$defs/Rule");
  EXPECT_EQ(field("Intent/properties/target/type"), Json({"string", "number", "boolean"}));
  EXPECT_EQ(field("Intent/properties/retry_after/pattern"), R"(^-?[0-9]+(\.[0-9]{1,9})?s$)");
  EXPECT_EQ(field("Intent/properties/pinned_status/type"), "integer");
  EXPECT_EQ(field("Window/properties/from/format"), "date-time");
  EXPECT_EQ(field("WeightedTarget/properties/weight/minimum"), 0);
  EXPECT_EQ(field("Share/properties/percent/type"), "number");
  EXPECT_EQ(field("Rule/properties/shadow/type"), "boolean");
}

TEST(JsonSchema, NamesEnumValuesShortlyWithTheirMeaning) {
  const Json purposes = Schema()["$defs"]["Intent"]["properties"]["purpose"]["oneOf"];
  EXPECT_EQ(purposes[0]["const"], "form_result");
  EXPECT_TRUE(
      purposes[0]["description"].get<std::string>().starts_with("The request was processed;"));
  for (const Json& purpose : purposes) EXPECT_NE(purpose["const"], "unspecified");
}

TEST(JsonSchema, TakesOneMemberOfAOneof) {
  const Json pairs = Schema()["$defs"]["Match"]["not"]["anyOf"];
  EXPECT_NE(std::find(pairs.begin(), pairs.end(), Json({{"required", {"path", "path_prefix"}}})),
            pairs.end());
}

}  // namespace
}  // namespace fingerpost::policy::document
