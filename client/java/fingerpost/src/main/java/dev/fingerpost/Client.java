package dev.fingerpost;

import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.FollowRequest;
import dev.fingerpost.v1.FollowResponse;
import dev.fingerpost.v1.PolicySelector;
import dev.fingerpost.v1.RedirectServiceGrpc;
import dev.fingerpost.v1.RedirectServiceGrpc.RedirectServiceBlockingStub;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks Fingerpost: the engine in this process, or the service. Safe to share between threads. It has one channel, made on first use, and another for the
 * policy.
 */
public class Client implements AutoCloseable {
  /** The version of this package. */
  public static final String VERSION = "0.1.0";

  /** A web request waits for this: over all attempts. */
  public static final Duration DECIDE_TIMEOUT = Duration.ofMillis(100);

  /** Over all attempts. */
  public static final Duration FOLLOW_TIMEOUT = Duration.ofMillis(250);

  /** How long the first call waits for the connection, in addition to its own deadline, unless the connection fails first. */
  public static final Duration FIRST_CONNECTION = Duration.ofSeconds(1);

  /** Clocks of other languages count no further than some 24 days. */
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(24);

  private final Inside inside;
  private final String address;
  private final Transport transport;
  private final OnError onError;
  private final @Nullable Duration timeout;
  private final Heard heard;
  private final Breaker breaker = new Breaker(System::nanoTime);
  private final Cleaner.Cleanable end;
  private volatile @Nullable ManagedChannel channel;
  private volatile boolean tried;
  private volatile boolean closed;

  /**
   * As {@link Builder#build()}.
   *
   * @param builder the settings
   */
  protected Client(Builder builder) {
    this(builder, inside(builder));
  }

  Client(Builder builder, Inside inside) {
    this.inside = inside;
    address = builder.address;
    transport = builder.transport;
    onError = builder.onError;
    timeout = builder.timeout;
    heard = new Heard(builder.onFallback, new Heard.Rate(System::nanoTime));
    end = Ends.with(this, inside);
  }

  private static Inside inside(Builder builder) {
    Object found = Openers.found(builder.engine);
    Opener opener = found instanceof Opener one ? one : null;
    Held held = new Held(builder.selector, builder.engine == Engine.REMOTE ? null : builder.policyFile, opener, opener == null ? String.valueOf(found) : "");
    return new Inside(builder.engine, opener, held, () -> new Watcher(held, Channels.open(builder.address, builder.transport), builder.selector));
  }

  /**
   * A client for a service.
   *
   * @param address {@code host:port}, or a target as gRPC names it
   * @param transport TLS or plaintext
   * @return its settings
   */
  public static Builder builder(String address, Transport transport) {
    return new Builder(address, transport);
  }

  /**
   * What to send.
   *
   * @param question a request and a wish; without a wish, the policy's rules are asked
   * @return the answer
   * @throws FingerpostException if there is none
   */
  public Decision decide(DecideRequest question) {
    return decide(question, null);
  }

  /**
   * What to send.
   *
   * @param question a request and a wish; without a wish, the policy's rules are asked
   * @param timeout for a question that travels; null: the client's
   * @return the answer
   * @throws FingerpostException if there is none
   */
  public Decision decide(DecideRequest question, @Nullable Duration timeout) {
    mustBeOpen();
    Sendable.require(question);
    try {
      var answer = inside.decide(question);
      if (answer != null) {
        return Answers.decision(answer, Source.ENGINE);
      }
      return asked(limit(timeout, DECIDE_TIMEOUT), stub -> Answers.decision(stub.decide(question), Source.SERVICE));
    } catch (FingerpostException error) {
      mayFallBack(error);
      Decision decision = Fallback.decide(question, error, inside.empty());
      heard.fellBack(error);
      return decision;
    }
  }

  /**
   * What to request next.
   *
   * @param question a request, its response, and the chain that led there
   * @return the answer
   * @throws FingerpostException if there is none
   */
  public Hop follow(FollowRequest question) {
    return follow(question, null);
  }

  /**
   * What to request next.
   *
   * @param question a request, its response, and the chain that led there
   * @param timeout for a question that travels; null: the client's
   * @return the answer
   * @throws FingerpostException if there is none
   */
  public Hop follow(FollowRequest question, @Nullable Duration timeout) {
    mustBeOpen();
    Sendable.require(question);
    // Nothing leaves the process by the engine; but it answers the same question, so that a chain, which the service may be asked about later, has no secret in
    // it, and equal answers have equal octets.
    FollowRequest bare = Secrets.withheld(question);
    try {
      FollowResponse answer = inside.follow(bare);
      if (answer != null) {
        return Answers.hop(Secrets.putBack(question, answer), Source.ENGINE);
      }
      return asked(limit(timeout, FOLLOW_TIMEOUT), stub -> Answers.hop(Secrets.putBack(question, stub.follow(bare)), Source.SERVICE));
    } catch (FingerpostException error) {
      mayFallBack(error);
      heard.fellBack(error);
      return Fallback.follow(question, error, inside.empty());
    }
  }

  /**
   * Connects, waits for the policy, and says whether there is a service to ask; with {@link Engine#LOCAL}, whether its policy has come.
   *
   * @param timeout for both together
   * @return whether there is
   */
  public boolean ready(Duration timeout) {
    mustBeOpen();
    long until = System.nanoTime() + limit(timeout, timeout).toNanos();
    Watcher begun = inside.start();
    try {
      if (inside.asks && !connected(until)) {
        return false;
      }
      if (begun != null && !begun.told.await(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        return inside.asks;
      }
      return inside.asks || policy().state() == PolicyState.READY;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean connected(long until) throws InterruptedException {
    ManagedChannel to = channel();
    ConnectivityState state;
    while ((state = to.getState(true)) != ConnectivityState.READY) {
      CountDownLatch changed = new CountDownLatch(1);
      to.notifyWhenStateChanged(state, changed::countDown);
      if (state == ConnectivityState.SHUTDOWN || !changed.await(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    tried = true;
    return true;
  }

  /**
   * What this process knows of the policy: whose it is, since when, its version, and why a newer one does not answer.
   *
   * @return as it is now
   */
  public PolicyStatus policy() {
    return inside.held.status();
  }

  /**
   * The generated stub, for the calls that have no method here. It has no deadline.
   *
   * @return a stub of this client's channel
   */
  public RedirectServiceBlockingStub stub() {
    return RedirectServiceGrpc.newBlockingStub(channel());
  }

  /** Reports what was answered, and ends the channels. A second time is no error. */
  @Override
  public void close() {
    ManagedChannel open;
    synchronized (this) {
      closed = true;
      open = channel;
    }
    inside.end(Watcher.LAST_WORD_MILLIS);
    end.clean();
    if (open != null) {
      open.shutdownNow();
    }
  }

  private <T> T asked(Duration limit, Function<RedirectServiceBlockingStub, T> question) {
    if (!breaker.allows()) {
      throw new FingerpostException("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second");
    }
    FingerpostException found;
    try {
      // gRPC holds a call while it connects, and fails it if connecting fails, so the first call may take that much longer.
      Duration whole = tried ? limit : min(limit.plus(FIRST_CONNECTION));
      tried = true;
      T answer = question.apply(stub().withDeadlineAfter(whole.toNanos(), TimeUnit.NANOSECONDS));
      breaker.answered();
      return answer;
    } catch (StatusRuntimeException error) {
      found = FingerpostException.of(error);
    } catch (FingerpostException error) {
      found = error;
    }
    if (found.answered() || found.code().equals("MALFORMED")) {
      breaker.answered();
    } else {
      breaker.failed();
    }
    throw found;
  }

  private ManagedChannel channel() {
    ManagedChannel made = channel;
    return made == null ? makeChannel() : made;
  }

  private synchronized ManagedChannel makeChannel() {
    mustBeOpen();
    if (channel == null) {
      channel = Channels.open(address, transport);
    }
    return channel;
  }

  private Duration limit(@Nullable Duration ofTheCall, Duration otherwise) {
    return min(ofTheCall != null ? ofTheCall : timeout != null ? timeout : otherwise);
  }

  private static Duration min(Duration wanted) {
    return wanted.compareTo(LONGEST_TIMEOUT) > 0 ? LONGEST_TIMEOUT : wanted;
  }

  private void mustBeOpen() {
    if (closed) {
      throw new IllegalStateException("the client is closed");
    }
  }

  /** Throws an error that says that the question is wrong, or that the caller wants. */
  private void mayFallBack(FingerpostException error) {
    if (error.answered() || onError == OnError.RAISE) {
      throw error;
    }
  }

  /** The settings of a client. */
  public static final class Builder {
    private final String address;
    private final Transport transport;
    Engine engine = Engine.AUTO;
    OnError onError = OnError.FALLBACK;
    private PolicySelector selector = PolicySelector.getDefaultInstance();
    private @Nullable Path policyFile;
    private @Nullable Duration timeout;
    private @Nullable Consumer<? super FingerpostException> onFallback;

    Builder(String address, Transport transport) {
      this.address = java.util.Objects.requireNonNull(address, "address");
      this.transport = java.util.Objects.requireNonNull(transport, "transport: choose Transport.tls() or Transport.plaintext()");
    }

    /**
     * Who answers. Default: {@link Engine#AUTO}.
     *
     * @param engine one of three
     * @return this
     */
    public Builder engine(Engine engine) {
      this.engine = engine;
      return this;
    }

    /**
     * What a caller gets when nobody answers. Default: {@link OnError#FALLBACK}.
     *
     * @param onError one of two
     * @return this
     */
    public Builder onError(OnError onError) {
      this.onError = onError;
      return this;
    }

    /**
     * The part of the policy that this process needs. Default: all.
     *
     * @param selector hosts and intents
     * @return this
     */
    public Builder selector(PolicySelector selector) {
      this.selector = selector;
      return this;
    }

    /**
     * Where the process keeps the last good policy, for its owner alone. Default: nowhere.
     *
     * @param file is written after each change
     * @return this
     */
    public Builder policyFile(Path file) {
      this.policyFile = file;
      return this;
    }

    /**
     * The deadline of a question that travels, over all attempts. Default: 100 ms for decide, 250 ms for follow.
     *
     * @param timeout up to 24 days
     * @return this
     */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /**
     * Is told of each fallback, for counting. What it throws fails no request.
     *
     * @param hook gets the error
     * @return this
     */
    public Builder onFallback(Consumer<? super FingerpostException> hook) {
      this.onFallback = hook;
      return this;
    }

    /**
     * The client. It asks nobody yet.
     *
     * @return a new one
     * @throws EngineException without an engine, if {@link Engine#LOCAL} needs one
     */
    public Client build() {
      return new Client(this);
    }
  }
}
