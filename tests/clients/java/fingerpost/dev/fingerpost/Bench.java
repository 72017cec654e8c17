package dev.fingerpost;

import dev.fingerpost.v1.DecideRequest;
import dev.fingerpost.v1.Purpose;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** What the order form costs, by each engine and over gRPC: {@code native}, {@code module} or {@code remote}. */
final class Bench {
  private static final int FEW = 20_000;
  private static final int ROUNDS = 5;

  private Bench() {}

  public static void main(String[] arguments) throws IOException {
    String kind = arguments[0];
    System.setProperty("fingerpost.engine", kind.equals("remote") ? "module" : kind);
    var form = DecideRequest.newBuilder();
    form.getRequestBuilder().setMethod("POST").setUrl("https://shop.example.com/orders");
    form.getIntentBuilder().setPurpose(Purpose.PURPOSE_FORM_RESULT).setTarget("/orders/7829/confirmation");
    DecideRequest question = form.build();
    long start = System.nanoTime();
    try (Service service = new Service();
        Client client =
            Client.builder(service.address, Transport.plaintext()).engine(kind.equals("remote") ? Engine.REMOTE : Engine.LOCAL).timeout(Service.PATIENT).build()) {
      long made = System.nanoTime();
      client.ready(Service.PATIENT);
      long ready = System.nanoTime();
      client.decide(question);
      long first = System.nanoTime();
      System.out.printf("%s on Java %d: client %d ms, ready %d ms, first answer %d ms%n", kind, Runtime.version().feature(), ms(made - start), ms(ready - made), ms(first - ready));
      int times = kind.equals("remote") ? FEW / 4 : FEW;
      for (int round = 0; round < ROUNDS; round++) {
        long wall = System.nanoTime();
        long cpu = cpu();
        for (int i = 0; i < times; i++) {
          client.decide(question);
        }
        System.out.printf("  %.1f us, %.1f us of CPU%n", (System.nanoTime() - wall) / 1000.0 / times, (cpu() - cpu) / 1000.0 / times);
      }
    }
  }

  private static long ms(long nanos) {
    return nanos / 1_000_000;
  }

  /** Of the whole process. */
  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }
}
