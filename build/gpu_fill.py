"""
Fills a GPU but for some MiB, says so on stdout and waits until its input ends: gpu_fill.py MEBIBYTES. For what a program says on
a card that others use.
"""
import sys

import torch

free, _ = torch.cuda.mem_get_info()
taken = torch.empty(max(0, free - (int(sys.argv[1]) << 20)), dtype=torch.uint8, device="cuda")
torch.cuda.synchronize()
print(f"{torch.cuda.mem_get_info()[0] >> 20} MiB are left", flush=True)
sys.stdin.read()
