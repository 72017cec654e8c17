#include "rpc/goaway.h"

#include <grpc/support/time.h>

namespace fingerpost {

Goaway::Goaway(grpc::Server& server) : over_(grpc_completion_queue_create_for_next(nullptr)) {
  grpc_server_shutdown_and_notify(server.c_server(), over_, nullptr);
}

Goaway::~Goaway() {
  grpc_completion_queue_shutdown(over_);
  const gpr_timespec forever = gpr_inf_future(GPR_CLOCK_REALTIME);
  while (grpc_completion_queue_next(over_, forever, nullptr).type != GRPC_QUEUE_SHUTDOWN) {
  }
  grpc_completion_queue_destroy(over_);
}

}  // namespace fingerpost
