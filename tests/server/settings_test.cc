// The table of settings, and the precedence of sources.
#include "server/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "server/command_line.h"
#include "server/failure.h"

namespace fingerpost {
namespace {

TEST(Settings, EveryDefinitionIsCompleteAndUnique) {
  std::set<std::string_view> names;
  for (const Definition& definition : Definitions()) {
    EXPECT_TRUE(names.insert(definition.name).second) << definition.name;
    EXPECT_FALSE(definition.help.empty()) << definition.name;
    EXPECT_FALSE(definition.why.empty()) << definition.name;
    // Kubernetes sets these in every container for a Service named fingerpost.
    EXPECT_NE(VariableName(definition), "FINGERPOST_PORT");
    EXPECT_NE(VariableName(definition).rfind("FINGERPOST_SERVICE_", 0), 0U);
  }
}

TEST(Settings, EveryDefaultIsAValueThatMayBeGiven) {
  const Settings defaults;
  for (const Definition& definition : Definitions()) {
    Settings settings;
    const std::string shown = Show(definition, defaults);
    EXPECT_TRUE(Apply(definition, shown, settings)) << definition.name;
    EXPECT_EQ(Show(definition, settings), shown) << definition.name;
  }
}

const Definition& Find(std::string_view name) {
  for (const Definition& definition : Definitions()) {
    if (definition.name == name) return definition;
  }
  throw std::invalid_argument(std::string(name));
}

TEST(Settings, ReadsUnits) {
  Settings settings;
  const auto size = [&](const char* text) {
    return Apply(Find("max-message-size"), text, settings) ? settings.max_message_size : -1;
  };
  EXPECT_EQ(size("4096"), 4096);
  EXPECT_EQ(size("256KiB"), 256 << 10);
  EXPECT_EQ(size("64MiB"), 64 << 20);
  for (const char* wrong :
       {"", "65MiB", "1000", "KiB", "-4096", "4096 ", "1e4", "4KB", "99999999999999999999"}) {
    EXPECT_EQ(size(wrong), -1) << wrong;
  }
  const auto time = [&](const char* text) {
    return Apply(Find("drain-delay"), text, settings) ? settings.drain_delay : Duration(-1);
  };
  using namespace std::chrono_literals;
  EXPECT_EQ(time("250ms"), 250ms);
  EXPECT_EQ(time("5s"), 5s);
  EXPECT_EQ(time("5"), 5s);
  EXPECT_EQ(time("2m"), 2min);
  EXPECT_EQ(time("0"), 0s);
  for (const char* wrong : {"", "6m", "1h", "-1s", "soon", "1.5s"}) {
    EXPECT_EQ(time(wrong), Duration(-1)) << wrong;
  }
}

class Precedence : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(path_) << "max-batch: 1\nmax-calls: 1\nthreads: 1\n";
    setenv("FINGERPOST_MAX_BATCH", "2", 1);
    setenv("FINGERPOST_MAX_CALLS", "2", 1);
    setenv("FINGERPOST_LOG_LEVEL", "", 1);
  }
  void TearDown() override {
    unsetenv("FINGERPOST_MAX_BATCH");
    unsetenv("FINGERPOST_MAX_CALLS");
    unsetenv("FINGERPOST_LOG_LEVEL");
    std::remove(path_.c_str());
  }
  const std::string path_ = testing::TempDir() + "precedence-" + std::to_string(getpid()) + ".yaml";
};

TEST_F(Precedence, FlagsWinOverVariablesOverTheFile) {
  const char* argv[] = {"fingerpostd", "--config", path_.c_str(), "--max-batch=3", "--insecure"};
  const Settings settings = ParseCommandLine(5, argv).settings;
  EXPECT_EQ(settings.max_batch, 3);
  EXPECT_EQ(settings.max_calls, 2);
  EXPECT_EQ(settings.threads, 1);
  EXPECT_TRUE(settings.insecure);
  EXPECT_EQ(settings.log_level, "info") << "an empty variable is one that is not set";
}

}  // namespace
}  // namespace fingerpost
