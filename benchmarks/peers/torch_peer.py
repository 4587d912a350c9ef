"""PyTorch on the CPU or a GPU; on a GPU the whole gradient is one captured CUDA graph."""

import loops
import torch
import torch_loops
from variant import Runner, Variant, single

CHUNKS = (1, 2, 5, 10)  # steps in one compiled function


class TorchRunner(Runner):
    def __init__(self, case, gradient, device, captured):
        self.theta = torch.from_numpy(single(case.theta)).to(device)
        self.sets = [
            (
                tuple(torch.from_numpy(single(s)).to(device) for s in one.states),
                torch.from_numpy(single(one.times)).to(device),
            )
            for one in case.sets
        ]
        self.gradient, self.device, self.graph = gradient, device, None
        self.states = tuple(torch.empty_like(s) for s in self.sets[0][0])
        self.times = torch.empty_like(self.sets[0][1])
        if captured:
            self.capture()

    def capture(self):
        self.load(0)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # compiled and warm before it is captured
            for _ in range(3):
                self.gradient(self.theta, self.states, self.times)
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.output = self.gradient(self.theta, self.states, self.times)

    def load(self, i):
        for mine, given in zip((*self.states, self.times), (*self.sets[i][0], self.sets[i][1])):
            mine.copy_(given)
        self.wait()

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def run(self):
        if self.graph is None:
            self.output = self.gradient(self.theta, self.states, self.times)
        else:
            self.graph.replay()
        self.wait()

    def result(self):
        return float(self.output[0]), self.output[1].double().cpu().numpy()


def versions():
    return {"torch": torch.__version__}


def variants(case, device):
    device = "cuda" if device == "gpu" else "cpu"
    loop = loops.of(case, torch_loops.namespace())
    found = []

    def add(name, row, make):
        found.append(Variant(name, row, "compiled" if row == "tuned" else row, make))

    for chunk in torch_loops.chunk_sizes(loop, CHUNKS):
        add(
            f"compiled chunks of {chunk}, hand adjoint",
            "tuned",
            lambda chunk=chunk: TorchRunner(
                case,
                torch_loops.hand_gradient(case, loop, chunk, torch.compile, device),
                device,
                device == "cuda",
            ),
        )
    add(
        "eager, autograd",
        "usual",
        lambda: TorchRunner(case, torch_loops.usual_gradient(case, loop), device, False),
    )
    return found
