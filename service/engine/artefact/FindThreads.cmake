# For Abseil, protobuf and RE2: threads are in libc, or, in the module, there are none.
if(NOT TARGET Threads::Threads)
  add_library(Threads::Threads INTERFACE IMPORTED)
endif()
set(CMAKE_USE_PTHREADS_INIT 1)
set(Threads_FOUND TRUE)
