// The files of --tls-cert, --tls-key and --tls-client-ca: checked as a whole before they are used,
// and read again when they change. Faulty files never replace good ones.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/settings.h"

namespace boost::asio::ssl {
class context;
}

namespace fingerpost {

// The content of the files.
struct Identity {
  std::string identity;     // key and chain, PEM
  std::string authorities;  // of clients, PEM; "": clients need no certificate
  // Validity of the server's own certificate, in seconds since 1970-01-01 UTC.
  int64_t begin = 0;
  int64_t end = 0;
};

// Reads and checks them. Throws Failure.
[[nodiscard]] Identity ReadIdentity(const Settings& settings);

// Thread-safe.
class CertificateFiles {
 public:
  // Throws Failure. Checks the files for changes every settings.tls_refresh.
  explicit CertificateFiles(const Settings& settings);
  ~CertificateFiles();
  CertificateFiles(const CertificateFiles&) = delete;
  CertificateFiles& operator=(const CertificateFiles&) = delete;

  // For gRPC, which takes paths and checks nothing: files in memory that always hold the last good
  // content. "" without authorities.
  [[nodiscard]] std::string identity_path() const;
  [[nodiscard]] std::string authorities_path() const;

  // For the HTTP ports: the same.
  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> http_tls() const;

  struct State {
    int64_t end = 0;  // of the served certificate
    uint64_t reloads = 0;
    uint64_t failures = 0;
  };
  [[nodiscard]] State state() const;

 private:
  void Run();
  void Look();
  void CheckValidity(const Identity& next) const;
  void Publish(Identity identity);

  const Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  Identity identity_;  // the thread's, once it runs
  State state_;
  std::shared_ptr<boost::asio::ssl::context> http_tls_;
  std::string last_fault_;
  int identity_fd_ = -1;
  int authorities_fd_ = -1;
  std::thread thread_;
};

}  // namespace fingerpost
