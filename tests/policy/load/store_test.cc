#include "policy/load/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace fingerpost::policy::load {
namespace {

compiled::SnapshotPtr Version(const std::string& version) {
  auto snapshot = std::make_shared<compiled::Snapshot>();
  snapshot->version = version;
  return snapshot;
}

TEST(Store, GivesWhatWasSetLast) {
  Store store(Version("1"));
  EXPECT_EQ(store.Get()->version, "1");
  store.Set(Version("2"));
  EXPECT_EQ(store.Get()->version, "2");
}

TEST(Store, ARequestKeepsItsSnapshotAndTheWriterFreesIt) {
  Store store(Version("1"));
  compiled::SnapshotPtr used = store.Get();
  const std::weak_ptr<const compiled::Snapshot> watched = used;
  store.Set(Version("2"));
  EXPECT_EQ(used->version, "1");
  EXPECT_EQ(store.Reap(), 1U);
  used.reset();
  EXPECT_FALSE(watched.expired()) << "the request's thread must not be the one that frees it";
  EXPECT_EQ(store.Reap(), 0U);
  EXPECT_TRUE(watched.expired());
}

TEST(Store, ReadersSeeWholeVersionsInOrder) {
  Store store(Version("00000"));
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  std::atomic<int> faults = 0;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      std::string last;
      while (!done) {
        const compiled::SnapshotPtr snapshot = store.Get();
        if (snapshot->version < last) ++faults;
        last = snapshot->version;
      }
    });
  }
  for (int i = 1; i <= 2000; ++i) {
    std::string version = std::to_string(i);
    store.Set(Version(std::string(5 - version.size(), '0') + version));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(store.Reap(), 0U);
}

}  // namespace
}  // namespace fingerpost::policy::load
