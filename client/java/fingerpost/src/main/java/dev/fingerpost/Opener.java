package dev.fingerpost;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fingerpost.v1.Error;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The engine: the service's own answers inside this process (service/engine/fingerpost.h), octets in and octets out. */
interface Opener {
  /** Of the interface that this package was written for. */
  int ABI = 2;

  int OK = 0;
  int ERROR = 1;
  int TOO_SMALL = 2;

  /** Octets that hold nearly every answer. */
  int ROOM = 8192;

  /** From the octets of a Policy. An empty version: the one that the service wrote into them. */
  Policy open(byte[] octets, String version);

  /** From YAML or JSON. */
  Policy openText(String text);

  /** "native" or "module". */
  String kind();

  /** An open policy, for any number of threads; it ends with its last reference. */
  interface Policy {
    String version();

    /** From a DecideRequest to a DecideResponse. */
    byte[] decide(byte[] question);

    /** From a FollowRequest to a FollowResponse. */
    byte[] follow(byte[] question);

    /** What was answered since the last time: a ReportUsageRequest, or nothing. */
    byte[] takeUsage();
  }

  static FingerpostException failure(int status, byte[] octets) {
    if (status != ERROR) {
      return new FingerpostException("INTERNAL", "the engine returned " + status);
    }
    try {
      return FingerpostException.of(Error.parseFrom(octets));
    } catch (InvalidProtocolBufferException unreadable) {
      return new FingerpostException("INTERNAL", "the engine's error cannot be read");
    }
  }

  static void requireAbi(int abi) {
    if (abi != ABI) {
      throw new EngineException("the engine has ABI " + abi + ", and this package needs " + ABI + ": take an engine and a package of the same version");
    }
  }

  /** For the engine, which reads up to a NUL. */
  static byte[] version(String version) {
    if (!version.chars().allMatch(c -> c > 0 && c < 128)) {
      throw new FingerpostException("INVALID_ARGUMENT", "version: expected 1 to 64 visible ASCII characters", "INVALID_FIELDS", List.of());
    }
    return (version + "\0").getBytes(StandardCharsets.US_ASCII);
  }
}
