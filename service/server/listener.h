// Where gRPC listens: which addresses other machines reach, and why one cannot be listened on.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost {

// How the address of a socket in the file system begins.
inline constexpr std::string_view kSocketScheme = "unix:";

// "127.0.0.1:50051", "[::]:50051", "localhost:50051": a host, and a port from 0 to 65535.
[[nodiscard]] bool IsHostPort(std::string_view address);

// "127.0.0.1:50051", "[::1]:50051", "localhost:50051" and "unix:PATH": nobody but this machine.
[[nodiscard]] bool IsLoopback(const std::string& address);

// Whether somebody listens on that socket in the file system. gRPC would take its place.
[[nodiscard]] bool IsSocketTaken(const std::string& address);

// Why this process cannot listen there, from the system: "Address already in use". For the error
// after gRPC, which does not say why, has failed.
[[nodiscard]] std::string WhyNot(const std::string& address);

// `address` with its port replaced by the one that port 0 became.
[[nodiscard]] std::string WithPort(const std::string& address, int port);

}  // namespace fingerpost
