package dev.fingerpost;

import com.google.protobuf.Message;
import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.DecideResponse;
import dev.fingerpost.v1.FollowRequest;
import dev.fingerpost.v1.FollowResponse;
import dev.fingerpost.v1.PolicySelector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * For your own tests: no server, no network. It is the engine with a policy of your own, so its answers are the service's, and it can stand in for any client.
 *
 * <pre>{@code
 * new FakeClient("rules: [{id: blog, match: {path: /blog}, intent: {purpose: permanent_move, target: /journal}}]")
 * }</pre>
 */
public final class FakeClient extends Client {
  private final FakeInside fake;

  /** Without a policy: it answers spelled-out intents; no rule matches. */
  public FakeClient() {
    this("{}");
  }

  /**
   * With a policy.
   *
   * @param policy YAML or JSON
   * @throws FingerpostException for a policy that is none
   */
  public FakeClient(String policy) {
    this(policy, OnError.FALLBACK);
  }

  /**
   * With the policy of a file.
   *
   * @param policy a file of YAML or JSON that names no other
   * @throws IOException if it cannot be read
   * @throws FingerpostException for a policy that is none
   */
  public FakeClient(Path policy) throws IOException {
    this(Files.readString(policy));
  }

  /**
   * With a policy.
   *
   * @param policy YAML or JSON
   * @param onError what a caller gets while {@link #error} is set
   * @throws FingerpostException for a policy that is none
   */
  public FakeClient(String policy, OnError onError) {
    this(new FakeInside(policy), onError);
  }

  private FakeClient(FakeInside fake, OnError onError) {
    super(new Builder("fake", Transport.plaintext()).engine(Engine.LOCAL).onError(onError), fake);
    this.fake = fake;
  }

  /**
   * The questions that were asked.
   *
   * @return in order: DecideRequest and FollowRequest
   */
  public List<Message> questions() {
    return List.copyOf(fake.questions);
  }

  /**
   * Sets the error that every call meets: {@code new FingerpostException("UNAVAILABLE", "down")} is an outage.
   *
   * @param error null: none any more
   */
  public void error(@Nullable FingerpostException error) {
    fake.error = error;
  }

  /** A fake is always there. */
  @Override
  public boolean ready(Duration timeout) {
    return true;
  }

  /** Without a watcher, and with a memory. */
  private static final class FakeInside extends Inside {
    final List<Message> questions = new CopyOnWriteArrayList<>();
    volatile @Nullable FingerpostException error;

    FakeInside(String policy) {
      super(Engine.LOCAL, Openers.load(), held(policy), () -> null);
    }

    private static Held held(String policy) {
      Opener opener = Openers.load();
      Held held = new Held(PolicySelector.getDefaultInstance(), null, opener, "");
      held.give(opener.openText(policy.isBlank() ? "{}" : policy));
      return held;
    }

    @Override
    @Nullable DecideResponse decide(DecideRequest question) {
      ask(question);
      return super.decide(question);
    }

    @Override
    @Nullable FollowResponse follow(FollowRequest question) {
      ask(question);
      return super.follow(question);
    }

    private void ask(Message question) {
      questions.add(question);
      FingerpostException meets = error;
      if (meets != null) {
        throw meets;
      }
    }
  }
}
