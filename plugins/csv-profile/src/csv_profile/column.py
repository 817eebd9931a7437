"""What one column holds, in memory that does not grow with the file."""
import re
from collections import Counter
from datetime import date
from math import fsum, isfinite
from operator import mul

from .distinct import Distinct

SEPARATOR = "\x1f"
DIGITS_MAX = 40
RECHECK = 16

INTEGER_BYTES = b"+-0123456789 \x1f"
NUMBER_BYTES = INTEGER_BYTES + b".eE"
LEADING_ZERO = re.compile(f"(?:^|{SEPARATOR}) *[+-]?0[0-9]")
DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
TIME = r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
DATES = re.compile(f"(?:{DATE}(?:{TIME})?{SEPARATOR})*{DATE}(?:{TIME})?")
BOOLEANS = {"true", "false", "yes", "no"}


class Column:
    def __init__(self, name, header, max_distinct):
        self._name = name
        self._header = header
        self._distinct = Distinct(max_distinct)
        self._type = "empty"
        self._count = 0
        self._missing = 0
        self._longest = 0
        self._least = None
        self._greatest = None
        self._mean = 0.0
        self._batches = 0
        self._repeats = True

    def add(self, cells):
        """Takes the cells of a batch of rows. What is equal within a batch is looked at once."""
        values, weights = self._values(cells)
        joined = SEPARATOR.join(values)
        if " " in joined or "\t" in joined:
            values, weights = _without_blanks(values, weights)
            joined = SEPARATOR.join(values)
        count = len(values) if weights is None else sum(weights)
        self._missing += len(cells) - count
        if count == 0:
            return
        self._count += count
        longest = max(map(len, values))
        self._longest = max(self._longest, longest)
        self._distinct.add(values)
        if self._type != "text":
            self._type, read = _read(self._type, values, joined, longest)
            self._extend(read, weights, count)

    def _values(self, cells):
        """The values with how often each occurs, or, in a column that hardly repeats itself, simply all of them."""
        self._batches += 1
        if not self._repeats and self._batches % RECHECK:
            return list(filter(None, cells)), None
        counts = Counter(cells)
        counts.pop("", None)
        self._repeats = 2 * len(counts) < len(cells)
        return list(counts), list(counts.values())

    def _extend(self, read, weights, count):
        if self._type in ("boolean", "text"):
            return
        least, greatest = min(read), max(read)
        self._least = least if self._least is None else min(self._least, least)
        self._greatest = greatest if self._greatest is None else max(self._greatest, greatest)
        if self._type == "date":
            return
        total = fsum(read if weights is None else map(mul, read, weights))
        # Welford's update, a batch at a time: exact sums within a batch, and no sum that grows with the file.
        self._mean += (total / count - self._mean) * (count / self._count)

    def summary(self):
        numeric = self._type in ("integer", "number")
        ordered = numeric or self._type == "date"
        bound = float if self._type == "number" else (lambda value: value)
        return {
            "name": self._name,
            "header": self._header,
            "type": self._type,
            "count": self._count,
            "missing": self._missing,
            "distinct": self._distinct.count(),
            "distinct_exact": self._distinct.exact,
            "min": bound(self._least) if ordered else None,
            "max": bound(self._greatest) if ordered else None,
            "mean": self._mean if numeric else None,
            "longest": self._longest,
        }


def _without_blanks(values, weights):
    """Cells of nothing but white space are as missing as empty ones."""
    if weights is None:
        return [value for value in values if not value.isspace()], None
    kept = [(value, weight) for value, weight in zip(values, weights) if not value.isspace()]
    return [value for value, _ in kept], [weight for _, weight in kept]


def _read(type_, values, joined, longest):
    """The narrowest type that all values so far fit, and what they are in it."""
    whole = joined.count(SEPARATOR) == len(values) - 1
    for candidate in FITTING[type_] if whole else ():
        read = READERS[candidate](values, joined, longest)
        if read is not None:
            return candidate, read
    return "text", values


def _integers(values, joined, longest):
    """Digits with a sign. A leading zero says that it is a name made of digits, which a number would not keep."""
    if not _only(INTEGER_BYTES, joined, longest) or LEADING_ZERO.search(joined):
        return None
    return _converted(int, values)


def _numbers(values, joined, longest):
    if not _only(NUMBER_BYTES, joined, longest) or LEADING_ZERO.search(joined):
        return None
    numbers = _converted(float, values)
    return numbers if numbers is not None and isfinite(fsum(map(abs, numbers))) else None


def _only(allowed, joined, longest):
    """Whether nothing but the allowed bytes stands in the values: rules out nan, inf, underscores and other scripts."""
    return longest <= DIGITS_MAX and joined.isascii() and not joined.encode().translate(None, allowed)


def _converted(convert, values):
    try:
        return list(map(convert, values))
    except ValueError:
        return None


def _booleans(values, _joined, _longest):
    return values if set(map(str.lower, values)) <= BOOLEANS else None


def _dates(values, joined, _longest):
    """Days as ISO 8601 writes them, with or without a time. As text they sort by time."""
    if not DATES.fullmatch(joined):
        return None
    return values if _converted(date.fromisoformat, {value[:10] for value in values}) is not None else None


READERS = {"integer": _integers, "number": _numbers, "boolean": _booleans, "date": _dates}
# What a column may still turn out to be, the narrowest first; if nothing fits any more, it is text.
FITTING = {
    "empty": ("integer", "number", "boolean", "date"),
    "integer": ("integer", "number"),
    "number": ("number",),
    "boolean": ("boolean",),
    "date": ("date",),
}
