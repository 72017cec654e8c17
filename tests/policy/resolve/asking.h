// A policy as text, and its answers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "done.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::policy::resolve {

inline compiled::SnapshotPtr Load(std::string_view text) {
  const load::Loaded loaded = load::FromText(text, "p.yaml");
  for (const message::Fault& problem : loaded.problems) ADD_FAILURE() << message::ToString(problem);
  return loaded.snapshot;
}

inline v1::DecideResponse Ask(const compiled::SnapshotPtr& snapshot,
                              const v1::DecideRequest& request) {
  v1::DecideResponse out;
  v1::Error error;
  EXPECT_TRUE(IsDone(Decide(*snapshot, request, out), error)) << error.DebugString();
  return out;
}

inline v1::DecideRequest Get(const std::string& url) {
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_request()->set_url(url);
  request.mutable_now()->set_seconds(1767225600);
  return request;
}

inline std::string Field(const v1::DecideResponse& response, std::string_view name) {
  for (const v1::Header& header : response.headers()) {
    if (header.name() == name) return header.value();
  }
  return "(absent)";
}

}  // namespace fingerpost::policy::resolve
