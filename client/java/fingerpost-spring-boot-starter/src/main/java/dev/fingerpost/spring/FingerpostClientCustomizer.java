package dev.fingerpost.spring;

import dev.fingerpost.Client;

/** Changes what the settings say, before the client is made. */
@FunctionalInterface
public interface FingerpostClientCustomizer {
  /**
   * Changes the client.
   *
   * @param builder as the settings say
   */
  void customize(Client.Builder builder);
}
