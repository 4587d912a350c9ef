#!/usr/bin/env python3
"""Compares what ptxas says of each kernel (registers, stack, spills) with the golden figures.

  registers.py GOLDEN REPORT... [--nvcc VERSION] [--update]

REPORT is what `nvcc -Xptxas -v` wrote for one robot and precision; its name less the suffix names them.
Figures of others are not looked at.
The figures belong to one nvcc: with another the comparison is skipped. Exit: 0 same, 1 different,
77 skipped.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

KERNEL = re.compile(r"Compiling entry function '(\S+)' for '(sm_\w+)'")
STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
REGISTERS = re.compile(r"Used (\d+) registers")


def demangle(symbols):
    """C++ names without return type, argument list and the namespaces that all kernels share."""
    names = subprocess.run(["c++filt"], input="\n".join(symbols), text=True, capture_output=True,
                           check=True).stdout.splitlines()
    short = [re.sub(r"^void ", "", re.sub(r"\([^()]*\)( const)?$", "", name)) for name in names]
    return [name.replace("phigrad::cuda::", "") for name in short]


def read_report(path):
    """{kernel: {architecture: figures}} of one file."""
    kernels = {}
    symbol = architecture = None
    for line in path.read_text().splitlines():
        if match := KERNEL.search(line):
            symbol, architecture = match.groups()
        elif symbol and (match := STACK.search(line)):
            stack, stores, loads = map(int, match.groups())
            figures = kernels.setdefault(symbol, {}).setdefault(architecture, {})
            figures.update(stack=stack, spill_stores=stores, spill_loads=loads)
        elif symbol and (match := REGISTERS.search(line)):
            kernels.setdefault(symbol, {}).setdefault(architecture, {})["registers"] = int(match[1])
            symbol = None
    return dict(zip(demangle(kernels), kernels.values()))


def flatten(reports):
    """{"unit kernel architecture": figures}: one line a kernel in the golden file."""
    return {f"{path.stem} {kernel} {architecture}": figures
            for path in reports
            for kernel, architectures in read_report(path).items()
            for architecture, figures in architectures.items()}


def write_golden(path, nvcc, kernels):
    lines = [f"  {json.dumps(name)}: {json.dumps(figures)}" for name, figures in kernels.items()]
    path.parent.mkdir(exist_ok=True)
    path.write_text('{\n "nvcc": %s,\n "kernels": {\n%s\n }\n}\n' % (json.dumps(nvcc), ",\n".join(lines)))


def differences(golden, found):
    for name in sorted(golden.keys() | found.keys()):
        before, after = golden.get(name), found.get(name)
        if before != after:
            yield f"{name}: {before or 'no such kernel'} -> {after or 'gone'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("golden", type=pathlib.Path)
    parser.add_argument("reports", type=pathlib.Path, nargs="*")
    parser.add_argument("--nvcc", required=True, help="version that wrote the reports")
    parser.add_argument("--update", action="store_true", help="make the reports the golden figures")
    arguments = parser.parse_args()

    found = flatten(sorted(arguments.reports))
    if not found:
        sys.exit("no kernel in any report [registers]; is -Xptxas -v set?")
    if arguments.update:
        write_golden(arguments.golden, arguments.nvcc, found)
        print(f"wrote {len(found)} kernels to {arguments.golden}")
        return 0

    if not arguments.golden.exists():
        sys.exit(f"no golden figures [{arguments.golden}]; run ./dev registers --update")
    golden = json.loads(arguments.golden.read_text())
    if golden["nvcc"] != arguments.nvcc:
        print(f"skipped: the figures are of nvcc {golden['nvcc']}, this is {arguments.nvcc}")
        return 77
    units = {path.stem for path in arguments.reports}
    known = {name: figures for name, figures in golden["kernels"].items() if name.split()[0] in units}
    changed = list(differences(known, found))
    if changed:
        print(*changed, sep="\n")
        print(f"{len(changed)} kernels changed [{arguments.golden}]; "
              "if they are meant to, run ./dev registers --update and commit the file")
        return 1
    print(f"{len(found)} kernels as before")
    return 0


if __name__ == "__main__":
    sys.exit(main())
