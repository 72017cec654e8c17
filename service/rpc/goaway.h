// GOAWAY on every connection: clients send their next call elsewhere.
//
// grpc::Server::Shutdown sends it, too, but returns when all calls are over: too late for calls
// that wait for it.
#pragma once

#include <grpc/grpc.h>
#include <grpcpp/server.h>

namespace fingerpost {

// From its construction on no new call is accepted. Shutdown of the server is still to be called,
// before this goes.
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
