"""Runs the unittest tests of a plugin, counts the lines of its code that ran, and writes lines of JSON."""

import json
import os
import sys
import threading
import unittest

ROOT, REPORT = sys.argv[1], sys.argv[2]
SOURCES = os.path.join(ROOT, "src") + os.sep
ran = {}


def count_calls(frame, event, argument):
    path = frame.f_code.co_filename
    if not path.startswith(SOURCES):
        return None
    lines = ran.setdefault(path, set())
    lines.add(frame.f_lineno)

    def count_lines(inner, event, argument):
        lines.add(inner.f_lineno)
        return count_lines

    return count_lines


def code_lines(code):
    """The lines that have something to run, the functions inside included."""
    lines = {line for _, _, line in code.co_lines() if line}
    for constant in code.co_consts:
        if hasattr(constant, "co_lines"):
            lines |= code_lines(constant)
    return lines


def files():
    for folder, _, names in sorted(os.walk(SOURCES)):
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as source:
                    lines = code_lines(compile(source.read(), path, "exec"))
                yield {"path": path, "lines": len(lines), "covered": len(lines & ran.get(path, set()))}


def failure(test, text):
    frames = [line for line in text.splitlines() if line.strip().startswith("File ") and ROOT in line]
    place = frames[-1].split('"') if frames else ["", "", ""]
    line = place[2].split(",")[1].strip().removeprefix("line ") if frames else "0"
    return {"name": str(test), "file": place[1], "line": int(line), "message": text.strip().splitlines()[-1][:2000]}


def main():
    os.chdir(ROOT)
    sys.path[:0] = [ROOT, os.path.join(ROOT, "src")]
    threading.settrace(count_calls)
    sys.settrace(count_calls)
    result = unittest.TestResult()
    unittest.defaultTestLoader.discover("tests", pattern="test*.py", top_level_dir=".").run(result)
    sys.settrace(None)
    failed = result.failures + result.errors
    with open(REPORT, "w", encoding="utf-8") as report:
        for test, text in failed:
            report.write(json.dumps({"failed": failure(test, text)}) + "\n")
        ended = {"tests": result.testsRun, "failed": len(failed), "skipped": len(result.skipped), "files": list(files())}
        report.write(json.dumps({"ended": ended}) + "\n")
    sys.exit(1 if failed else 0)


main()
