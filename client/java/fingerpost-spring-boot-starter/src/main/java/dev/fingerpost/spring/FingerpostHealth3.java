package dev.fingerpost.spring;

import dev.fingerpost.Client;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** For Boot 3. Always UP: without the service the application goes on, so nobody should restart it. The details say how. */
final class FingerpostHealth3 implements HealthIndicator {
  private final Client client;

  FingerpostHealth3(Client client) {
    this.client = client;
  }

  @Override
  public Health health() {
    Health.Builder up = Health.up();
    HealthDetails.of(client.policy()).forEach(up::withDetail);
    return up.build();
  }
}
