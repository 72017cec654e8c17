// The corpus against the core.

#include <gtest/gtest.h>

#include "golden/core_transport.h"
#include "golden/file_name.h"
#include "golden/runner.h"

namespace fingerpost::golden {
namespace {

class Core : public testing::TestWithParam<std::string> {};

TEST_P(Core, AnswersEveryRow) {
  CoreTransport core;
  for (const std::string& failure : RunFile(GetParam(), core)) ADD_FAILURE() << failure;
}

INSTANTIATE_TEST_SUITE_P(Golden, Core, testing::ValuesIn(Files()), TestName);

}  // namespace
}  // namespace fingerpost::golden
