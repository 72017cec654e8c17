// An HTTP server on the loopback interface that gives a test's responses, and records the requests.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fingerpost {

class Site {
 public:
  // `pages`: the whole response to each "METHOD /path"; 404 otherwise. A response "" never comes,
  // nor does missing content that Content-Length promises.
  explicit Site(std::map<std::string, std::string> pages);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  // "http://127.0.0.1:4711"
  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The same server under another origin.
  [[nodiscard]] std::string other_origin() const {
    return "http://localhost:" + std::to_string(port_);
  }
  void Set(const std::string& page, const std::string& response);

  // Every request so far, octet by octet.
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  void Serve();
  void Answer(int connection);
  // Records the request, and returns its response.
  std::string Response(const std::string& request);

  mutable std::mutex mutex_;
  std::map<std::string, std::string> pages_;
  int listener_;
  int port_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// "HTTP/1.1 302 Found\r\nLocation: ...\r\n\r\n" with more fields.
[[nodiscard]] std::string Redirect(int status, const std::string& location,
                                   const std::string& fields = "");
// A 200 with content.
[[nodiscard]] std::string Page(const std::string& content = "ok");

}  // namespace fingerpost
