"""
MobileNetV2 in PyTorch with a hook on every module without children, whose output goes to host memory: what people do in place of
visualizer dump. gpu_peer.py [cuda|cpu] [RUNS]; prints JSON with medians in milliseconds.
"""
import json
import statistics
import sys
import time

import torch

from gpu_networks import SIZE, network


def median(work, runs, device):
    times = []
    for run in range(runs + 3):
        synchronize(device)
        started = time.perf_counter()
        work()
        synchronize(device)
        if run >= 3:
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def synchronize(device):
    if device == "cuda":
        torch.cuda.synchronize()


def measure(device, batch, runs):
    model = network("mobilenet_v2").to(device)
    host = torch.randn(batch, 3, SIZE, SIZE)
    kept, buffers, hooks = {}, {}, []
    modules = {name: module for name, module in model.named_modules() if not list(module.children())}

    def plain():
        with torch.no_grad():
            model(host.to(device)).cpu()

    def hooked(copy):
        for name, module in modules.items():
            hooks.append(module.register_forward_hook(lambda _, __, output, name=name: kept.__setitem__(name, copy(name, output))))

        def run():
            with torch.no_grad():
                model(host.to(device))
            synchronize(device)

        try:
            return median(run, runs, device)
        finally:
            while hooks:
                hooks.pop().remove()

    # As tutorials have it; and the fastest that can be done: page-locked memory that is there already, copied while it computes.
    def to_host(_, output):
        return output.detach().cpu().clone() if device == "cpu" else output.detach().cpu()

    def to_pinned(name, output):
        if name not in buffers:
            buffers[name] = torch.empty(output.shape, dtype=output.dtype, pin_memory=True)
        return buffers[name].copy_(output.detach(), non_blocking=True)

    result = {
        "device": device, "batch": batch, "runs": runs, "modules": len(modules),
        "forwardMilliseconds": median(plain, runs, device), "hooksMilliseconds": hooked(to_host),
    }
    result["bytes"] = sum(t.numel() * t.element_size() for t in kept.values())
    kept.clear()
    if device == "cuda":
        result["hooksPinnedMilliseconds"] = hooked(to_pinned)
    return result


def main():
    device = sys.argv[1] if len(sys.argv) > 1 else "cuda"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    # As ONNX Runtime is told to compute here.
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    batches = [measure(device, batch, runs) for batch in (1, 32)]
    print(json.dumps({
        "torch": torch.__version__, "device": torch.cuda.get_device_name() if device == "cuda" else "cpu", "batches": batches,
    }))


if __name__ == "__main__":
    main()
