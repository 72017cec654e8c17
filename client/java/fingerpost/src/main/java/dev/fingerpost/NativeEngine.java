package dev.fingerpost;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The engine as libfingerpost.so, by Java's foreign functions (Java 22). They are named by reflection, because this package is compiled for Java 17; a call
 * itself is a method handle's. A pointer is a long: on the machines that the library is for, both are passed the same way.
 */
final class NativeEngine implements Opener {
  private static final int FIRST_JAVA = 22;

  /** A larger buffer is not kept for the next answer. */
  private static final int KEPT_ROOM = 1 << 16;

  private static final Cleaner CLEANER = Cleaner.create();

  private final MethodHandle open;
  private final MethodHandle openText;
  private final MethodHandle decide;
  private final MethodHandle follow;
  private final MethodHandle takeUsage;
  private final MethodHandle policyVersion;
  private final MethodHandle close;
  private final Foreign foreign;
  private final ConcurrentLinkedQueue<Room> rooms = new ConcurrentLinkedQueue<>();

  /** The library of this package, as a file. It is deleted as soon as it is loaded. */
  static Path unpacked() {
    if (Runtime.version().feature() < FIRST_JAVA) {
      throw new EngineException("Java " + Runtime.version().feature() + " cannot call the library; Java " + FIRST_JAVA + " can");
    }
    if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) {
      throw new EngineException("the library is for Linux on x86-64");
    }
    try (InputStream in = NativeEngine.class.getResourceAsStream("libfingerpost.so")) {
      if (in == null) {
        throw new EngineException("this package was built without the library");
      }
      Path file = Files.createTempFile("libfingerpost", ".so");
      file.toFile().deleteOnExit();
      Files.write(file, in.readAllBytes());
      return file;
    } catch (IOException error) {
      throw new EngineException("the library could not be unpacked: " + error, error);
    }
  }

  NativeEngine(Path library) {
    try {
      foreign = new Foreign(library);
      Class<?> number = int.class;
      Opener.requireAbi((int) foreign.function("fingerpost_abi", number).invokeExact());
      open = foreign.function("fingerpost_open", number, long.class, long.class, long.class, long.class, long.class, long.class, long.class);
      openText = foreign.function("fingerpost_open_text", number, long.class, long.class, long.class, long.class, long.class, long.class);
      decide = foreign.function("fingerpost_decide", number, long.class, long.class, long.class, long.class, long.class, long.class);
      follow = foreign.function("fingerpost_follow", number, long.class, long.class, long.class, long.class, long.class, long.class);
      takeUsage = foreign.function("fingerpost_take_usage", number, long.class, long.class, long.class, long.class);
      policyVersion = foreign.function("fingerpost_policy_version", long.class, long.class);
      close = foreign.function("fingerpost_close", void.class, long.class);
      Files.deleteIfExists(library);
    } catch (EngineException error) {
      throw error;
    } catch (Throwable error) {
      throw new EngineException(library + " is no engine for this machine: " + error, error);
    }
  }

  @Override
  public String kind() {
    return "native";
  }

  @Override
  public Policy open(byte[] octets, String version) {
    byte[] name = version.isEmpty() ? new byte[0] : Opener.version(version);
    Room in = new Room(octets.length + name.length + 8);
    in.buffer.put(0, octets).put(octets.length, name);
    long versionAt = name.length == 0 ? 0 : in.address + octets.length;
    long handle = in.address + in.capacity - 8;
    return opened(in, room -> (int) open.invokeExact(in.address, (long) octets.length, versionAt, handle, room.address, room.capacity, room.sizeAddress));
  }

  @Override
  public Policy openText(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    Room in = new Room(octets.length + 8);
    in.buffer.put(0, octets);
    long handle = in.address + in.capacity - 8;
    return opened(in, room -> (int) openText.invokeExact(in.address, (long) octets.length, handle, room.address, room.capacity, room.sizeAddress));
  }

  private Policy opened(Room in, Call function) {
    call(function);
    return new NativePolicy(in.buffer.getLong((int) in.capacity - 8));
  }

  /** What a function writes. */
  private byte[] call(Call function) {
    Room room = take(ROOM);
    try {
      int status;
      while ((status = function.into(room)) == TOO_SMALL) {
        room = new Room((int) room.size());
      }
      byte[] octets = new byte[(int) room.size()];
      room.buffer.get(0, octets);
      if (status != OK) {
        throw Opener.failure(status, octets);
      }
      return octets;
    } catch (RuntimeException | java.lang.Error error) {
      throw error;
    } catch (Throwable error) {
      throw new IllegalStateException(error);
    } finally {
      keep(room);
    }
  }

  private Room take(int capacity) {
    Room kept = rooms.poll();
    return kept != null && kept.capacity >= capacity ? kept : new Room(capacity);
  }

  private void keep(Room room) {
    if (room.capacity <= KEPT_ROOM) {
      rooms.add(room);
    }
  }

  private interface Call {
    int into(Room room) throws Throwable;
  }

  /** A buffer of this process's memory, with a place for the length beside it. */
  private final class Room {
    final ByteBuffer buffer;
    final long capacity;
    final long address;
    final long sizeAddress;

    Room(int capacity) {
      int whole = (capacity + 7) & ~7;
      this.buffer = ByteBuffer.allocateDirect(whole + 8).order(ByteOrder.nativeOrder());
      this.capacity = whole;
      this.address = foreign.address(buffer);
      this.sizeAddress = address + whole;
    }

    long size() {
      return buffer.getLong((int) capacity);
    }
  }

  private final class NativePolicy implements Policy {
    private final long handle;
    private final String version;

    NativePolicy(long handle) {
      this.handle = handle;
      MethodHandle end = close;
      CLEANER.register(this, () -> close(end, handle));
      try {
        this.version = foreign.text((long) policyVersion.invokeExact(handle));
      } catch (RuntimeException | java.lang.Error error) {
        throw error;
      } catch (Throwable error) {
        throw new IllegalStateException(error);
      }
    }

    @Override
    public String version() {
      return version;
    }

    @Override
    public byte[] decide(byte[] question) {
      return ask(decide, question);
    }

    @Override
    public byte[] follow(byte[] question) {
      return ask(follow, question);
    }

    @Override
    public byte[] takeUsage() {
      try {
        return call(room -> (int) takeUsage.invokeExact(handle, room.address, room.capacity, room.sizeAddress));
      } finally {
        Reference.reachabilityFence(this);
      }
    }

    private byte[] ask(MethodHandle function, byte[] question) {
      Room in = take(question.length);
      in.buffer.put(0, question);
      try {
        return call(room -> (int) function.invokeExact(handle, in.address, (long) question.length, room.address, room.capacity, room.sizeAddress));
      } finally {
        keep(in);
        Reference.reachabilityFence(this);
      }
    }
  }

  private static void close(MethodHandle close, long handle) {
    try {
      close.invokeExact(handle);
    } catch (Throwable error) {
      Heard.LOG.log(System.Logger.Level.ERROR, "a policy was not closed", error);
    }
  }

  /** What this needs of java.lang.foreign. */
  private static final class Foreign {
    private final Object linker;
    private final Object library;
    private final Method find;
    private final Method describe;
    private final Method describeVoid;
    private final Method downcall;
    private final Object options;
    private final Class<?> layout;
    private final MethodHandle ofBuffer;

    Foreign(Path file) throws ReflectiveOperationException {
      Class<?> arena = named("Arena");
      Class<?> lookup = named("SymbolLookup");
      Class<?> link = named("Linker");
      Class<?> option = named("Linker$Option");
      Class<?> segment = named("MemorySegment");
      Class<?> descriptor = named("FunctionDescriptor");
      layout = named("MemoryLayout");
      Class<?> layouts = Array.newInstance(layout, 0).getClass();
      options = Array.newInstance(option, 0);
      linker = link.getMethod("nativeLinker").invoke(null);
      find = lookup.getMethod("find", String.class);
      describe = descriptor.getMethod("of", layout, layouts);
      describeVoid = descriptor.getMethod("ofVoid", layouts);
      downcall = link.getMethod("downcallHandle", segment, descriptor, options.getClass());
      Object global = arena.getMethod("global").invoke(null);
      try {
        library = lookup.getMethod("libraryLookup", Path.class, arena).invoke(null, file, global);
      } catch (InvocationTargetException error) {
        throw new EngineException(file + " is no library for this machine: " + error.getCause().getMessage(), error.getCause());
      }
      var handles = java.lang.invoke.MethodHandles.lookup();
      MethodHandle of = handles.findStatic(segment, "ofBuffer", MethodType.methodType(segment, java.nio.Buffer.class));
      MethodHandle address = handles.findVirtual(segment, "address", MethodType.methodType(long.class));
      ofBuffer = java.lang.invoke.MethodHandles.filterReturnValue(of, address).asType(MethodType.methodType(long.class, ByteBuffer.class));
      reader = textReader(segment, handles);
    }

    private final MethodHandle reader;

    private static MethodHandle textReader(Class<?> segment, java.lang.invoke.MethodHandles.Lookup handles) throws ReflectiveOperationException {
      MethodHandle at = handles.findStatic(segment, "ofAddress", MethodType.methodType(segment, long.class));
      MethodHandle sized = handles.findVirtual(segment, "reinterpret", MethodType.methodType(segment, long.class));
      MethodHandle text = handles.findVirtual(segment, "getString", MethodType.methodType(String.class, long.class));
      MethodHandle wide = java.lang.invoke.MethodHandles.insertArguments(sized, 1, (long) ROOM);
      MethodHandle whole = java.lang.invoke.MethodHandles.insertArguments(text, 1, 0L);
      return java.lang.invoke.MethodHandles.filterReturnValue(java.lang.invoke.MethodHandles.filterReturnValue(at, wide), whole);
    }

    long address(ByteBuffer buffer) {
      try {
        return (long) ofBuffer.invokeExact(buffer);
      } catch (RuntimeException | java.lang.Error error) {
        throw error;
      } catch (Throwable error) {
        throw new IllegalStateException(error);
      }
    }

    String text(long at) throws Throwable {
      return (String) reader.invokeExact(at);
    }

    MethodHandle function(String name, Class<?> returned, Class<?>... arguments) throws ReflectiveOperationException {
      Object symbol = ((Optional<?>) find.invoke(library, name)).orElseThrow(() -> new EngineException("the library has no " + name));
      Object layouts = Array.newInstance(layout, arguments.length);
      for (int i = 0; i < arguments.length; i++) {
        Array.set(layouts, i, layout(arguments[i]));
      }
      Object described = returned == void.class ? describeVoid.invoke(null, layouts) : describe.invoke(null, layout(returned), layouts);
      return (MethodHandle) downcall.invoke(linker, symbol, described, options);
    }

    private static Object layout(Class<?> kind) throws ReflectiveOperationException {
      return named("ValueLayout").getField(kind == int.class ? "JAVA_INT" : "JAVA_LONG").get(null);
    }

    private static Class<?> named(String name) throws ClassNotFoundException {
      return Class.forName("java.lang.foreign." + name);
    }
  }

}
