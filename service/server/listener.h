// The addresses that gRPC listens on: which of them other machines reach, and why one fails.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost {

// The prefix of the address of a socket in the file system.
inline constexpr std::string_view kSocketScheme = "unix:";

// "127.0.0.1:50051", "[::]:50051", "localhost:50051": a host, and a port from 0 to 65535.
[[nodiscard]] bool IsHostPort(std::string_view address);

// "127.0.0.1:50051", "[::1]:50051", "localhost:50051" and "unix:PATH": only this machine reaches
// them.
[[nodiscard]] bool IsLoopback(const std::string& address);

// Whether somebody listens on that socket in the file system. gRPC would replace it.
[[nodiscard]] bool IsSocketTaken(const std::string& address);

// The system's reason why this process cannot listen there: "Address already in use". gRPC fails
// without a reason.
[[nodiscard]] std::string WhyNot(const std::string& address);

// `address` with the actual port in place of port 0.
[[nodiscard]] std::string WithPort(const std::string& address, int port);

}  // namespace fingerpost
