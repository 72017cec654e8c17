package dev.fingerpost.spring;

import dev.fingerpost.FingerpostException;
import dev.fingerpost.web.Web;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** What Spring makes the application's own 400 or 503 of. */
final class AnswerException extends ResponseStatusException {
  private static final long serialVersionUID = 1;

  private AnswerException(HttpStatus status, String text, FingerpostException cause) {
    super(status, text, cause);
  }

  /** Throws the same, when the program is wrong. */
  static AnswerException of(FingerpostException error) {
    return Web.statusOf(error) == 400 ? new AnswerException(HttpStatus.BAD_REQUEST, Web.REFUSED, error) : unavailable(error);
  }

  private static AnswerException unavailable(FingerpostException error) {
    return new AnswerException(HttpStatus.SERVICE_UNAVAILABLE, Web.UNAVAILABLE, error);
  }

  @Override
  public HttpHeaders getHeaders() {
    HttpHeaders headers = new HttpHeaders();
    if (getStatusCode().value() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
      headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(Web.RETRY_AFTER));
    }
    return headers;
  }
}
