"""phigrad's own side of a comparison: dumps a case's inputs, and times its gradient."""

import json
import os
import subprocess
import tempfile


class Failed(Exception):
    """One line that says what phigrad refused."""


def bench(program, config, batch, steps, device, dump=None):
    """(row of the gradient, peak RSS in MiB) of a `phigrad bench`; leaves the inputs in `dump`."""
    command = [
        program,
        "bench",
        config,
        "--batch",
        str(batch),
        "--steps",
        str(steps),
        "--precision",
        "float",
        "--what",
        "gradient",
        "--backend",
        "cuda" if device == "gpu" else "cpu",
        "--json",
    ]
    if dump:
        command += ["--dump", dump]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode:
            last = err.read().decode(errors="replace").strip().splitlines()[-1:]
            raise Failed(f"{' '.join(command)}: exit {child.returncode}; {' '.join(last)}")
        rows = [row for row in json.load(out)["rows"] if row["what"] == "gradient"]
    if len(rows) != 1:
        raise Failed(f"{' '.join(command)}: {len(rows)} rows of a gradient")
    return rows[0], usage.ru_maxrss / 1024
