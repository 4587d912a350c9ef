#!/usr/bin/env python3
"""Results of GPUs: gpu_result_test.py FOLDER_OF_GPU_RESULT."""
import datetime
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, sys.argv.pop(1))
import gpu_result  # noqa: E402

NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.timezone.utc)


class Results(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.put("kernels/math/scalar.hpp", "float")
        self.put("models/car/dynamics.hpp", "car")
        self.put("models/car/car_config.cpp", "the host's")
        self.put("work/about.json", '{"gpu": "NVIDIA H200 (x), 580.1", "tests": "all"}')

    def tearDown(self):
        self.folder.cleanup()

    def put(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def write(self):
        return gpu_result.write(self.root, self.root / "work", NOW)

    # Breaks when a source of the kernels is left out, its place does not count, or the host's do.
    def test_the_fingerprint_is_of_what_kernels_are_compiled_from(self):
        was = gpu_result.fingerprint(self.root)
        self.put("models/car/car_config.cpp", "changed")
        self.assertEqual(gpu_result.fingerprint(self.root), was)
        for path, text in (
            ("kernels/math/scalar.hpp", "double"),
            ("models/car/dynamics.hpp", "another car"),
            ("kernels/entry/new.inl", ""),
        ):
            self.put(path, text)
            self.assertNotEqual(gpu_result.fingerprint(self.root), was)
            was = gpu_result.fingerprint(self.root)
        (self.root / "kernels/entry/new.inl").rename(self.root / "kernels/entry/other.inl")
        self.assertNotEqual(gpu_result.fingerprint(self.root), was)

    # Breaks when a part is lost, or one that is missing or cut short passes for one that ran.
    def test_a_result_is_of_all_parts(self):
        self.put("work/bench.json", '{"rows": [1]}')
        self.put("work/peers.json", '{"rows": ')
        path = self.write()
        self.assertEqual(path.name, "gpu-nvidia-h200-x-2026-11-30.json")
        result = json.loads(path.read_text())
        self.assertEqual(result["bench"], {"rows": [1]})
        self.assertIsNone(result["peers"])
        self.assertIsNone(result["growth"])
        self.assertEqual(result["tests"], "all")
        self.assertEqual(result["kernels"], gpu_result.fingerprint(self.root))

    # Breaks when results of other kernels pass for these ones', or these ones' are not found.
    def test_it_is_said_where_no_result_is_of_the_kernels(self):
        self.assertIn("no GPU has run", gpu_result.check(self.root))
        self.write()
        self.assertEqual(gpu_result.check(self.root), "")
        self.put("kernels/math/scalar.hpp", "changed")
        self.assertIn("gpu-nvidia-h200-x-2026-11-30.json", gpu_result.check(self.root))

    # Breaks when a file is made of a run that left nothing.
    def test_nothing_is_written_of_nothing(self):
        (self.root / "work/about.json").unlink()
        with self.assertRaises(OSError):
            self.write()
        self.assertEqual(gpu_result.results(self.root), [])


if __name__ == "__main__":
    unittest.main()
