"""The configuration of a run. The runner checks the schema too; this also holds where none does."""
from collections import namedtuple

from .problem import ProfileError

DELIMITERS = (",", ";", "\t", "|")
MAX_DISTINCT = 10_000
MAX_DISTINCT_LIMIT = 1_000_000

Config = namedtuple("Config", "delimiter max_distinct")


def read_config(given):
    """The configuration with its defaults; ProfileError names every fault at once."""
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise ProfileError(f"config: {given!r} is no object")
    faults = [f"there is no key {key!r}" for key in given if key not in Config._fields]
    delimiter = given.get("delimiter")
    if "delimiter" in given and delimiter not in DELIMITERS:
        faults.append(f"delimiter {delimiter!r} is none of {', '.join(map(repr, DELIMITERS))}")
    max_distinct = given.get("max_distinct", MAX_DISTINCT)
    if type(max_distinct) is not int or not 1 <= max_distinct <= MAX_DISTINCT_LIMIT:
        faults.append(f"max_distinct {max_distinct!r} is no integer from 1 to {MAX_DISTINCT_LIMIT}")
    if faults:
        raise ProfileError("config: " + "; ".join(faults))
    return Config(delimiter, max_distinct)
