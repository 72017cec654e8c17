package dev.fingerpost.spring;

import dev.fingerpost.FingerpostException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Counts the fallbacks. */
final class Fallbacks implements Consumer<FingerpostException> {
  private final Map<String, LongAdder> byCode = new ConcurrentHashMap<>();

  @Override
  public void accept(FingerpostException error) {
    byCode.computeIfAbsent(error.code(), code -> new LongAdder()).increment();
  }

  double total() {
    return byCode.values().stream().mapToLong(LongAdder::sum).sum();
  }
}
