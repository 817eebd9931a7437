"""The profile of one CSV file, read once from start to end."""
import csv
import re

from .column import Column
from .problem import ProfileError
from .sniff import sniff
from .source import FIRST_SHOWN, LINE_BYTES_MAX, Source

LINE_END = re.compile("\r\n|\r|\n")


def profile_file(path, name, config):
    """What the file holds. ProfileError names the file, and the line where there is one."""
    csv.field_size_limit(LINE_BYTES_MAX)
    try:
        return _profile(Source(path, name), config)
    except OSError as error:
        raise ProfileError(f"{name}: {error.strerror}") from error


def _profile(source, config):
    form = sniff(Source(source.path, source.name), config.delimiter)
    reader = csv.reader(source.lines(), delimiter=form.delimiter, quotechar=form.quote)
    rows = Rows(reader, source)
    try:
        header = rows.header()
        columns = [Column(name, title, config.max_distinct) for name, title in zip(_names(header), header)]
        for batch in rows.batches():
            for column, cells in zip(columns, zip(*batch)):
                column.add(cells)
    except csv.Error as error:
        raise ProfileError(f"{source.name}: line {reader.line_num}: {error}; is a quote not closed?") from error
    return {
        "path": source.name,
        "bytes": source.size,
        "sha256": source.digest.hexdigest(),
        "encoding": "utf-8-sig" if source.bom else "utf-8",
        "invalid_bytes": {"count": source.invalid_bytes, "first": source.first_invalid},
        "nul_characters": source.nul_characters,
        "delimiter": form.delimiter,
        "quote": form.quote,
        "rows": rows.count,
        "blank_lines": rows.blank,
        "ragged": {"count": rows.ragged, "first_lines": rows.first_ragged},
        "columns": [column.summary() for column in columns],
    }


class Rows:
    """The rows of a table, each as wide as the header; those that were not are counted."""

    def __init__(self, reader, source):
        self._reader = reader
        self._source = source
        self._width = 0
        self.count = 0
        self.blank = 0
        self.ragged = 0
        self.first_ragged = []

    def header(self):
        for row in self._reader:
            if row:
                self._width = len(row)
                return row
            self.blank += 1
        return []

    def batches(self):
        """Lists of rows that together are about one block of the file, so that the longest file needs no more memory."""
        reader, source, width = self._reader, self._source, self._width
        batch, block = [], source.blocks
        for row in reader:
            if len(row) != width:
                if not row:
                    self.blank += 1
                    continue
                row = self._straightened(row)
            batch.append(row)
            if source.blocks != block:
                yield self._counted(batch)
                batch, block = [], source.blocks
        if batch:
            yield self._counted(batch)

    def _counted(self, batch):
        self.count += len(batch)
        return batch

    def _straightened(self, row):
        """Cells that are not there are missing; cells too many are left out."""
        self.ragged += 1
        if len(self.first_ragged) < FIRST_SHOWN:
            inner = sum(len(LINE_END.findall(cell)) for cell in row)
            self.first_ragged.append(self._reader.line_num - inner)
        return (row + [""] * (self._width - len(row)))[: self._width]


def _names(header):
    """A name for each column that no other bears: a column without a name is called by its place."""
    names = {}
    for place, title in enumerate(header, 1):
        base = title.strip() or f"column_{place}"
        name, copy = base, 1
        while name in names:
            copy += 1
            name = f"{base}_{copy}"
        names[name] = place
    return list(names)
