// One HTTP/1.1 connection: reads a request, gets its answer, writes it, and repeats.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "server/http/port.h"

namespace fingerpost {

// Serves the connection from now on. `peer`: its other end. `host`: the host that it counts for.
void Serve(HttpPort& port, boost::asio::ip::tcp::socket socket, std::string peer, std::string host);

}  // namespace fingerpost
