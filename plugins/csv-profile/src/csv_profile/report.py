"""The profile as a person reads it."""

HEAD = ("column", "type", "count", "missing", "distinct", "min", "max", "mean", "longest")
SHOWN_MAX = 60


def report(profile):
    parts = ["# CSV profile", f"{len(profile['files'])} file(s)."]
    for file in profile["files"]:
        parts += [f"## {_escaped(file['path'])}", _facts(file), _table(file)]
    return "\n\n".join(parts) + "\n"


def _facts(file):
    form = f"separated by {_code(file['delimiter'])}, quoted with {_code(file['quote'])}"
    facts = [f"{file['rows']} rows of {len(file['columns'])} columns, {file['bytes']} bytes, {form}."]
    if file["encoding"] == "utf-8-sig":
        facts.append("It begins with a byte order mark.")
    if file["ragged"]["count"]:
        lines = ", ".join(map(str, file["ragged"]["first_lines"]))
        facts.append(f"{file['ragged']['count']} row(s) are not as wide as the header, first in line {lines}.")
    if file["invalid_bytes"]["count"]:
        lines = ", ".join(str(each["line"]) for each in file["invalid_bytes"]["first"])
        facts.append(f"{file['invalid_bytes']['count']} byte(s) are no UTF-8, first in line {lines}.")
    if file["nul_characters"]:
        facts.append(f"{file['nul_characters']} NUL character(s) were read as U+FFFD.")
    if file["blank_lines"]:
        facts.append(f"{file['blank_lines']} blank line(s) were skipped.")
    return "\n".join(facts)


def _table(file):
    rows = [HEAD, ["---"] * len(HEAD)] + [_cells(column) for column in file["columns"]]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cells(column):
    distinct = ("" if column["distinct_exact"] else "about ") + str(column["distinct"])
    shown = [column["name"], column["type"], column["count"], column["missing"], distinct]
    return [_escaped(_shown(each)) for each in shown + [column[key] for key in ("min", "max", "mean", "longest")]]


def _shown(value):
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def _escaped(text):
    text = "".join(each if each.isprintable() else " " for each in text)
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, "\\" + mark)
    return text


def _code(character):
    return "a tab" if character == "\t" else f"`{character}`"
