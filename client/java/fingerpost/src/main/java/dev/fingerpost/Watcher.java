package dev.fingerpost;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fingerpost.v1.PolicyServiceGrpc;
import dev.fingerpost.v1.PolicySelector;
import dev.fingerpost.v1.ReportUsageRequest;
import dev.fingerpost.v1.WatchPolicyRequest;
import dev.fingerpost.v1.WatchPolicyResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Two threads of a process that answers inside: one is told of each policy, the other reports what was answered. No request waits for them. */
final class Watcher {
  /** Between two reports, give or take a fifth. */
  static final long REPORT_MILLIS = 10_000;

  /** Before the stream is begun anew. gRPC's own pause, after a connection that failed, is as long at most: together 5 seconds. */
  static final long FIRST_PAUSE_MILLIS = 100;

  static final long LONGEST_PAUSE_MILLIS = 2_500;

  /** A stream that lived so long does not lengthen the pause. */
  static final long STEADY_MILLIS = 5_000;

  /** For the last report, and for the threads to end. */
  static final long LAST_WORD_MILLIS = 1_000;

  /** The service has said which policy answers, or that it says nothing. */
  final CountDownLatch told = new CountDownLatch(1);

  private final Held held;
  private final ManagedChannel channel;
  private final PolicySelector selector;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();

  Watcher(Held held, ManagedChannel channel, PolicySelector selector) {
    this.held = held;
    this.channel = channel;
    this.selector = selector;
    start(this::watch, "fingerpost-policy");
    start(this::reportAll, "fingerpost-usage");
  }

  private void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }

  /** Ends both threads, and waits so long for them. */
  void end(long waitMillis) {
    ended.countDown();
    threads.get(0).interrupt(); // Waits in the stream.
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
    try {
      for (Thread thread : threads) {
        long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        if (left > 0) {
          thread.join(left);
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean waits(long millis) {
    try {
      return !ended.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      return ended.getCount() > 0;
    }
  }

  private void watch() {
    long pause = FIRST_PAUSE_MILLIS / 2;
    do {
      long began = System.nanoTime();
      String why = stream();
      if (ended.getCount() == 0) {
        return;
      }
      held.leave(why);
      pause = nextPause(pause, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    } while (waits(jittered(pause)));
  }

  static long nextPause(long before, long lived) {
    return lived > STEADY_MILLIS ? FIRST_PAUSE_MILLIS : Math.min(2 * before, LONGEST_PAUSE_MILLIS);
  }

  private static long jittered(long millis) {
    return millis * 4 / 5 + ThreadLocalRandom.current().nextLong(1 + millis * 2 / 5);
  }

  /** One stream to its end, and why it ended. */
  private String stream() {
    var asked = WatchPolicyRequest.newBuilder().setSelector(selector).setKnownVersion(held.version()).build();
    try {
      Iterator<WatchPolicyResponse> answers = PolicyServiceGrpc.newBlockingStub(channel).watchPolicy(asked);
      while (answers.hasNext()) {
        held.come(answers.next());
        told.countDown();
      }
    } catch (StatusRuntimeException error) {
      if (error.getStatus().getCode() != Status.Code.UNAVAILABLE) {
        told.countDown();
      }
      return "no policy comes from the service: " + FingerpostException.of(error).getMessage();
    } catch (RuntimeException error) { // The policy of before goes on answering, whatever happens here.
      Heard.LOG.log(System.Logger.Level.ERROR, "the policy's stream failed", error);
      return "no policy comes from the service: " + error;
    }
    return "no policy comes from the service: it ended the stream";
  }

  private void reportAll() {
    while (waits(jittered(REPORT_MILLIS))) {
      report(REPORT_MILLIS);
    }
    report(LAST_WORD_MILLIS);
    channel.shutdownNow();
  }

  /** What was answered since the last time. What a call that fails had taken is lost: counted too little rather than twice. */
  private void report(long millis) {
    Opener.Policy now = held.policy();
    if (held.status().state() != PolicyState.READY || now == null) {
      return;
    }
    List<Opener.Policy> all = new ArrayList<>();
    for (Opener.Policy one = held.former.pollFirst(); one != null; one = held.former.pollFirst()) {
      all.add(one);
    }
    all.add(now);
    try {
      for (Opener.Policy policy : all) {
        byte[] octets = policy.takeUsage();
        if (octets.length > 0) {
          var usage = ReportUsageRequest.parseFrom(octets).toBuilder().setAgent("java/" + Client.VERSION).build();
          PolicyServiceGrpc.newBlockingStub(channel).withDeadlineAfter(millis, TimeUnit.MILLISECONDS).reportUsage(usage);
        }
      }
    } catch (StatusRuntimeException | FingerpostException | InvalidProtocolBufferException error) {
      Heard.LOG.log(System.Logger.Level.INFO, "what was answered was not counted: " + error.getMessage());
    }
  }
}
