"""Grad-CAM at the last feature map of MobileNetV2, pytorch-grad-cam and ours by turns: peer_grad_cam.py BENCHMARKS MODEL GRAD_CAM [ROUNDS]

BENCHMARKS is the built program, MODEL an .onnx of torchvision's network with its state_dict beside it as .pth, GRAD_CAM the tool's sources.
Each round runs ONNX Runtime's plain run and our Grad-CAM in a process of its own, then PyTorch's plain run and the tool's Grad-CAM in this
one, a few times each, of which the median counts, so that what else the machine does falls on all four. Prints medians over the rounds and
the medians of each round's ratios, as Markdown.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import time

import torch
import torchvision

from peer_attribution import stub_missing

TARGET, WARM_UPS, OURS, THEIRS = 281, 2, 15, 3


def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def ask(process):
    process.stdin.write("\n")
    process.stdin.flush()
    return [float(number) for number in process.stdout.readline().split()]


def medians(rows):
    return [statistics.median(column) for column in zip(*rows)]


def main():
    program, model, tool = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    torch.set_num_threads(os.cpu_count())
    sys.path.insert(0, tool)
    stub_missing()
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    network = torchvision.models.mobilenet_v2(weights=None).eval()
    network.load_state_dict(torch.load(pathlib.Path(model).with_suffix(".pth")))
    image, targets = torch.rand(1, 3, 224, 224), [ClassifierOutputTarget(TARGET)]

    def plain():
        with torch.no_grad():
            network(image)

    ours = subprocess.Popen([program, "--grad-cam", model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ours.stdout.readline()
    found = []
    with pytorch_grad_cam.GradCAM(model=network, target_layers=[network.features[-1]]) as cam:
        def explain():
            cam(input_tensor=image, targets=targets)

        for i in range(-WARM_UPS, rounds):
            row = medians([ask(ours) for _ in range(OURS)]) + medians([(milliseconds(plain), milliseconds(explain)) for _ in range(THEIRS)])
            if i >= 0:
                found.append(row)
    ours.stdin.close()
    ours.wait()
    names = ["plain run, ONNX Runtime", "Grad-CAM, ours", "plain run, PyTorch", "Grad-CAM, pytorch-grad-cam"]
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, {rounds} rounds, milliseconds\n\n| | median | least |\n|---|---:|---:|")
    for name, times in zip(names, zip(*found)):
        print(f"| {name} | {statistics.median(times):.1f} | {min(times):.1f} |")
    for words, over, under in [("ours against its plain run", 1, 0), ("the tool against its plain run", 3, 2), ("the tool against ours", 3, 1),
                               ("PyTorch's plain run against ours", 2, 0)]:
        print(f"\n{words}: {statistics.median(row[over] / row[under] for row in found):.2f}")


if __name__ == "__main__":
    main()
