// Which pixels a classifier looks at: how its best score changes with each of them, as a grey picture.
//
//   DifferentiateModel MODEL.onnx PICTURE OUT.png
using CnnOnnx.Imaging;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

if (args is not [string model, string path, string map])
{
    Console.Error.WriteLine("usage: DifferentiateModel MODEL.onnx PICTURE OUT.png");
    return 2;
}

try
{
    using var module = new OnnxModule(model);
    module.eval();
    (string input, string output) = (module.Model.Graph.Inputs[0].Name, module.Model.Graph.Outputs[0].Name);

    // One scope for all the tensors that are made on the way.
    using DisposeScope scope = NewDisposeScope();
    using Mat picture = PictureFile.Read(path);
    Tensor pixels = TorchTensors.From(Preprocessor.ToTensor(picture, module.Model.Card.Input ?? InputPresets.Parse("imagenet")), CPU);
    using GradientRun run = module.RunForGradients([(input, pixels)], [input, output]);
    Tensor scores = run[output].flatten();
    long best = scores.argmax().item<long>();
    Tensor gradient = run.Gradients(scores[best], input)[0];

    Tensor strength = gradient.abs().amax([0, 1]);
    Tensor grey = (strength / strength.max().clamp_min(1e-12) * 255).to(ScalarType.Byte);
    using Mat drawn = new((int)grey.shape[0], (int)grey.shape[1], MatType.CV_8UC1);
    grey.data<byte>().ToArray().CopyTo(drawn.AsSpan<byte>());
    PictureFile.Write(map, drawn);
    string name = module.Model.Card.Labels is { } labels && best < labels.Length ? labels[best] : $"class {best}";
    (float least, float most) = (gradient.min().item<float>(), gradient.max().item<float>());
    Console.WriteLine($"{name}: score {scores[best].item<float>():0.###}, gradient from {least:0.####} to {most:0.####}");
    return 0;
}
catch (Exception fault) when (fault is CnnOnnx.BadInputException or FileNotFoundException)
{
    Console.Error.WriteLine($"error: {fault.Message}");
    return 2;
}
