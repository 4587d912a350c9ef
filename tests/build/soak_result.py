"""soak_result.py FOLDER PRESET COMMIT RESULT: what `./dev soak` saw, as one JSON file.

FOLDER holds ctest.xml, with every test's outcome, and a JSON file of GoogleTest's for each test that
has one, with the figures that its cases recorded.
"""

import datetime
import json
import os
import pathlib
import platform
import sys
import xml.etree.ElementTree

# What GoogleTest itself says of a case; all else is a figure of the test's own.
GTEST_KEYS = {"name", "value_param", "file", "line", "status", "result", "timestamp", "time",
              "classname", "failures"}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def number(text):
    """The figure as a number, where it is one."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def outcome(case):
    if case.get("failures"):
        return "failed"
    return "skipped" if case["result"] == "SKIPPED" else "passed"


def cases(file):
    """The cases of one test; none where it crashed before it wrote them, or is not GoogleTest's."""
    if not file.exists():
        return []
    suites = json.loads(file.read_text())["testsuites"]
    return [{"name": f"{case['classname']}.{case['name']}",
             "outcome": outcome(case),
             "seconds": float(case["time"].rstrip("s")),
             **{k: number(v) for k, v in case.items() if k not in GTEST_KEYS}}
            for suite in suites for case in suite["testsuite"]]


def main(folder, preset, commit, result):
    folder = pathlib.Path(folder)
    tests = []
    for test in xml.etree.ElementTree.parse(folder / "ctest.xml").getroot().iter("testcase"):
        status = {"run": "passed", "fail": "failed"}.get(test.get("status"), "skipped")
        tests.append({"name": test.get("name"), "outcome": status,
                      "seconds": float(test.get("time")),
                      "cases": cases(folder / f"{test.get('name')}.json")})
    if not tests:  # ctest -N
        return
    document = {
        "commit": commit,
        "utc": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "preset": preset,
        "machine": {"processor": processor(), "cores": os.cpu_count(),
                    "system": platform.platform()},
        "tests": tests,
    }
    pathlib.Path(result).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    print(result)


main(*sys.argv[1:])
