#include "server/grpc_limits.h"

#include <grpc/grpc.h>
#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <utility>

namespace fingerpost {
namespace {

constexpr int kReadStep = 64 << 10;  // octets
constexpr int64_t kLargestMessages = 16;

}  // namespace

int64_t CallMemory(const Settings& settings) {
  return std::max(int64_t{settings.max_memory / 2}, kLargestMessages * settings.max_message_size);
}

int UnaskedLimit(const Settings& settings) {
  return std::max(settings.max_unasked_size,
                  2 * (settings.max_message_size + settings.max_metadata_size));
}

void SetLimits(const Settings& settings, grpc::ServerBuilder& builder) {
  const auto milliseconds = [](Duration time) { return static_cast<int>(time.count()); };
  const std::pair<const char*, int> arguments[] = {
      // Reads a connection in small steps, between which others have their turn.
      {GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kReadStep},
      {GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0},
      {GRPC_ARG_ENABLE_CHANNELZ, settings.channelz ? 1 : 0},
      {GRPC_ARG_MAX_METADATA_SIZE, settings.max_metadata_size},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, settings.max_streams},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, milliseconds(settings.max_connection_age)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, milliseconds(settings.max_connection_grace)},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(settings.max_connection_idle)},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, milliseconds(settings.handshake_timeout)},
      {GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(settings.keepalive_time)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(settings.keepalive_timeout)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
       milliseconds(settings.min_ping_interval)},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
  // gRPC reads a whole message before it checks its size. The calls themselves refuse messages
  // beyond --max-message-size, so that these count as asked.
  builder.SetMaxReceiveMessageSize(UnaskedLimit(settings));
  // gRPC does not limit decompression: a message of 1 MiB may become 1 GiB.
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }

  grpc::ResourceQuota quota("fingerpostd");
  quota.Resize(static_cast<size_t>(settings.max_memory / 2));
  builder.SetResourceQuota(quota);
}

}  // namespace fingerpost
