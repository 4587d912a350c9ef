#!/usr/bin/env python3
"""Counting a kernel's instructions from its listing: sass_loops_test.py FOLDER_OF_SASS_LOOPS."""
import re
import sys
import unittest

sys.path.insert(0, sys.argv.pop(1))
from sass_loops import Flow, count_kernel, read_listing  # noqa: E402

# A step: two loads, noise that may be off, a division whose operand may be rare (a call). The way
# without noise and call is 10 instructions. Its labels end with what % stands for.
BODY = """
  LDG.E R1, [R2.64]
  @P3 LDG.E R9, [R8.64]
  @!P0 BRA plain%
  LDG.E R5, [R6.64]
  FADD R1, R1, R5
plain%:
  LDG.E R3, [R2.64+0x4]
  @P2 BRA usual%
  CALL.REL.NOINC rare
  BRA divided%
usual%:
  MUFU.RCP R4, R1
  FFMA R4, R1, R4, -1
  FMUL R4, R3, R4
divided%:
  IADD3 R2, R2, 0x8, RZ
"""
STEP = "step%:" + BODY + "  @P1 BRA step%\n"
KERNEL = f"""
  S2R R0, SR_TID.X
  @P0 EXIT
clear:
  STG.E [R10.64], RZ
  STG.E [R10.64+0x4], RZ
  IADD3 R10, R10, 0x8, RZ
  BRA P5, clear
  @P6 BRA windows
segment:
  LDC R7, c[0x0][0x214]
  @P7 BRA skipped
{STEP.replace("%", "1")}
skipped:
  STG.E [R10.64], R4
  @P1 BRA segment
  @P0 CALL.REL.NOINC end
windows:
  UIADD3 UR4, UR4, 0x1, URZ
inner:
  LDC R7, c[0x0][0x214]
{STEP.replace("%", "2").replace("  FMUL R4, R3, R4", "")}
  @P1 BRA inner
  @P2 BRA windows
end:
  STG.E [R10.64], R4
  EXIT
rare:
  FMUL R4, R1, R1
  FMUL R4, R4, R1
  FMUL R4, R4, R1
  RET.REL.NODEC R20 0x0
"""


def assemble(text):
    """What cuobjdump would print of it, read."""
    places, codes = {}, []
    for line in filter(str.strip, text.splitlines()):
        if line.endswith(":"):
            places[line[:-1]] = f"{16 * len(codes):#x}"
        else:
            codes.append(line.strip())
    lines = ["\t\tFunction : kernel"]
    for i, code in enumerate(codes):
        code = re.sub(r"\w+$", lambda word: places.get(word[0], word[0]), code)
        lines.append(f"        /*{16 * i:04x}*/          {code} ;      /* 0x000000000a057210 */")
        lines.append("                                          /* 0x000fe20000000800 */")
    return read_listing(lines)["kernel"]


class SassLoops(unittest.TestCase):
    # Breaks when a loop is missed or one is found that is none: a jump back that is not followed, a
    # jump with two predicates taken for one without, a header that does not dominate.
    def test_finds_every_loop_and_its_depth(self):
        flow = Flow(assemble(KERNEL))
        self.assertEqual(sorted(map(flow.depth, flow.loops)), [1, 1, 1, 2, 2, 3])

    # Breaks when a loop's instructions are taken for those around it, when noise or the rare way
    # through a division is counted, when an option's step loop (a shorter one, but in windows) is
    # taken for the one, and when the jump past all steps is taken.
    def test_counts_a_step_a_segment_and_a_trajectory(self):
        kernel = count_kernel(assemble(KERNEL), loads=2, stores=0, cleared_per_segment=2)
        self.assertEqual(dict(kernel.step.units), {
            "global": 3, "control": 3, "special": 1, "fp32": 2, "alu": 1})
        self.assertEqual(kernel.step.loads, 2)  # the third may be switched off
        self.assertEqual(kernel.segment.instructions, 4 + 4)  # its own, a pass of the clearing
        self.assertEqual(kernel.segment.stores, 1 + 2)
        # In by the clearing loop, out by a call from which nothing returns.
        self.assertEqual(kernel.trajectory.instructions, 2 + 4 + 1 + 1 + 2)
        self.assertAlmostEqual(kernel.per_step(steps=10, segments=2).instructions,
                               10 + (8 + 10 / 2) / 10)

    # Breaks when an unrolled loop is counted as one step.
    def test_unrolled_steps_share_a_pass(self):
        twice = "step1:" + BODY.replace("%", "0") + BODY.replace("%", "1") + "  @P1 BRA step1\n"
        unrolled = KERNEL.replace(STEP.replace("%", "1"), twice)
        kernel = count_kernel(assemble(unrolled), loads=2, stores=0)
        self.assertEqual((kernel.unrolled, kernel.step.instructions), (2, (9 + 10) / 2))

    # Breaks when another loop takes the place of the one that is not there.
    def test_without_the_step_loop_there_is_no_count(self):
        straight = KERNEL.replace("@P1 BRA step1", "NOP")
        with self.assertRaisesRegex(ValueError, "no loop of steps that load 2 numbers"):
            count_kernel(assemble(straight), loads=2, stores=0)


if __name__ == "__main__":
    unittest.main()
