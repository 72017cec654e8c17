package dev.fingerpost;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A fingerpostd, on a free port unless told otherwise. */
final class Service implements AutoCloseable {
  static final Path REPOSITORY = Path.of(System.getenv("FINGERPOST_REPOSITORY")).normalize();

  /** Long, because the machine may be busy. */
  static final Duration PATIENT = Duration.ofSeconds(20);

  final String address;
  final String line;
  private final Process process;

  Service(String... flags) throws IOException {
    this("127.0.0.1:0", flags);
  }

  Service(String listen, String... flags) throws IOException {
    Path bin = Path.of(System.getenv().getOrDefault("FINGERPOST_BIN", REPOSITORY.resolve("build/bin").toString()));
    List<String> command = new ArrayList<>(List.of(bin.resolve("fingerpostd").toString(), "--listen", listen));
    command.addAll(List.of(flags));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader said = process.inputReader();
    line = String.valueOf(said.readLine());
    Matcher found = Pattern.compile("listening on (\\S+)").matcher(line);
    if (!found.find()) {
      throw new IOException("fingerpostd did not start: " + line);
    }
    address = found.group(1);
  }

  String admin() {
    Matcher found = Pattern.compile("admin on ([0-9.:]+)").matcher(line);
    if (!found.find()) {
      throw new IllegalStateException(line);
    }
    return found.group(1);
  }

  /** As soon as it is true: other threads and processes have clocks of their own. */
  static void eventually(BooleanSupplier check) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!check.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it never came to be");
      }
      Thread.sleep(5);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
