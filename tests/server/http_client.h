// One HTTP/1.1 exchange over a socket, byte by byte as the test wants it.
#pragma once

#include <string>

namespace fingerpost::testing {

struct HttpResponse {
  int status = 0;
  std::string fields;  // the field lines
  std::string body;
};

// Sends `request` as it stands to "HOST:PORT" and reads to the end of the connection.
[[nodiscard]] HttpResponse Exchange(const std::string& address, const std::string& request);

[[nodiscard]] HttpResponse Get(const std::string& address, const std::string& path);
[[nodiscard]] HttpResponse PostJson(const std::string& address, const std::string& path,
                                    const std::string& body);

}  // namespace fingerpost::testing
