// GOAWAY on every connection: clients send their next call elsewhere.
//
// grpc::Server::Shutdown sends it, too, but returns only when all calls are over: too late for
// calls that wait for GOAWAY.
#pragma once

#include <grpc/grpc.h>
#include <grpcpp/server.h>

namespace fingerpost {

// Once it is constructed, no new call is accepted. The server must still be shut down before this
// is destroyed.
class Goaway {
 public:
  explicit Goaway(grpc::Server& server);
  ~Goaway();
  Goaway(const Goaway&) = delete;
  Goaway& operator=(const Goaway&) = delete;

 private:
  grpc_completion_queue* const over_;
};

}  // namespace fingerpost
