// A server made of a table, for tests of the walk of `fingerpost trace`.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "done.h"
#include "trace.h"

namespace fingerpost {

using cli::Exchange;
using cli::Journey;
using cli::Trace;

struct Reply {
  int status;
  std::string location;
  std::map<std::string, std::string> fields = {};
};
using Table = std::map<std::string, Reply>;  // by URL; 200 otherwise

inline Journey JourneyTo(const std::string& url, const std::string& method = "GET") {
  Journey journey;
  journey.request.set_method(method);
  journey.request.set_url(url);
  return journey;
}

// Walks through the table; `sent` gets every request.
inline Trace WalkThrough(const Journey& journey, const Table& table,
                         std::vector<v1::HttpRequest>* sent = nullptr) {
  const cli::Sender send = [&](const v1::HttpRequest& request, std::chrono::milliseconds,
                               Exchange& out) -> message::Result<void> {
    if (sent != nullptr) sent->push_back(request);
    const auto found = table.find(request.url());
    const Reply reply = found == table.end() ? Reply{200, ""} : found->second;
    out.version = "HTTP/1.1";
    out.response.set_status(reply.status);
    const auto add = [&](const std::string& name, const std::string& value) {
      v1::Header& header = *out.response.add_headers();
      header.set_name(name);
      header.set_value(value);
    };
    if (!reply.location.empty()) add("Location", reply.location);
    for (const auto& [name, value] : reply.fields) add(name, value);
    return {};
  };
  Trace trace;
  v1::Error error;
  EXPECT_TRUE(IsDone(cli::Walk(journey, send, trace), error)) << error.ShortDebugString();
  return trace;
}

// "too_long", "2 downgrade" for hop 2.
inline std::vector<std::string> Problems(const Trace& trace) {
  std::vector<std::string> problems;
  for (const auto& problem : trace.problems) {
    problems.push_back((problem.hop == 0 ? "" : std::to_string(problem.hop) + " ") + problem.code);
  }
  return problems;
}

}  // namespace fingerpost
