package dev.fingerpost;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.DecideResponse;
import dev.fingerpost.v1.FollowRequest;
import dev.fingerpost.v1.FollowResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a client answers inside its process, by the policy that it has there. */
class Inside {
  final Held held;

  /** What cannot be answered here is the service's. */
  final boolean asks;

  private final @Nullable Opener opener;
  private final Supplier<@Nullable Watcher> watch;
  private final boolean answers;
  private volatile @Nullable Watcher watcher;
  private volatile Opener.@Nullable Policy empty;
  private boolean begun;

  Inside(Engine where, @Nullable Opener opener, Held held, Supplier<@Nullable Watcher> watch) {
    this.held = held;
    this.asks = where != Engine.LOCAL;
    this.opener = opener;
    this.watch = watch;
    this.answers = opener != null && where != Engine.REMOTE;
  }

  /** Begins to watch, where that is of use. */
  @Nullable Watcher start() {
    return watcher != null || !answers ? watcher : begin();
  }

  private synchronized @Nullable Watcher begin() {
    if (!begun) {
      begun = true;
      watcher = watch.get();
    }
    return watcher;
  }

  /** Ends what start() began, and waits so long for it. */
  void end(long waitMillis) {
    Watcher running;
    synchronized (this) {
      begun = true;
      running = watcher;
    }
    if (running != null) {
      running.end(waitMillis);
    }
  }

  /** The answer by this process's policy. Null: the service is to be asked. */
  @Nullable DecideResponse decide(DecideRequest question) {
    if (!answers) {
      return null;
    }
    Opener.Policy policy = held.policy();
    start();
    if (policy == null) {
      leave(String.join("; ", prepended("there is no policy yet", held.status().problems())), null);
      return null;
    }
    try {
      return decideBy(policy, question);
    } catch (FingerpostException error) {
      leave(error.description(), error);
      return null;
    }
  }

  /** The answer, which depends on no policy. Null: the service is to be asked. */
  @Nullable FollowResponse follow(FollowRequest question) {
    Opener.Policy policy = answers ? held.policy() : null;
    if (policy == null) {
      policy = answers ? empty() : null;
    }
    if (policy == null) {
      return null;
    }
    start();
    try {
      return followBy(policy, question);
    } catch (FingerpostException error) {
      leave(error.description(), error);
      return null;
    }
  }

  /** What answers without any policy, whoever may be asked otherwise. */
  Opener.@Nullable Policy empty() {
    if (empty == null && opener != null) {
      empty = opener.open(new byte[0], "");
    }
    return empty;
  }

  static DecideResponse decideBy(Opener.Policy policy, DecideRequest question) {
    DecideRequest.Builder added = DecideRequest.newBuilder();
    if (!question.hasNow()) {
      added.setNow(now());
    }
    if (!question.hasDraw()) {
      added.setDraw(ThreadLocalRandom.current().nextInt());
    }
    try {
      return DecideResponse.parseFrom(policy.decide(joined(question.toByteArray(), added.build().toByteArray())));
    } catch (InvalidProtocolBufferException error) {
      throw new FingerpostException("INTERNAL", "the engine's answer cannot be read");
    }
  }

  static FollowResponse followBy(Opener.Policy policy, FollowRequest question) {
    byte[] octets = question.toByteArray();
    byte[] all = question.hasNow() ? octets : joined(octets, FollowRequest.newBuilder().setNow(now()).build().toByteArray());
    try {
      return FollowResponse.parseFrom(policy.follow(all));
    } catch (InvalidProtocolBufferException error) {
      throw new FingerpostException("INTERNAL", "the engine's answer cannot be read");
    }
  }

  /** To the service, unless the question is wrong. Where nobody is to be asked, that is an outage. */
  private void leave(String why, @Nullable FingerpostException error) {
    if (error != null && error.answered() && !error.reason().equals("NOT_IMPLEMENTED")) {
      throw error;
    }
    if (!asks) {
      throw new FingerpostException("UNAVAILABLE", why, "NOT_IMPLEMENTED", java.util.List.of());
    }
  }

  /** Octets of protobuf messages that follow each other are one message. */
  private static byte[] joined(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static Timestamp now() {
    Instant now = Instant.now();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  private static java.util.List<String> prepended(String first, java.util.List<String> rest) {
    java.util.List<String> all = new java.util.ArrayList<>(rest);
    all.add(0, first);
    return all;
  }
}
