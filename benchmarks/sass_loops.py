"""What a kernel's SASS (`cuobjdump -sass`) does a step, a segment and a trajectory: counts of
instructions by the unit that executes them, found from loops in the control flow.

A kernel that has a segment loop with a step loop in it is cut into a pass through the step loop,
what surrounds it in the segment loop, and the rest. Of several ways through, the one of fewest
instructions is counted: options that are off (noise, ragged segments) and corrections of rare
operands (a division of denormals) add instructions to a way. Loops further in belong to options
too: windows that overlap, costs that go back a few steps only.
"""
import collections
import dataclasses
import heapq
import re

INSTRUCTION = re.compile(r"^\s+/\*([0-9a-f]{4,})\*/\s+(.*?)\s*;")
JUMP = re.compile(r"^(@\S+ )?(BRA|CALL|RET|EXIT|BRX|JMP)\b.*?(?:, |\s)?(0x[0-9a-f]+)?$")
UNITS = {  # by the beginning of an opcode; what is not named here is the ALU's
    "fp32": ("FADD", "FMUL", "FFMA"),
    "special": ("MUFU", "F2I", "I2F.", "FRND", "F2F"),
    "imad": ("IMAD",),
    "global": ("LDG", "STG", "LD.", "ST."),
    "local": ("LDL", "STL"),
    "uniform": ("U", "R2UR", "S2UR", "LDC"),
    "control": ("BRA", "BSSY", "BSYNC", "CALL", "RET", "EXIT", "NOP", "WARPSYNC", "BREAK"),
}


@dataclasses.dataclass
class Block:
    """Instructions that are executed one after the other."""
    instructions: list
    target: int = None  # where the last of them jumps
    falls: int = None  # the block behind it, where it may go on there
    calls: int = None  # a routine, before it goes on there
    returns: bool = False


@dataclasses.dataclass
class Work:
    """Instructions by unit, and global accesses that no predicate may switch off."""
    units: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    loads: float = 0
    stores: float = 0

    def __add__(self, other):
        return Work(self.units + other.units, self.loads + other.loads, self.stores + other.stores)

    def __rmul__(self, factor):
        units = collections.Counter({unit: factor * n for unit, n in self.units.items()})
        return Work(units, factor * self.loads, factor * self.stores)

    @property
    def instructions(self):
        return sum(self.units.values())

    @property
    def accesses(self):
        return self.loads + self.stores


def unit_of(opcode):
    for unit, beginnings in UNITS.items():
        if opcode.startswith(beginnings):
            return unit
    return "alu"


def work_of(instructions):
    work = Work()
    for text in instructions:
        predicate, text = re.match(r"(@\S+\s+)?(.*)", text).groups()
        work.units[unit_of(text.split()[0])] += 1
        work.loads += text.startswith("LDG") and not predicate
        work.stores += text.startswith("STG") and not predicate
    return work


def read_listing(lines):
    """{symbol: [(address, text)]} of the kernels of one architecture."""
    kernels, code = {}, None
    for line in lines:
        if "Function : " in line:
            code = kernels.setdefault(line.split("Function : ")[1].strip(), [])
        elif code is not None and (match := INSTRUCTION.match(line)):
            code.append((int(match[1], 16), match[2]))
    return kernels


class Flow:
    """The blocks of one kernel and its loops."""

    def __init__(self, code):
        jumps = {address: match for address, text in code if (match := JUMP.match(text))}
        begins = {code[0][0]} | {int(m[3], 16) for m in jumps.values() if m[2] in ("BRA", "CALL")}
        begins |= {after for (address, _), (after, _) in zip(code, code[1:]) if address in jumps}
        self.entry, self.blocks, now = code[0][0], {}, None
        for address, text in code:
            if address in begins:
                if now is not None and now.falls == "next":
                    now.falls = address
                now = self.blocks[address] = Block([], falls="next")
            now.instructions.append(text)
            if match := jumps.get(address):
                self._end(now, match)
        now.falls = None
        self._returns = {}
        for block in self.blocks.values():
            # nvcc jumps far by calls too, to where nothing returns from.
            if block.calls is not None and not self.returns(block.calls):
                block.target, block.calls = block.calls, None
                if not block.instructions[-1].startswith("@"):
                    block.falls = None
        self.loops = self._find_loops()

    @staticmethod
    def _end(block, jump):
        sometimes = jump[1] is not None or re.search(r"\bBRA\S* \S+,", jump[0]) is not None
        if jump[2] in ("BRX", "JMP"):
            raise ValueError(f"no way to follow '{jump[0]}'")
        if jump[2] == "BRA":
            block.target = int(jump[3], 16)
        elif jump[2] == "CALL":
            block.calls = int(jump[3], 16)
            return
        block.returns = jump[2] == "RET"
        if not sometimes:
            block.falls = None

    def after(self, address):
        block = self.blocks[address]
        return [next for next in (block.target, block.falls) if next is not None]

    def after_all(self, blocks):
        return [next for b in blocks for next in self.after(b) if next not in blocks]

    def reached(self, start):
        seen, todo = {start}, [start]
        while todo:
            for next in self.after(todo.pop()):
                if next not in seen:
                    seen.add(next)
                    todo.append(next)
        return seen

    def returns(self, routine):
        if routine not in self._returns:
            self._returns[routine] = any(self.blocks[b].returns for b in self.reached(routine))
        return self._returns[routine]

    def _find_loops(self):
        """{header: blocks} of natural loops, of the kernel and of what it calls."""
        loops = {}
        calls = {block.calls for block in self.blocks.values()} - {None}
        for entry in {self.entry} | calls:
            reached = self.reached(entry)
            before = collections.defaultdict(set)
            for block in reached:
                for next in self.after(block):
                    before[next].add(block)
            dominators = {block: set(reached) for block in reached}
            dominators[entry] = {entry}
            changed = True
            while changed:
                changed = False
                for block in sorted(reached - {entry}):
                    now = set.intersection(*(dominators[b] for b in before[block])) | {block}
                    changed |= now != dominators[block]
                    dominators[block] = now
            for block in reached:
                for header in set(self.after(block)) & dominators[block]:
                    body, todo = loops.setdefault(header, {header}), [block]
                    while todo:
                        if (b := todo.pop()) not in body:
                            body.add(b)
                            todo += before[b]
        return loops

    def depth(self, header):
        return sum(header in body for body in self.loops.values())

    def work(self, address):
        block = self.blocks[address]
        work = work_of(block.instructions)
        if block.calls is not None and not block.instructions[-1].startswith("@"):
            ends = [b for b in self.reached(block.calls) if self.blocks[b].returns]
            work = work + self.least([block.calls], ends, self.blocks.keys())
        return work

    def least(self, starts, ends, within):
        """The work of the way of fewest instructions from a start to an end, both counted."""
        todo = [(0, i, start, Work()) for i, start in enumerate(starts) if start in within]
        seen, order = set(), len(todo)
        heapq.heapify(todo)
        while todo:
            _, _, address, work = heapq.heappop(todo)
            if address in seen:
                continue
            seen.add(address)
            work = work + self.work(address)
            if address in ends:
                return work
            for next in self.after(address):
                if next in within and next not in seen:
                    order += 1
                    heapq.heappush(todo, (work.instructions, order, next, work))
        raise ValueError(f"no way from {starts} to {ends}")

    def once_around(self, header, by=None):
        """The least work of a pass, or of one by way of a block."""
        body = self.loops[header]
        latches = [b for b in body if header in self.after(b)]
        if by in (None, header):
            return self.least([header], latches, body)
        to = self.least([header], [by], body)
        if by in latches:
            return to
        return to + self.least([b for b in self.after(by) if b != header], latches, body)

    def ways_around(self, header):
        """The least work of a pass, then of passes by way of each block that loads: an option that
        is on, where the kernel does not know that it is."""
        yield self.once_around(header)
        for block in sorted(self.loops[header]):
            if self.work(block).loads:
                yield self.once_around(header, block)


@dataclasses.dataclass
class Kernel:
    """The work of a step, of a segment apart from its steps, of a trajectory apart from those."""
    step: Work
    segment: Work
    trajectory: Work
    unrolled: int  # steps a pass of the step loop

    def per_step(self, steps, segments):
        return self.step + (1 / steps) * (self.segment + (1 / segments) * self.trajectory)


def count_kernel(code, loads, stores, cleared_per_segment=0, outside=0):
    """A Kernel whose steps read and write so many numbers each. `cleared_per_segment` numbers are
    set in a loop before the segments', which is inside `outside` loops that are gone through once."""
    flow = Flow(code)
    inner = {}
    for header, body in flow.loops.items():
        around = [h for h, b in flow.loops.items() if header in b and h != header]
        if len(around) == 1 + outside and not any(h in body for h in flow.loops if h != header):
            for work in flow.ways_around(header):
                unrolled = work.accesses // (loads + stores)
                if unrolled and (work.loads, work.stores) == (unrolled * loads, unrolled * stores):
                    segment = min(around, key=lambda h: len(flow.loops[h]))
                    inner[header] = (work.instructions / unrolled, segment, unrolled, work)
                    break
    if not inner:
        raise ValueError(f"no loop of steps that load {loads} numbers and store {stores}")
    step_header = min(inner, key=lambda h: inner[h][0])
    _, segment_header, unrolled, work = inner[step_header]
    steps, segments = flow.loops[step_header], flow.loops[segment_header]
    apart = segments - steps
    to_steps = [b for b in apart if step_header in flow.after(b)]
    latches = [b for b in segments if segment_header in flow.after(b)]
    segment = (flow.least([segment_header], to_steps, apart)
               + flow.least(flow.after_all(steps), latches, apart))
    others = flow.blocks.keys() - segments
    to_segments = [b for b in others if segment_header in flow.after(b)]
    exits = [b for b in others if "EXIT" in flow.blocks[b].instructions[-1] and not flow.after(b)]
    trajectory = (flow.least([flow.entry], to_segments, others)
                  + flow.least(flow.after_all(segments), exits, others))
    if cleared_per_segment:
        outer = [h for h, b in flow.loops.items()
                 if flow.depth(h) == 1 and segment_header not in b]
        clears = [w for w in map(flow.once_around, outer) if w.stores and not w.loads]
        if not clears:
            raise ValueError("no loop before the segments' that stores and does not load")
        clear = min(clears, key=lambda w: w.instructions / w.stores)
        segment = segment + (cleared_per_segment / clear.stores) * clear
    return Kernel((1 / unrolled) * work, segment, trajectory, unrolled)
