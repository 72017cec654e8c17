// Ends requests whose content comes too slowly.
//
// civetweb bounds how long it waits for each piece of the content, and not for all of it: a client
// that sends an octet now and then would hold a thread for hours.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace fingerpost {

// Thread-safe.
class SlowRequests {
 public:
  // `port`: the server's own, 0 as long as it is not known; `patience`: for the content of one
  // request.
  SlowRequests(const std::atomic<int>& port, std::chrono::milliseconds patience);
  ~SlowRequests();
  SlowRequests(const SlowRequests&) = delete;
  SlowRequests& operator=(const SlowRequests&) = delete;

  // Reading the content of a request, while it lives. When it takes too long no more comes.
  class Reading {
   public:
    // `peer`: the client's address and port, "192.0.2.1:4242".
    Reading(SlowRequests& all, std::string peer);
    ~Reading();
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    friend class SlowRequests;
    struct Entry {
      std::string peer;
      std::chrono::steady_clock::time_point end;
      bool is_over = false;
    };
    SlowRequests& all_;
    std::list<Entry>::iterator entry_;
  };

 private:
  void Run();

  const std::atomic<int>& port_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool idle_ = false;                  // The thread waits without an end.
  std::list<Reading::Entry> waiting_;  // the oldest first
  std::list<Reading::Entry> over_;     // was told to end
  std::thread thread_;
};

}  // namespace fingerpost
