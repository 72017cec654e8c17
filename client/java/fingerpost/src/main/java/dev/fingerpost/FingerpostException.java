package dev.fingerpost;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.fingerpost.v1.Error;
import dev.fingerpost.v1.ErrorReason;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** There is no answer. */
public class FingerpostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Codes by which a healthy service reports a fault of the question or of the caller. */
  private static final Set<String> ANSWERS =
      Set.of(
          "INVALID_ARGUMENT",
          "NOT_FOUND",
          "UNIMPLEMENTED",
          "PERMISSION_DENIED",
          "UNAUTHENTICATED",
          "FAILED_PRECONDITION",
          "OUT_OF_RANGE");

  private final String code;
  private final String description;
  private final String reason;
  private final transient List<Violation> violations;

  /**
   * An error without fields.
   *
   * @param code see {@link #code()}
   * @param description what happened
   */
  public FingerpostException(String code, String description) {
    this(code, description, "", List.of());
  }

  /**
   * An error.
   *
   * @param code see {@link #code()}
   * @param description what happened
   * @param reason see {@link #reason()}
   * @param violations see {@link #violations()}
   */
  public FingerpostException(String code, String description, String reason, List<Violation> violations) {
    super(code + ": " + description);
    this.code = code;
    this.description = description;
    this.reason = reason;
    this.violations = List.copyOf(violations);
  }

  /**
   * The gRPC code's name ({@code INVALID_ARGUMENT}, {@code UNAVAILABLE}, …); {@code MALFORMED} for an answer that failed the client's own checks, {@code
   * BREAKER_OPEN} for a question that was not even asked.
   *
   * @return never empty
   */
  public String code() {
    return code;
  }

  /**
   * What happened, without the code.
   *
   * @return for people
   */
  public String description() {
    return description;
  }

  /**
   * The service's reason, as {@code INVALID_FIELDS}.
   *
   * @return empty if there is none
   */
  public String reason() {
    return reason;
  }

  /**
   * Every wrong field.
   *
   * @return in the order of the question
   */
  public List<Violation> violations() {
    return violations == null ? List.of() : violations;
  }

  /**
   * Whether the service said that the question is wrong: there is no fallback, and asking again would not help.
   *
   * @return whether it did
   */
  public boolean answered() {
    return ANSWERS.contains(code) || tooLarge();
  }

  /**
   * Whether the question is larger than the service takes. Only gRPC's text says so.
   *
   * @return whether it is
   */
  public boolean tooLarge() {
    return code.equals("RESOURCE_EXHAUSTED") && description.contains("message larger than max");
  }

  /** The service answered, but what it said failed the client's checks. */
  static FingerpostException malformed(String what) {
    return new FingerpostException("MALFORMED", "the service's answer was not used: " + what);
  }

  static FingerpostException of(StatusRuntimeException error) {
    String code = error.getStatus().getCode().name();
    String said = error.getStatus().getDescription();
    Status details = StatusProto.fromThrowable(error);
    String reason = "";
    List<Violation> violations = new ArrayList<>();
    try {
      for (var detail : details == null ? List.<com.google.protobuf.Any>of() : details.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          reason = detail.unpack(ErrorInfo.class).getReason();
        } else if (detail.is(BadRequest.class)) {
          detail.unpack(BadRequest.class).getFieldViolationsList().forEach(one -> violations.add(new Violation(one.getField(), one.getDescription())));
        }
      }
    } catch (InvalidProtocolBufferException unreadable) {
      // The code says enough.
    }
    return new FingerpostException(code, said == null || said.isEmpty() ? code : said, reason, violations);
  }

  static FingerpostException of(Error error) {
    boolean known = error.getReason() != ErrorReason.UNRECOGNIZED && error.getReason() != ErrorReason.ERROR_REASON_UNSPECIFIED;
    String reason = known ? error.getReason().name().substring("ERROR_REASON_".length()) : "";
    return new FingerpostException(
        error.getCode(),
        error.getMessage(),
        reason,
        error.getViolationsList().stream().map(one -> new Violation(one.getField(), one.getDescription())).toList());
  }
}
