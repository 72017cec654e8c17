// The corpus against the core.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden/core_transport.h"
#include "golden/runner.h"

namespace fingerpost::golden {
namespace {

std::string TestName(const testing::TestParamInfo<std::string>& file) {
  std::string name = file.param.substr(0, file.param.rfind('.'));
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

class Core : public testing::TestWithParam<std::string> {};

TEST_P(Core, AnswersEveryRow) {
  CoreTransport core;
  for (const std::string& failure : RunFile(GetParam(), core)) ADD_FAILURE() << failure;
}

INSTANTIATE_TEST_SUITE_P(Golden, Core, testing::ValuesIn(Files()), TestName);

}  // namespace
}  // namespace fingerpost::golden
