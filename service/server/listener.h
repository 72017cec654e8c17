// Where gRPC listens: which addresses other machines reach, and why one cannot be listened on.
#pragma once

#include <string>

namespace fingerpost {

// "127.0.0.1:50051", "[::1]:50051", "localhost:50051" and "unix:PATH": nobody but this machine.
[[nodiscard]] bool IsLoopback(const std::string& address);

// Why this process cannot listen there, from the system: "Address already in use". For the error
// after gRPC, which does not say why, has failed.
[[nodiscard]] std::string WhyNot(const std::string& address);

// `address` with its port replaced by the one that port 0 became.
[[nodiscard]] std::string WithPort(const std::string& address, int port);

}  // namespace fingerpost
