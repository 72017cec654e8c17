// A daemon with a policy of its own, and one request to it as octets.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "server/daemon.h"
#include "server/http_client.h"

namespace fingerpost::testing {

// A directory that ends with the test.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  [[nodiscard]] std::string Path(const std::string& name) const { return (path_ / name).string(); }
  // Returns the file's path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

// Of a request "METHOD TARGET HTTP/1.1"; `fields`: lines with their CR LF.
[[nodiscard]] std::string Request(const std::string& line, const std::string& fields,
                                  const std::string& content = "");

// The first value of a field, "(absent)" without one.
[[nodiscard]] std::string FieldOf(const HttpResponse& response, const std::string& name);

// Field lines in alphabetical order, but those of the connection: Date, Connection.
[[nodiscard]] std::vector<std::string> LinesOf(const HttpResponse& response);

// The value of a series without line end, -1 without it.
[[nodiscard]] double Metric(const Daemon& daemon, const std::string& series);

}  // namespace fingerpost::testing
