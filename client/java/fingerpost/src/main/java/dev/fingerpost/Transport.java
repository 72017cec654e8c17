package dev.fingerpost;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How the client reaches the service. There is no default: plaintext must be chosen explicitly. */
public final class Transport {
  final ChannelCredentials credentials;
  final @Nullable String serverName;

  private Transport(ChannelCredentials credentials, @Nullable String serverName) {
    this.credentials = credentials;
    this.serverName = serverName;
  }

  /**
   * No encryption and no authentication: loopback, or inside a mesh that adds both.
   *
   * @return plaintext
   */
  public static Transport plaintext() {
    return new Transport(InsecureChannelCredentials.create(), null);
  }

  /**
   * TLS with the roots of this Java.
   *
   * @return TLS
   */
  public static Transport tls() {
    return new Transport(TlsChannelCredentials.create(), null);
  }

  /**
   * TLS with roots of one's own, and with a client certificate.
   *
   * @param authorities PEM file of the roots; null: those of this Java
   * @param certificate PEM file of the client's certificate; null: none
   * @param key PEM file of its private key, PKCS #8; null: none
   * @param serverName the name that the server's certificate must have; null: the address's
   * @return TLS
   * @throws IOException if a file cannot be read
   */
  public static Transport tls(@Nullable File authorities, @Nullable File certificate, @Nullable File key, @Nullable String serverName) throws IOException {
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException("certificate and key belong together");
    }
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    if (authorities != null) {
      builder.trustManager(authorities);
    }
    if (certificate != null && key != null) {
      builder.keyManager(certificate, key);
    }
    return new Transport(builder.build(), serverName);
  }
}
