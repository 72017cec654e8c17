package dev.fingerpost;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.fingerpost.module.EngineModule;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The engine as a module of WebAssembly, compiled to classes when this package was built. One question at a time. After a fault in it there is a new instance,
 * in which the policies are opened again.
 */
final class ModuleEngine implements Opener {
  private static final Cleaner CLEANER = Cleaner.create();

  private final ReentrantLock lock = new ReentrantLock();
  private Inside inside;

  ModuleEngine() {
    try {
      inside = new Inside();
      Opener.requireAbi(inside.call("abi"));
    } catch (ChicoryException | LinkageError error) {
      throw new EngineException("the module does not run: " + error, error);
    }
  }

  @Override
  public String kind() {
    return "module";
  }

  @Override
  public Policy open(byte[] octets, String version) {
    byte[] name = version.isEmpty() ? null : Opener.version(version);
    return new ModulePolicy(inside -> inside.opened("open", octets, name));
  }

  @Override
  public Policy openText(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    return new ModulePolicy(inside -> inside.opened("open_text", octets, null));
  }

  private <T> T use(Function<Inside, T> work) {
    lock.lock();
    try {
      return work.apply(inside);
    } catch (ChicoryException | StackOverflowError fault) {
      String words = inside.fault();
      inside = new Inside();
      if (!words.isEmpty() && !words.contains("bad_alloc")) { // An exception of the YAML parser's.
        throw new FingerpostException("INVALID_ARGUMENT", "the policy is not YAML: " + words, "INVALID_FIELDS", List.of());
      }
      throw new FingerpostException("INTERNAL", "the engine failed, and was begun anew: " + (words.isEmpty() ? fault.toString() : words));
    } finally {
      lock.unlock();
    }
  }

  private final class ModulePolicy implements Policy {
    private final ToIntFunction<Inside> opened;
    private final Place place = new Place();
    private final String version;

    ModulePolicy(ToIntFunction<Inside> opened) {
      this.opened = opened;
      Place mine = place;
      CLEANER.register(this, mine::leave);
      version = use(inside -> inside.text(inside.call("policy_version", in(inside)), 65));
    }

    @Override
    public String version() {
      return version;
    }

    @Override
    public byte[] decide(byte[] question) {
      return ask("decide", question);
    }

    @Override
    public byte[] follow(byte[] question) {
      return ask("follow", question);
    }

    @Override
    public byte[] takeUsage() {
      return ask("take_usage");
    }

    private byte[] ask(String name, byte[]... question) {
      try {
        return use(inside -> inside.ask(name, in(inside), question));
      } finally {
        Reference.reachabilityFence(this);
      }
    }

    private int in(Inside now) {
      if (place.inside != now) {
        place.handle = opened.applyAsInt(now);
        place.inside = now;
      }
      return place.handle;
    }
  }

  /** Where a policy is open, for the cleaner. */
  private static final class Place {
    private volatile @Nullable Inside inside;
    private volatile int handle;

    void leave() {
      Inside where = inside;
      if (where != null) {
        where.over.add(handle);
      }
    }
  }

  /** The functions and the memory of one instance. */
  private static final class Inside {
    private final Instance instance;
    private final Memory memory;
    private final Map<String, ExportFunction> functions = new HashMap<>();
    private final int room;
    private final int size;
    private final int handle;

    /** Policies that nobody holds any more. */
    final ConcurrentLinkedQueue<Integer> over = new ConcurrentLinkedQueue<>();

    Inside() {
      instance = Instance.builder(EngineModule.load()).withMachineFactory(EngineModule::create).build();
      instance.export("_initialize").apply();
      memory = instance.memory();
      room = alloc(ROOM);
      size = alloc(4);
      handle = alloc(4);
    }

    int call(String name, long... arguments) {
      long[] results = functions.computeIfAbsent(name, one -> instance.export("fingerpost_" + one)).apply(arguments);
      return results == null || results.length == 0 ? 0 : (int) results[0];
    }

    String text(int at, int most) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < most; i++) {
        byte octet = memory.read(at + i);
        if (octet == 0) {
          break;
        }
        text.append((char) (octet & 0xff));
      }
      return text.toString();
    }

    /** Why it failed, if it knows. */
    String fault() {
      try {
        return text(call("fault"), 1024);
      } catch (ChicoryException unknown) {
        return "";
      }
    }

    int opened(String name, byte[] octets, byte @Nullable [] version) {
      int at = given(octets);
      int versionAt = version == null ? 0 : given(version);
      try {
        if (name.equals("open_text")) {
          answer(name, at, octets.length, handle);
        } else {
          answer(name, at, octets.length, versionAt, handle);
        }
        return memory.readInt(handle);
      } finally {
        call("free", at);
        call("free", versionAt);
      }
    }

    byte[] ask(String name, int policy, byte[]... question) {
      for (Integer gone = over.poll(); gone != null; gone = over.poll()) {
        call("close", gone);
      }
      List<Long> arguments = new ArrayList<>();
      arguments.add((long) policy);
      for (byte[] octets : question) {
        arguments.add((long) given(octets));
        arguments.add((long) octets.length);
      }
      try {
        return answer(name, arguments.stream().mapToLong(Long::longValue).toArray());
      } finally {
        for (int i = 1; i < arguments.size(); i += 2) {
          call("free", arguments.get(i));
        }
      }
    }

    private byte[] answer(String name, long... arguments) {
      int at = room;
      int capacity = ROOM;
      int status;
      try {
        long[] all = java.util.Arrays.copyOf(arguments, arguments.length + 3);
        all[arguments.length + 2] = size;
        while (true) {
          all[arguments.length] = at;
          all[arguments.length + 1] = capacity;
          status = call(name, all);
          if (status != TOO_SMALL) {
            break;
          }
          freeOther(at);
          capacity = memory.readInt(size);
          at = room;
          at = alloc(capacity);
        }
        byte[] octets = memory.readBytes(at, memory.readInt(size));
        if (status == OK) {
          return octets;
        }
        throw Opener.failure(status, octets);
      } finally {
        freeOther(at);
      }
    }

    private void freeOther(int at) {
      if (at != room) {
        call("free", at);
      }
    }

    private int given(byte[] octets) {
      int at = alloc(Math.max(1, octets.length));
      memory.write(at, octets);
      return at;
    }

    private int alloc(int octets) {
      int at = call("alloc", octets);
      if (at == 0) {
        throw new FingerpostException("RESOURCE_EXHAUSTED", "the engine's memory is used up", "OVERLOADED", List.of());
      }
      return at;
    }
  }
}
