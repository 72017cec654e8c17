package dev.fingerpost.spring;

import dev.fingerpost.Engine;
import dev.fingerpost.OnError;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the client and of what comes before every page.
 *
 * @param address of the service: host:port
 * @param transport how to reach it; there is no default
 * @param tls files of TLS
 * @param engine who answers
 * @param onError what a caller gets when nobody answers
 * @param timeout deadline of a question that travels, over all attempts; by default 100 ms
 * @param policyFile where the process keeps the last good policy
 * @param hosts the hosts whose rules this process needs; none: all
 * @param intents the named intents that this process needs; none: all
 * @param rules whether the policy's rules come before every page
 * @param fields request fields that the rules look at, beside those that are always sent
 * @param exempt paths that the rules never see, with everything below them
 */
@ConfigurationProperties("fingerpost")
public record FingerpostProperties(
    @DefaultValue("127.0.0.1:50051") String address,
    @Nullable TransportKind transport,
    @DefaultValue Tls tls,
    @DefaultValue("auto") Engine engine,
    @DefaultValue("fallback") OnError onError,
    @Nullable Duration timeout,
    @Nullable Path policyFile,
    @DefaultValue List<String> hosts,
    @DefaultValue List<String> intents,
    @DefaultValue("true") boolean rules,
    @DefaultValue List<String> fields,
    @DefaultValue List<String> exempt) {

  /** How the service is reached. */
  public enum TransportKind {
    /** TLS. */
    TLS,
    /** No encryption: loopback, or inside a mesh that adds it. */
    PLAINTEXT
  }

  /**
   * Files of TLS, in PEM.
   *
   * @param authorities the roots; by default those of this Java
   * @param certificate the client's certificate
   * @param key its private key
   * @param serverName the name that the server's certificate must have; by default the address's
   */
  public record Tls(@Nullable File authorities, @Nullable File certificate, @Nullable File key, @Nullable String serverName) {}
}
