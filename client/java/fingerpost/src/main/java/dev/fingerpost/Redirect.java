package dev.fingerpost;

import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.HttpRequest;
import dev.fingerpost.v1.Intent;
import dev.fingerpost.v1.Parameter;
import dev.fingerpost.v1.Purpose;
import dev.fingerpost.v1.UnsafeTarget;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A wish: what a redirect is for, and where it leads. Immutable; intent.proto explains each purpose and modifier. */
public final class Redirect {
  /** In order, until one is not refused. */
  private final List<DecideRequest> wishes;

  private Redirect(List<DecideRequest> wishes) {
    this.wishes = wishes;
  }

  /**
   * A redirect with any purpose.
   *
   * @param purpose what it is for
   * @param target where it leads
   * @return the wish
   */
  public static Redirect of(Purpose purpose, String target) {
    return new Redirect(List.of(intent(Intent.newBuilder().setPurpose(purpose).setTarget(target))));
  }

  /**
   * What became of a form.
   *
   * @param target the page that shows it
   * @return the wish
   */
  public static Redirect formResult(String target) {
    return of(Purpose.PURPOSE_FORM_RESULT, target);
  }

  /**
   * Moved for a while: method and content stay.
   *
   * @param target where it is now
   * @return the wish
   */
  public static Redirect temporaryMove(String target) {
    return of(Purpose.PURPOSE_TEMPORARY_MOVE, target);
  }

  /**
   * Moved for good: method and content stay.
   *
   * @param target where it is now
   * @return the wish
   */
  public static Redirect permanentMove(String target) {
    return of(Purpose.PURPOSE_PERMANENT_MOVE, target);
  }

  /**
   * To another server or path, for a while: method and content stay.
   *
   * @param target where it is handled
   * @return the wish
   */
  public static Redirect reroute(String target) {
    return of(Purpose.PURPOSE_REROUTE, target);
  }

  /**
   * A campaign, a short link.
   *
   * @param target where it leads now
   * @return the wish
   */
  public static Redirect campaign(String target) {
    return of(Purpose.PURPOSE_CAMPAIGN, target);
  }

  /**
   * To the login.
   *
   * @param target its page
   * @return the wish
   */
  public static Redirect loginRequired(String target) {
    return of(Purpose.PURPOSE_LOGIN_REQUIRED, target);
  }

  /**
   * An authorization server's answer (OAuth 2).
   *
   * @param redirectUri as the client asked
   * @param registered as the client registered: one of them must be equal
   * @param parameters the answer's, in order: {@code code}, {@code state}
   * @return the wish
   */
  public static Redirect authorizationResponse(String redirectUri, Collection<String> registered, Map<String, String> parameters) {
    return of(Purpose.PURPOSE_AUTHORIZATION_RESPONSE, redirectUri)
        .with(
            intent -> {
              intent.addAllRedirectUris(registered);
              parameters.forEach((name, value) -> intent.addResponseParameters(Parameter.newBuilder().setName(name).setValue(value)));
            });
  }

  /**
   * One of the policy's named intents.
   *
   * @param name its name
   * @param parameters the values for its target
   * @return the wish
   */
  public static Redirect named(String name, Map<String, String> parameters) {
    return new Redirect(List.of(DecideRequest.newBuilder().setIntentName(name).putAllParameters(parameters).build()));
  }

  /**
   * Back to where a login came from, if that is safe.
   *
   * @param next as the visitor wrote it; null or empty: nowhere
   * @param otherwise where to go if it is unsafe or missing
   * @return the wish
   */
  public static Redirect back(@Nullable String next, String otherwise) {
    Redirect home = formResult(otherwise);
    if (next == null || next.isEmpty()) {
      return home;
    }
    Redirect first = formResult(next).with(intent -> intent.setUnsafeTarget(UnsafeTarget.UNSAFE_TARGET_FALL_BACK).setFallbackTarget(otherwise));
    return new Redirect(List.of(first.wishes.get(0), home.wishes.get(0)));
  }

  /**
   * With a message that the next page shows once.
   *
   * @param text display text
   * @return a new wish
   */
  public Redirect flash(String text) {
    return with(intent -> intent.getFlashBuilder().setText(text));
  }

  /**
   * For a sender that is known to follow redirects.
   *
   * @return a new wish
   */
  public Redirect redirectCapable() {
    return with(intent -> intent.setRedirectCapable(true));
  }

  /**
   * With any other modifier of intent.proto.
   *
   * @param change sets it
   * @return a new wish
   * @throws IllegalStateException for a named intent, whose modifiers are the policy's
   */
  public Redirect with(Consumer<Intent.Builder> change) {
    List<DecideRequest> changed = new ArrayList<>();
    for (DecideRequest wish : wishes) {
      if (!wish.hasIntent()) {
        throw new IllegalStateException("a named intent has the policy's modifiers");
      }
      Intent.Builder intent = wish.getIntent().toBuilder();
      change.accept(intent);
      changed.add(intent(intent));
    }
    return new Redirect(changed);
  }

  /**
   * The question for a request.
   *
   * @param method the request's
   * @param url the request's target URI, absolute
   * @return for {@link Client#decide}
   */
  public DecideRequest on(String method, String url) {
    return on(HttpRequest.newBuilder().setMethod(method).setUrl(url).build());
  }

  /**
   * The question for a request.
   *
   * @param request as the server got it
   * @return for {@link Client#decide}
   */
  public DecideRequest on(HttpRequest request) {
    return questions(request).get(0);
  }

  /**
   * The questions for a request: the next is asked where the one before was refused.
   *
   * @param request as the server got it
   * @return one, or two for {@link #back}
   */
  public List<DecideRequest> questions(HttpRequest request) {
    return wishes.stream().map(wish -> wish.toBuilder().setRequest(request).build()).toList();
  }

  private static DecideRequest intent(Intent.Builder intent) {
    return DecideRequest.newBuilder().setIntent(intent).build();
  }
}
