"""Opens and closes ten thousand policies: many.py LIBRARY"""

import ctypes
import pathlib
import sys

library = ctypes.CDLL(str(pathlib.Path(sys.argv[1]).resolve()))
text = (pathlib.Path(__file__).parents[2] / "service/policy/examples/shop.yaml").read_bytes()
library.fingerpost_close.argtypes = [ctypes.c_void_p]
library.fingerpost_open_text.argtypes = [
    ctypes.c_char_p,
    ctypes.c_size_t,
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_char_p,
    ctypes.c_size_t,
    ctypes.POINTER(ctypes.c_size_t),
]
policy, error, size = ctypes.c_void_p(), ctypes.create_string_buffer(4096), ctypes.c_size_t()


def resident() -> int:
    pages = pathlib.Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


levels = []
for i in range(1, 10001):
    if library.fingerpost_open_text(text, len(text), policy, error, len(error), size) != 0:
        raise SystemExit(error.raw[: size.value])
    library.fingerpost_close(policy)
    if i % 1000 == 0:
        levels.append(resident())
print(f"{levels[0]} octets resident after 1000, {levels[-1]} after 10000")
sys.exit(levels[-1] > levels[0] + (1 << 20))
