"""The text of a CSV file, a block at a time, with what is wrong with its bytes."""
import hashlib
import io
import re
from itertools import chain

from .problem import ProfileError

BLOCK_BYTES = 1 << 17
LINE_BYTES_MAX = 16 << 20
FIRST_SHOWN = 10
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
ESCAPED = re.compile("[\udc80-\udcff]")


class Source:
    """Reads a file once from start to end and holds one block of it at a time."""

    def __init__(self, path, name):
        self.path = path
        self.name = name
        self.blocks = 0
        self.size = 0
        self.digest = hashlib.sha256()
        self.bom = False
        self.invalid_bytes = 0
        self.first_invalid = []
        self.nul_characters = 0
        self._line = 1

    def lines(self):
        """Every line with its end. A line ends with LF, CR LF or CR, as the csv module takes it."""
        return chain.from_iterable(map(self._text, self._blocks()))

    def _blocks(self):
        """Blocks of whole lines, so that no character and no line end is ever cut in two."""
        with open(self.path, "rb", buffering=0) as file:
            rest = b""
            while True:
                chunk = file.read(BLOCK_BYTES)
                if not chunk:
                    break
                self.digest.update(chunk)
                chunk = self._begin(chunk) if self.size == 0 else chunk
                self.size += len(chunk)
                data = rest + chunk
                end = _last_line_end(data)
                rest = data[end:]
                if end:
                    yield data[:end]
                if len(rest) > LINE_BYTES_MAX:
                    raise ProfileError(f"{self.name}: line {self._line} is longer than {LINE_BYTES_MAX} bytes")
            if rest:
                yield rest

    def _begin(self, chunk):
        if chunk.startswith(UTF_16):
            raise ProfileError(f"{self.name}: is UTF-16; save it as UTF-8")
        self.bom = chunk.startswith(BOM)
        self.size = len(BOM) if self.bom else 0
        return chunk[self.size :]

    def _text(self, block):
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError:
            text = self._mended(block)
        if "\0" in text:
            self.nul_characters += text.count("\0")
            text = text.replace("\0", "\ufffd")
        self._line += _line_ends(text)
        self.blocks += 1
        return io.StringIO(text, newline="")

    def _mended(self, block):
        """The text with U+FFFD for each byte that is no UTF-8; the first of them are remembered."""
        text = block.decode("utf-8", "surrogateescape")
        for found in ESCAPED.finditer(text):
            self.invalid_bytes += 1
            if len(self.first_invalid) < FIRST_SHOWN:
                line = self._line + _line_ends(text[: found.start()])
                self.first_invalid.append({"line": line, "byte": f"0x{ord(found[0]) - 0xDC00:02x}"})
        return ESCAPED.sub("\ufffd", text)


def _last_line_end(data):
    """Where the last line ends. A CR that ends the data may be half of CR LF."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1


def _line_ends(text):
    return text.count("\n") + text.count("\r") - text.count("\r\n")
