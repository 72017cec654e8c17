package dev.fingerpost.spring;

import dev.fingerpost.Client;
import dev.fingerpost.PolicyState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** {@code fingerpost.fallbacks}, and {@code fingerpost.policy} with the state that it is in. What was answered, the service counts. */
final class FingerpostMetrics implements MeterBinder {
  private final Client client;
  private final Fallbacks fallbacks;

  FingerpostMetrics(Client client, Fallbacks fallbacks) {
    this.client = client;
    this.fallbacks = fallbacks;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("fingerpost.fallbacks", fallbacks, Fallbacks::total).description("Answers without the service and its policy").register(registry);
    for (PolicyState state : PolicyState.values()) {
      Gauge.builder("fingerpost.policy", client, one -> one.policy().state() == state ? 1 : 0)
          .tag("state", state.name())
          .description("1 for the state of the policy in this process")
          .register(registry);
    }
  }
}
