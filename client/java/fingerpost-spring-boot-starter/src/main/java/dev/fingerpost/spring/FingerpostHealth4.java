package dev.fingerpost.spring;

import dev.fingerpost.Client;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** For Boot 4. Always UP: without the service the application goes on, so nobody should restart it. The details say how. */
final class FingerpostHealth4 implements HealthIndicator {
  private final Client client;

  FingerpostHealth4(Client client) {
    this.client = client;
  }

  @Override
  public Health health() {
    Health.Builder up = Health.up();
    HealthDetails.of(client.policy()).forEach(up::withDetail);
    return up.build();
  }
}
