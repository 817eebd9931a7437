"""Compiles files without running them, and prints what is wrong or warned about, each a line of JSON."""

import json
import sys
import warnings


def tell(path, line, message):
    print(json.dumps({"path": path, "line": line or 0, "message": message}))


def check(path):
    with open(path, "rb") as file:
        source = file.read()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(source, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as fault:
            tell(path, getattr(fault, "lineno", 0), getattr(fault, "msg", None) or str(fault))
    for warning in caught:
        tell(path, warning.lineno, f"{warning.category.__name__}: {warning.message}")


for path in sys.argv[1:]:
    check(path)
