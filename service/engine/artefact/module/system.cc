// WASI in the module itself, so that it imports nothing and runs wherever WebAssembly does. The C
// library asks for these, and core and policy for none of them. What protobuf writes to standard
// error is lost; the answers name the field.
#include <wasi/api.h>

#include <cstdint>
#include <cstring>

// The name by which wasi-libc imports it.
#define WASI(name) __imported_wasi_snapshot_preview1_##name

extern "C" {

int32_t WASI(fd_write)(int32_t, int32_t parts, int32_t count, int32_t written) {
  size_t size = 0;
  const auto* part = reinterpret_cast<const __wasi_ciovec_t*>(parts);
  for (; count > 0; --count, ++part) size += part->buf_len;
  *reinterpret_cast<size_t*>(written) = size;
  return __WASI_ERRNO_SUCCESS;
}

// No arguments, no environment, no directories.
int32_t WASI(environ_sizes_get)(int32_t count, int32_t size) {
  *reinterpret_cast<size_t*>(count) = 0;
  *reinterpret_cast<size_t*>(size) = 0;
  return __WASI_ERRNO_SUCCESS;
}
int32_t WASI(environ_get)(int32_t, int32_t) { return __WASI_ERRNO_SUCCESS; }
int32_t WASI(fd_prestat_get)(int32_t, int32_t) { return __WASI_ERRNO_BADF; }

// Nothing that is secret or fair hangs on chance here.
int32_t WASI(random_get)(int32_t to, int32_t size) {
  std::memset(reinterpret_cast<void*>(to), 7, static_cast<size_t>(size));
  return __WASI_ERRNO_SUCCESS;
}

int32_t WASI(clock_time_get)(int32_t, int64_t, int32_t time) {
  *reinterpret_cast<uint64_t*>(time) = 0;
  return __WASI_ERRNO_SUCCESS;
}

[[noreturn]] void WASI(proc_exit)(int32_t) { __builtin_trap(); }

// There are no files.
int32_t WASI(fd_close)(int32_t) { return __WASI_ERRNO_NOSYS; }
// That of zig's own part of libc.
int32_t ZigsClose(int32_t) __asm__("fd_close|wasi_snapshot_preview1");
int32_t ZigsClose(int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(fd_fdstat_get)(int32_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(fd_fdstat_set_flags)(int32_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(fd_filestat_get)(int32_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(fd_pread)(int32_t, int32_t, int32_t, int64_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(fd_prestat_dir_name)(int32_t, int32_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(fd_read)(int32_t, int32_t, int32_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(fd_seek)(int32_t, int64_t, int32_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(path_filestat_get)(int32_t, int32_t, int32_t, int32_t, int32_t) {
  return __WASI_ERRNO_NOSYS;
}
int32_t WASI(path_open)(int32_t, int32_t, int32_t, int32_t, int32_t, int64_t, int64_t, int32_t,
                        int32_t) {
  return __WASI_ERRNO_NOSYS;
}
int32_t WASI(poll_oneoff)(int32_t, int32_t, int32_t, int32_t) { return __WASI_ERRNO_NOSYS; }
int32_t WASI(sched_yield)() { return __WASI_ERRNO_SUCCESS; }

// Advice that wasi-libc's mmap cannot take.
int madvise(void*, size_t, int) { return 0; }

}  // extern "C"
