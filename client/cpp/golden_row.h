// One row of a fake (client/README.md, "Fakes").
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "fingerpost/v1/answer.pb.h"

namespace fingerpost::testing {

class GoldenRow {
 public:
  using Json = nlohmann::json;
  // The texts of the wildcards.
  using Found = std::map<std::string, std::string>;

  // Throws std::invalid_argument.
  explicit GoldenRow(const Json& row);

  // "decide" or "follow".
  [[nodiscard]] const std::string& kind() const { return kind_; }
  // Nothing: the row is about another question.
  [[nodiscard]] std::optional<Found> Fits(const Json& question) const;
  // False: the answer is `error`. Throws std::invalid_argument when the row is no answer.
  bool Answer(const Json& question, const Found& found, google::protobuf::Message& out,
              v1::Error& error) const;

 private:
  std::string kind_;
  Json question_;
  Json expect_;
  std::set<std::string> ignored_;
};

// A message as rows are compared with it.
[[nodiscard]] GoldenRow::Json AsJson(const google::protobuf::Message& message);

}  // namespace fingerpost::testing
