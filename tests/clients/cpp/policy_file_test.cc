#include "policy_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <thread>

#include "client_policy.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;

class PolicyFile : public ::testing::Test {
 protected:
  PolicyFile() {
    fs::create_directory(directory);
    fs::create_directory(directory + "/other");
  }
  ~PolicyFile() override { fs::remove_all(directory); }

  const std::string directory =
      (fs::temp_directory_path() / ("fingerpost-files-" + std::to_string(getpid()))).string();
  const std::string path = directory + "/policy";
  std::string octets, problem;
  std::chrono::system_clock::time_point written;
};

TEST_F(PolicyFile, IsWrittenByManyAtOnce) {
  const std::string a(100'000, 'a'), b(100'000, 'b');
  const auto write = [&](const std::string& text) {
    std::string why;
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(WritePolicyFile(path, text, why)) << why;
  };
  std::thread other(write, a);
  write(b);
  other.join();
  ASSERT_TRUE(ReadPolicyFile(path, octets, written, problem)) << problem;
  EXPECT_TRUE(octets == a || octets == b);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), {}), 2);
}

TEST_F(PolicyFile, StaysALink) {
  fs::create_symlink("other/policy", path);
  for (const char* text : {"one", "two"}) {
    ASSERT_TRUE(WritePolicyFile(path, text, problem)) << problem;
    EXPECT_TRUE(fs::is_symlink(path));
    ASSERT_TRUE(ReadPolicyFile(directory + "/other/policy", octets, written, problem)) << problem;
    EXPECT_EQ(octets, text);
  }
}

TEST_F(PolicyFile, IsRegular) {
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(ReadPolicyFile(path, octets, written, problem));
  EXPECT_EQ(problem, path + ": expected a regular file");
  EXPECT_FALSE(WritePolicyFile(path, "one", problem));
  EXPECT_TRUE(fs::is_fifo(path));
}

TEST_F(PolicyFile, IsStaleSinceItsTime) {
  ASSERT_TRUE(WritePolicyFile(path, Teas("v1", "/teas").SerializeAsString(), problem)) << problem;
  fs::last_write_time(path, fs::last_write_time(path) - std::chrono::hours(48));
  const Client client("127.0.0.1:1", Transport::Plaintext(), {.policy_file = path});
  Hop hop;
  v1::Error error;
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error)) << error.message();
  EXPECT_EQ(client.policy().version, "v1");
  EXPECT_LT(client.policy().since, std::chrono::system_clock::now() - std::chrono::hours(47));
}

}  // namespace
}  // namespace fingerpost::testing
