"""Asks libfingerpost.so one question by ctypes: ask.py LIBRARY POLICY.yaml"""

import ctypes
import sys

ABI, OK, TOO_SMALL = 2, 0, 2
library = ctypes.CDLL(sys.argv[1])
assert library.fingerpost_abi() == ABI, library.fingerpost_abi()
library.fingerpost_version.restype = ctypes.c_char_p
library.fingerpost_close.argtypes = [ctypes.c_void_p]
library.fingerpost_open_file.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_size_t)]
library.fingerpost_decide.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_size_t)]
library.fingerpost_take_usage.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_size_t)]

buffer, size, policy = ctypes.create_string_buffer(16), ctypes.c_size_t(), ctypes.c_void_p()


def call(function, *arguments):
    """The octets that the call wrote; its buffer grows with the largest answer."""
    global buffer
    status = function(*arguments, buffer, len(buffer), size)
    if status == TOO_SMALL:
        buffer = ctypes.create_string_buffer(size.value)
        status = function(*arguments, buffer, len(buffer), size)
    octets = ctypes.string_at(buffer, size.value)
    if status != OK:
        raise RuntimeError(octets)
    return octets


def text(field, value):
    """A field of octets in a message, shorter than 128."""
    return bytes([field << 3 | 2, len(value)]) + value


call(library.fingerpost_open_file, sys.argv[2].encode(), policy)
request = text(1, b"GET") + text(2, b"https://shop.example/blog/tea")
answer = call(library.fingerpost_decide, policy, text(1, request), len(text(1, request)))
assert b"https://journal.example/tea" in answer, answer
try:
    call(library.fingerpost_decide, policy, b"\xff", 1)
    raise SystemExit("octets that are no message had an answer")
except RuntimeError as error:
    assert b"expected the octets of a fingerpost.v1.DecideRequest" in error.args[0], error
assert b"blog" in call(library.fingerpost_take_usage, policy)  # A ReportUsageRequest, for the service.
assert call(library.fingerpost_take_usage, policy) == b""
library.fingerpost_close(policy)
print(library.fingerpost_version().decode(), "https://journal.example/tea")
