// This process's own TCP sockets, which civetweb opens and does not show.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace fingerpost {

// Each TCP socket whose port at this end it is: listeners and connections.
void ForEachSocket(int port, const std::function<void(int fd)>& visit);

[[nodiscard]] bool IsListener(int fd);

// "192.0.2.1:4242", "2001:db8::1:4242": who is at the other end, as civetweb spells it; "" for
// none.
[[nodiscard]] std::string PeerOf(int fd);

// Nothing more is accepted or read; what is being answered is still written.
void StopReading(int fd);

// Says that nothing more is written, and drops what still comes until the other end closes too, for
// so long at the most.
void Linger(int fd, std::chrono::milliseconds longest);

}  // namespace fingerpost
