// The corpus over gRPC, and through the command-line client with and without a server.

#include <gtest/gtest.h>

#include "golden/cli_transport.h"
#include "golden/file_name.h"
#include "golden/grpc_transport.h"
#include "golden/runner.h"
#include "server/daemon.h"

namespace fingerpost::golden {
namespace {

class EveryWay : public ::testing::TestWithParam<std::string> {
 protected:
  static void ExpectEveryRow(Transport&& transport) {
    for (const std::string& failure : RunFile(GetParam(), transport)) ADD_FAILURE() << failure;
  }
};

TEST_P(EveryWay, OverGrpc) {
  const fingerpost::testing::Daemon service;
  ExpectEveryRow(GrpcTransport(service.address()));
}

TEST_P(EveryWay, ByTheCommandLineClient) { ExpectEveryRow(CliTransport()); }

TEST_P(EveryWay, ByTheCommandLineClientOverGrpc) {
  const fingerpost::testing::Daemon service;
  ExpectEveryRow(CliTransport(service.address()));
}

INSTANTIATE_TEST_SUITE_P(Golden, EveryWay, ::testing::ValuesIn(Files()), TestName);

}  // namespace
}  // namespace fingerpost::golden
