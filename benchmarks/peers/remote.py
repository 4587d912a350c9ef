"""A worker process, from the comparing side."""

import json
import os
import subprocess
import sys
from pathlib import Path


class Dead(Exception):
    """The worker ended instead of answering."""


class Worker:
    """Context manager of one peer in a process of its own; its stderr goes to `log`."""

    def __init__(self, peer, device, dump, log):
        self.peer = peer
        environment = os.environ | {"JAX_PLATFORMS": "cuda" if device == "gpu" else "cpu"}
        if peer == "numba_peer":  # its own threads call BLAS
            environment["OPENBLAS_NUM_THREADS"] = "1"
        self.log = open(log, "a")
        self.child = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py")), peer, device, dump],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=environment,
        )
        try:
            self.about = self.answer()
        except Dead:
            self.close()
            raise

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise Dead(f"{self.peer} ended with {self.child.wait()} [--log {self.log.name}]")
        return json.loads(line)

    def ask(self, **command):
        try:
            self.child.stdin.write(json.dumps(command) + "\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            pass  # answer() says so
        return self.answer()

    def close(self):
        self.child.stdin.close()
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
