"""How many different values there were: counted while they are few, estimated after that."""
import sys
from zlib import adler32, crc32

KEPT = 4096
CHARACTERS_MAX = 4 << 20
HASHES = 1 << sys.hash_info.width
LOWEST = -(HASHES // 2)


class Distinct:
    def __init__(self, limit):
        self._limit = limit
        self._seen = set()
        self._characters = 0
        self._sketch = None

    @property
    def exact(self):
        return self._sketch is None

    def count(self):
        return len(self._seen) if self.exact else self._sketch.estimate()

    def add(self, values):
        if self._sketch is not None:
            self._sketch.add(values)
            return
        new = set(values) - self._seen
        self._characters += sum(map(len, new))
        self._seen |= new
        if len(self._seen) > self._limit or self._characters > CHARACTERS_MAX:
            self._sketch = Sketch()
            self._sketch.add(self._seen)
            self._seen = set()


class Sketch:
    """
    The K smallest of evenly spread hashes: how close they lie together tells how many there are, with a standard error
    of 1.6 %. Python's hash of text differs from run to run; that of a tuple of integers does not, and mixes well.
    """

    def __init__(self):
        self._kept = set()
        self._below = LOWEST + HASHES

    def add(self, values):
        data = list(map(str.encode, values))
        hashes = map(hash, zip(map(crc32, data), map(adler32, data)))
        self._kept.update(filter(self._below.__gt__, hashes))
        if len(self._kept) > 2 * KEPT:
            self._shrink()

    def _shrink(self):
        smallest = sorted(self._kept)[:KEPT]
        self._kept = set(smallest)
        self._below = smallest[-1]

    def estimate(self):
        if self._below == LOWEST + HASHES:
            return len(self._kept)
        self._shrink()
        return round((KEPT - 1) * HASHES / (self._below - LOWEST))
