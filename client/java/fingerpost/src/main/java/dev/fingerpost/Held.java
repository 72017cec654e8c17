package dev.fingerpost;

import static java.lang.System.Logger.Level.WARNING;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fingerpost.v1.Policy;
import dev.fingerpost.v1.PolicyProblem;
import dev.fingerpost.v1.PolicySelector;
import dev.fingerpost.v1.WatchPolicyResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.text.Normalizer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One client's policy: the service's own, the last good one, or none. One thread at a time writes it; any number of threads read it. */
final class Held {
  /** Policies whose last counts wait to be reported, at most. */
  private static final int FORMER = 4;

  final ConcurrentLinkedDeque<Opener.Policy> former = new ConcurrentLinkedDeque<>();
  private final PolicySelector selector;
  private final @Nullable Path file;
  private final @Nullable Opener opener;
  private volatile Opener.@Nullable Policy policy;
  private volatile PolicyStatus status;
  private String refused = "";

  Held(PolicySelector selector, @Nullable Path file, @Nullable Opener opener, String whyNot) {
    this.selector = spelled(selector);
    this.file = file;
    this.opener = opener;
    this.status = new PolicyStatus(PolicyState.NONE, Instant.now(), "", whyNot.isEmpty() ? List.of() : List.of(whyNot));
    if (opener != null && file != null) {
      read(opener, file);
    }
  }

  Opener.@Nullable Policy policy() {
    return policy;
  }

  PolicyStatus status() {
    return status;
  }

  String version() {
    Opener.Policy now = policy;
    return now == null ? "" : now.version();
  }

  /** The service says which policy answers now. */
  void come(WatchPolicyResponse answer) {
    List<String> problems = answer.getProblemsList().stream().map(Held::sentence).collect(Collectors.toCollection(ArrayList::new));
    if (!answer.hasPolicy() && version().equals(answer.getVersion())) {
      become(PolicyState.READY, problems, false);
      return;
    }
    Opener.Policy came;
    try {
      if (!answer.hasPolicy()) {
        throw new FingerpostException("INTERNAL", "its text did not come with it");
      }
      came = opened(answer);
    } catch (FingerpostException error) {
      String why = "the service's policy \"" + answer.getVersion() + "\" was not taken: " + error.getMessage();
      if (!why.equals(refused)) {
        Heard.LOG.log(WARNING, why + (policy == null ? "; there is none" : "; \"" + version() + "\" stays"));
      }
      refused = why;
      problems.add(why);
      become(policy == null ? PolicyState.NONE : PolicyState.READY, problems, false);
      return;
    }
    Opener.Policy before = policy;
    if (before != null) {
      former.addLast(before);
      while (former.size() > FORMER) {
        former.pollFirst();
      }
    }
    policy = came;
    refused = "";
    if (file != null) {
      problems.addAll(write(file, answer.getPolicy().toByteArray()));
    }
    become(PolicyState.READY, problems, true);
  }

  private Opener.Policy opened(WatchPolicyResponse answer) {
    Opener.Policy came = java.util.Objects.requireNonNull(opener).open(answer.getPolicy().toByteArray(), answer.getVersion());
    String version = whole(answer.getPolicy());
    if (!version.equals(answer.getVersion())) {
      throw new FingerpostException("INTERNAL", "handed_out.version: expected the message's version, got \"" + version + "\"");
    }
    return came;
  }

  /** A policy that no service hands out. */
  void give(Opener.Policy given) {
    policy = given;
    become(PolicyState.READY, List.of(), true);
  }

  /** The service is out of reach. */
  void leave(String why) {
    become(policy == null ? PolicyState.NONE : PolicyState.STALE, List.of(why), false);
  }

  private void become(PolicyState state, List<String> problems, boolean anew) {
    boolean same = status.state() == state && !anew;
    status = new PolicyStatus(state, same ? status.since() : Instant.now(), version(), problems);
  }

  /** Its version. Throws unless these octets are all of the part that was asked for: handed_out is their last field. */
  private String whole(ByteString octets) {
    try {
      var part = Policy.parseFrom(octets).getHandedOut();
      if (part.getVersion().isEmpty()) {
        throw new FingerpostException("FAILED_PRECONDITION", "it is not whole: handed_out.version is not set");
      }
      if (!spelled(part.getSelector()).equals(selector)) {
        throw new FingerpostException("FAILED_PRECONDITION", "it is another part of the policy (handed_out.selector)");
      }
      return part.getVersion();
    } catch (InvalidProtocolBufferException error) {
      throw new FingerpostException("INTERNAL", "its octets are no message");
    }
  }

  private void read(Opener opener, Path file) {
    try {
      // To open a FIFO waits for a writer.
      requireRegular(file);
      byte[] octets;
      try (InputStream in = Files.newInputStream(file)) {
        octets = in.readNBytes(Channels.LARGEST + 1);
      }
      if (octets.length > Channels.LARGEST) {
        throw new IOException("it has more than " + Channels.LARGEST + " octets");
      }
      Instant written = Files.getLastModifiedTime(file).toInstant();
      Opener.Policy found = opener.open(octets, "");
      whole(ByteString.copyFrom(octets));
      policy = found;
      status = new PolicyStatus(PolicyState.STALE, written, found.version(), List.of());
    } catch (NoSuchFileException none) {
      // The first start.
    } catch (IOException | FingerpostException error) {
      String problem = file + " was not taken: " + said(error);
      Heard.LOG.log(WARNING, problem);
      status = new PolicyStatus(PolicyState.NONE, status.since(), "", List.of(problem));
    }
  }

  /** Beside the file and renamed, so that a reader finds the old one or the new one; for its owner alone. */
  private static List<String> write(Path file, byte[] octets) {
    Path beside = null;
    try {
      Path real = Files.exists(file) ? file.toRealPath() : linked(file); // A link stays one.
      if (Files.exists(real)) {
        requireRegular(real);
      }
      Path directory = real.toAbsolutePath().getParent();
      beside = Files.createTempFile(directory, ".fingerpost.", "");
      Files.write(beside, octets);
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(beside, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return List.of();
    } catch (IOException | InvalidPathException error) {
      if (beside != null) {
        beside.toFile().delete();
      }
      Heard.LOG.log(WARNING, "the policy was not written: " + said(error));
      return List.of(file + " was not written: " + said(error));
    }
  }

  private static Path linked(Path file) throws IOException {
    return Files.isSymbolicLink(file) ? file.toAbsolutePath().resolveSibling(Files.readSymbolicLink(file)) : file;
  }

  private static void requireRegular(Path file) throws IOException {
    BasicFileAttributes about = Files.readAttributes(file, BasicFileAttributes.class);
    if (!about.isRegularFile()) {
      throw new IOException(about.isDirectory() ? "it is a directory" : "it is no regular file");
    }
  }

  private static String said(Exception error) {
    return error instanceof java.nio.file.FileSystemException ? error.toString().replaceFirst("^java\\.nio\\.file\\.", "") : String.valueOf(error.getMessage());
  }

  /** As the service spells it in handed_out. */
  private static PolicySelector spelled(PolicySelector selector) {
    return PolicySelector.newBuilder()
        .addAllHosts(selector.getHostsList().stream().map(Held::spelledHost).distinct().sorted().toList())
        .addAllIntents(selector.getIntentsList().stream().distinct().sorted().toList())
        .build();
  }

  /** The host "*.Example.com." is ".example.com"; labels beyond ASCII are Punycode (RFC 3492). */
  private static String spelledHost(String text) {
    String host = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    host = host.startsWith("*.") ? host.substring(1) : host;
    try {
      if (host.startsWith("[") && host.endsWith("]")) {
        return "[" + compressed(InetAddress.getByName(host).getAddress()) + "]";
      }
      return Stream.of(host.split("\\.", -1))
          .map(label -> label.chars().allMatch(c -> c < 128) ? label : IDN.toASCII(label, IDN.ALLOW_UNASSIGNED))
          .collect(Collectors.joining("."));
    } catch (UnknownHostException | IllegalArgumentException none) {
      return host;
    }
  }

  /** RFC 5952 §4. */
  private static String compressed(byte[] octets) {
    if (octets.length != 16) { // Java makes an IPv4-mapped address one of IPv4.
      return "::ffff:" + Integer.toHexString((octets[0] & 255) << 8 | octets[1] & 255) + ":" + Integer.toHexString((octets[2] & 255) << 8 | octets[3] & 255);
    }
    int start = -1;
    int longest = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && octets[2 * end] == 0 && octets[2 * end + 1] == 0) {
        end++;
      }
      if (end - i > longest) {
        longest = end - i;
        start = i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        text.append("::");
        i += longest - 1;
        continue;
      }
      text.append(text.length() == 0 || text.charAt(text.length() - 1) == ':' ? "" : ":");
      text.append(Integer.toHexString((octets[2 * i] & 255) << 8 | octets[2 * i + 1] & 255));
    }
    return text.toString();
  }

  private static String sentence(PolicyProblem problem) {
    return Stream.of(problem.getPlace(), problem.getField(), problem.getDescription()).filter(part -> !part.isEmpty()).collect(Collectors.joining(": "));
  }
}
