using CnnOnnx.Imaging;
using CnnOnnx.Torch;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using TorchSharp;
using static TorchSharp.torch;
using Optimizer = CnnOnnx.Torch.Training.Optimizer;
using Yolov3 = CnnOnnx.Benchmarks.Networks.Yolov3;

namespace CnnOnnx.Benchmarks.Training;

/// <summary>
/// A step of a YOLOv3 of a quarter of the width with two pictures of 416x416: the graph with its loss and the trainer's optimizer,
/// against modules written by hand in TorchSharp with the same loss written out for the boxes of these pictures, and TorchSharp's SGD.
/// </summary>
internal sealed class YoloStep : TrainingPair
{
    private const int Side = 416, Pictures = 2, Classes = 20, Boxes = 8;
    private const double Width = 0.25, Rate = 1e-6;

    private readonly Tensor _pictures;
    private readonly Tensor _targets;
    private readonly DetectorTraining _detector;
    private readonly Optimizer _optimizer;
    private readonly Yolov3 _byHand;
    private readonly optim.Optimizer _sgd;

    public YoloStep()
    {
        NativeHeap.KeepFreed();
        var random = new Random(1);
        _pictures = rand(Pictures, 3, Side, Side);
        _targets = tensor(Enumerable.Range(0, Pictures * Boxes).SelectMany(i =>
        {
            float w = 20 + (200 * random.NextSingle()), h = 20 + (200 * random.NextSingle());
            return new[] { i / Boxes, random.Next(Classes), (w / 2) + ((Side - w) * random.NextSingle()),
                (h / 2) + ((Side - h) * random.NextSingle()), w, h };
        }).ToArray()).view(-1, 6);
        var spec = new InputSpec { Size = new(Side, Side), Resize = ResizeMode.Letterbox };
        string name = ArchitectureTable.NameOf("yolov3", Width);
        Architecture yolo = ArchitectureTable.Find(name)!;
        var plan = new TrainingPlan(name, "random", "yolo.onnx", spec,
            DetectorTraining.Usual with { Boxes = new BoxOptions { Anchors = BoxOptions.Paper } });
        _detector = DetectorTraining.Prepare(plan, (classes, anchors) => yolo.Build(spec, classes, anchors), false,
            [.. Enumerable.Range(0, Classes).Select(c => $"{c}")], [new(10, 10)], null, CPU, _ => { });
        _optimizer = new Optimizer(_detector.Network.Module.named_parameters(), "momentum");
        _detector.Network.Module.train();
        _byHand = new Yolov3(Classes, Width);
        _sgd = optim.SGD(_byHand.parameters(), Rate, momentum: 0.9);
    }

    public override void Dispose()
    {
        _sgd.Dispose();
        _byHand.Dispose();
        _optimizer.Dispose();
        _detector.Dispose();
        _targets.Dispose();
        _pictures.Dispose();
    }

    public override double ByHand()
    {
        using DisposeScope scope = NewDisposeScope();
        _byHand.train();
        Tensor[] heads = _byHand.call(_pictures);
        Tensor loss = YoloLossByHand.Of(heads, _targets, _detector.Network.Heads, Side) / Pictures;
        _sgd.zero_grad();
        loss.backward();
        _ = _sgd.step();
        return loss.ToDouble();
    }

    public override double Trainer()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor loss, Tensor sums) = _detector.Task.Learn(new Batch(_pictures, _targets));
        loss.backward();
        _optimizer.Step(Rate);
        return sums[0].ToDouble();
    }
}
