package dev.fingerpost;

import com.google.gson.Gson;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The channels: the shared service config, keepalive, who we are. */
final class Channels {
  /** Octets of the largest message and file that is read. The service hands out at most 10 MiB. */
  static final int LARGEST = 16 << 20;

  /** The service closes idle connections by its own clock; a ping each half minute keeps middleboxes from doing it first. */
  private static final long KEEPALIVE_SECONDS = 30;

  private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;

  /** gRPC waits up to two minutes before it connects again, and cannot be told otherwise: it is reminded. */
  private static final long REMIND_MILLIS = 2_500;

  private static final Map<String, ?> CONFIG = config();

  private Channels() {}

  static ManagedChannel open(String address, Transport transport) {
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(target(address), transport.credentials)
            .defaultServiceConfig(CONFIG)
            .disableServiceConfigLookUp()
            .enableRetry()
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .maxInboundMessageSize(LARGEST)
            .userAgent("fingerpost-java/" + Client.VERSION);
    if (transport.serverName != null) {
      builder.overrideAuthority(transport.serverName);
    }
    ManagedChannel channel = builder.build();
    Thread reminder = new Thread(() -> remind(channel), "fingerpost-connection");
    reminder.setDaemon(true);
    reminder.start();
    return channel;
  }

  private static void remind(ManagedChannel channel) {
    try {
      while (!channel.awaitTermination(REMIND_MILLIS, TimeUnit.MILLISECONDS)) {
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
          channel.resetConnectBackoff();
        }
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@code host:port} resolved by DNS, so that round-robin sees every address. */
  static String target(String address) {
    return address.contains("://") || address.startsWith("unix:") ? address : "dns:///" + address;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, ?> config() {
    try (InputStream in = Objects.requireNonNull(Channels.class.getResourceAsStream("service_config.json"))) {
      return new Gson().fromJson(new InputStreamReader(in, StandardCharsets.UTF_8), Map.class);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
