// envoy.service.auth.v3.Authorization: redirects from the policy for Envoy, Istio and Envoy
// Gateway, without a backend.
#pragma once

#include <grpcpp/support/status.h>

#include "envoy/service/auth/v3/external_auth.pb.h"
#include "fingerpost/v1/decide.pb.h"
#include "rpc/redirect_service.h"

namespace fingerpost {

// Turns the attributes into a question for the policy's rules. The URL has scheme, host and path as
// Envoy received them; X-Forwarded-* never choose a host.
[[nodiscard]] v1::DecideRequest FromEnvoy(const envoy::service::auth::v3::CheckRequest& check);

// REDIRECT and RESPOND deny the request and answer it. Everything else lets it pass: PASS, FORWARD,
// a redirect that is refused as unsafe, and a malformed request, which the backend judges. `answer`
// gets the decision behind it, and is empty without one.
[[nodiscard]] grpc::Status CheckForEnvoy(const RedirectService& service,
                                         const envoy::service::auth::v3::CheckRequest& check,
                                         envoy::service::auth::v3::CheckResponse& response,
                                         v1::DecideResponse& answer, Deadline deadline);

}  // namespace fingerpost
