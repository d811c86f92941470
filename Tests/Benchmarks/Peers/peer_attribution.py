"""Maps of pytorch-grad-cam and Captum, from their sources, of seeded networks: peer_attribution.py FOLDER GRAD_CAM CAPTUM PICTURE

Writes NAME.onnx and NAME.npz for each network: the input, each tool's raw signed maps, and the seconds that each took. The library's side
is `Benchmarks --attribution FOLDER`. Packages that the tools import and these methods do not use are replaced by empty ones.
"""
import pathlib
import sys
import time
import types
import unittest.mock
import warnings

import cv2
import numpy
import torch
import torchvision

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TARGET = 281
# Name → network, its last feature map, and whether methods that run the model for each channel are affordable.
NETWORKS = {
    "resnet18": (torchvision.models.resnet18, lambda net: net.layer4[-1], True),
    "mobilenet_v2": (torchvision.models.mobilenet_v2, lambda net: net.features[-1], True),
    "vgg16": (torchvision.models.vgg16, lambda net: net.features[-1], False),
}


def stub_missing():
    for name in ("sklearn", "sklearn.decomposition", "ttach", "tqdm", "tqdm.auto"):
        try:
            __import__(name)
        except ImportError:
            module = types.ModuleType(name)
            module.__getattr__ = lambda attribute: unittest.mock.MagicMock()
            if name.startswith("tqdm"):
                module.tqdm = lambda items, *_, **__: items
            sys.modules[name] = module


def read_picture(path):
    picture = cv2.resize(cv2.imread(path), (224, 224), interpolation=cv2.INTER_AREA)
    values = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(numpy.float32) / 255
    return torch.from_numpy(((values - MEAN) / STD).transpose(2, 0, 1).astype(numpy.float32))[None]


def seeded(build):
    torch.manual_seed(1)
    network = build(weights=None).eval()
    for module in network.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
        if isinstance(module, torch.nn.BatchNorm2d):
            # As after a training: scales and shifts of their own in each channel.
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
    return network


def cams(network, layer, image, per_channel):
    """Raw maps before ReLU and scaling: what get_cam_image returns."""
    import pytorch_grad_cam as tool
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    methods = {"grad-cam": tool.GradCAM, "grad-cam-plus-plus": tool.GradCAMPlusPlus, "xgrad-cam": tool.XGradCAM,
               "hires-cam": tool.HiResCAM, "layer-cam": tool.LayerCAM, "eigen-cam": tool.EigenCAM, "eigen-grad-cam": tool.EigenGradCAM}
    if per_channel:
        methods |= {"score-cam": tool.ScoreCAM, "ablation-cam": tool.AblationCAM}
    for name, method in methods.items():
        with method(model=network, target_layers=[layer]) as cam:
            raw = []
            own = cam.get_cam_image

            def keep(*arguments, **named):
                raw.append(own(*arguments, **named))
                return raw[-1]

            cam.get_cam_image = keep
            start = time.perf_counter()
            cam(input_tensor=image, targets=[ClassifierOutputTarget(TARGET)])
            yield f"pytorch-grad-cam/{name}", raw[0][0], time.perf_counter() - start


def gradients(network, layer, image):
    from captum import attr as tool
    methods = {
        "gradient": lambda: tool.Saliency(network).attribute(image, target=TARGET, abs=False),
        "gradient-x-input": lambda: tool.InputXGradient(network).attribute(image, target=TARGET),
        "guided-backprop": lambda: tool.GuidedBackprop(network).attribute(image, target=TARGET),
        "deconvnet": lambda: tool.Deconvolution(network).attribute(image, target=TARGET),
        "integrated-gradients": lambda: tool.IntegratedGradients(network).attribute(image, target=TARGET, internal_batch_size=1),
        "grad-cam": lambda: tool.LayerGradCam(network, layer).attribute(image, target=TARGET),
        "guided-grad-cam": lambda: tool.GuidedGradCam(network, layer).attribute(image, target=TARGET),
    }
    for name, method in methods.items():
        start = time.perf_counter()
        try:
            found = method()
        except RuntimeError as fault:
            # ReLU6 is not a ReLU for the tool, and hooks on modules that are used twice fail.
            print(f"captum/{name}: {fault}", file=sys.stderr)
            continue
        yield f"captum/{name}", found[0].detach().numpy(), time.perf_counter() - start


def main():
    folder, picture = pathlib.Path(sys.argv[1]), sys.argv[4]
    sys.path[:0] = sys.argv[2:4]
    warnings.filterwarnings("ignore")
    stub_missing()
    folder.mkdir(parents=True, exist_ok=True)
    image = read_picture(picture)
    only = sys.argv[5:]
    for name, (build, layer, per_channel) in NETWORKS.items():
        if only and name not in only:
            continue
        network = seeded(build)
        torch.onnx.export(network, image, folder / f"{name}.onnx", opset_version=13, input_names=["input"], output_names=["logits"])
        arrays = {"input": image.numpy()}
        with torch.no_grad():
            start = time.perf_counter()
            network(image)
            arrays["seconds/forward"] = numpy.array([time.perf_counter() - start], numpy.float32)
        for key, values, seconds in [*gradients(network, layer(network), image), *cams(network, layer(network), image, per_channel)]:
            arrays[key] = numpy.ascontiguousarray(values, numpy.float32)
            arrays[f"seconds/{key}"] = numpy.array([seconds], numpy.float32)
            print(name, key, values.shape, f"{seconds:.2f} s", flush=True)
        numpy.savez(folder / f"{name}.npz", **arrays)


if __name__ == "__main__":
    main()
