package dev.fingerpost;

import java.lang.ref.Cleaner;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

/** Ends what a client began, though nobody closes it: when nobody holds it any more, and when the process ends. */
final class Ends {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final Set<Inside> OPEN = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Ends::endAll, "fingerpost-end"));
  }

  private Ends() {}

  /** Ends it with its client, and lets nobody wait for the last report. */
  static Cleaner.Cleanable with(Client client, Inside inside) {
    OPEN.add(inside);
    return CLEANER.register(client, () -> inside.end(0));
  }

  private static void endAll() {
    Inside[] all = OPEN.toArray(new Inside[0]);
    for (Inside one : all) {
      one.end(0);
    }
    for (Inside one : all) {
      one.end(Watcher.LAST_WORD_MILLIS / Math.max(1, all.length));
    }
  }
}
