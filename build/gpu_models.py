"""
Writes the networks as ONNX files with a free batch: gpu_models.py DIR [NAME ...]. Files that are there stay. Prints one line a
file; exit 1 when one could not be written, which loses none of the others.
"""
import concurrent.futures
import pathlib
import sys
import time


def export(folder, name, half):
    import torch

    from gpu_networks import SIZE, network

    torch.set_num_threads(4)
    path = folder / f"{name}{'_fp16' if half else ''}.onnx"
    if path.exists():
        return f"{path.name}: is there"
    started = time.time()
    model = network(name)
    example = torch.randn(1, 3, SIZE, SIZE)
    if half and not torch.cuda.is_available():
        return f"{path.name}: left out, older versions of PyTorch compute float16 on a GPU only"
    if half:
        model, example = model.half().cuda(), example.half().cuda()
    part = path.with_suffix(".part")
    options = {
        "opset_version": 17 if torch.__version__ >= "2" else 13,
        "input_names": ["input"], "output_names": ["logits"], "dynamic_axes": {"input": {0: "N"}, "logits": {0: "N"}},
    }
    try:
        # The exporter by tracing; newer versions of PyTorch have another one first.
        try:
            torch.onnx.export(model, (example,), str(part), dynamo=False, **options)
        except TypeError:
            torch.onnx.export(model, (example,), str(part), **options)
        how = "traced"
    except Exception as fault:  # noqa: BLE001 - whatever it is, the other exporter may do
        if not hasattr(torch, "export"):
            raise
        print(f"{path.name}: tracing failed: {str(fault)[:200]}", file=sys.stderr)
        torch.onnx.export(model, (example,), str(part), dynamo=True, external_data=False, input_names=["input"],
                          output_names=["logits"], dynamic_shapes=({0: torch.export.Dim("N")},))
        how = "exported"
    part.rename(path)
    return f"{path.name}: {how}, {path.stat().st_size >> 20} MiB, {time.time() - started:.1f} s"


def main():
    from gpu_networks import NETWORKS

    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    names = sys.argv[2:] or list(NETWORKS)
    work = [(name, half) for name in names for half in ([False, True] if NETWORKS[name] else [False])]
    failed = 0
    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        tasks = {pool.submit(export, folder, name, half): (name, half) for name, half in work}
        for task in concurrent.futures.as_completed(tasks):
            try:
                print(task.result(), flush=True)
            except Exception as fault:  # noqa: BLE001 - told, and the rest goes on
                failed = 1
                print(f"{tasks[task]}: {type(fault).__name__}: {str(fault)[:300]}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
