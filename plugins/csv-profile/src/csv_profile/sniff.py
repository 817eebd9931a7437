"""How a CSV file is written: what separates its cells and what quotes them."""
import csv
import re
from collections import Counter, namedtuple
from itertools import islice

from .config import DELIMITERS

SAMPLE_LINES = 1000
SAMPLE_CHARACTERS = 1 << 16

Form = namedtuple("Form", "delimiter quote")
PLAIN = re.compile(r"[+-]?[\d.]+(,\d+)?|[^,;\t|]*")
QUOTED_CELL = r"(?:^|[,;\t|]){0}(?:[^{0}]|{0}{0})*{0}(?=[,;\t|\r\n]|\Z)"


def sniff(source, delimiter=None):
    """
    The form under which the first rows look most like a table: most rows have the same number of cells, then most
    cells hold no other separator (a decimal comma is none), then there are most cells. A file in which no separator
    makes more than one column has one column. Quotes are double unless more cells stand wholly in single ones.
    """
    lines = _sample(source.lines())
    quote = _quote("".join(lines))
    forms = [Form(each, quote) for each in ([delimiter] if delimiter else DELIMITERS)]
    return max(forms, key=lambda form: _score(lines, form))


def _sample(lines):
    taken, size = [], 0
    for line in islice(lines, SAMPLE_LINES):
        taken.append(line)
        size += len(line)
        if size > SAMPLE_CHARACTERS:
            break
    return taken


def _quote(text):
    double, single = (len(re.findall(QUOTED_CELL.format(mark), text, re.MULTILINE)) for mark in "\"'")
    return "'" if single > double else '"'


def _score(lines, form):
    rows = [row for row in csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote) if row]
    if not rows:
        return (0, 0, 0)
    width, alike = Counter(map(len, rows)).most_common(1)[0]
    cells = [cell for row in rows for cell in row]
    plain = sum(1 for cell in cells if PLAIN.fullmatch(cell))
    return (width > 1 and alike / len(rows), plain / len(cells), width)
