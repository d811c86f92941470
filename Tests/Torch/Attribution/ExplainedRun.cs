using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Attribution;

/// <summary>An explainer of a network and a seeded picture for it.</summary>
internal sealed class ExplainedRun : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public ExplainedRun(OnnxModel model, ExplainerOptions? options = null)
    {
        Explainer = new Explainer(model, options);
        using var random = new Generator(7, CPU);
        Image = rand([1, .. model.Graph.Inputs[0].Shape!.Value.Skip(1).Select(axis => axis.Size!.Value)], generator: random);
    }

    public Explainer Explainer { get; }

    public Tensor Image { get; }

    public IReadOnlyList<(string, Tensor)> Inputs => [("image", Image)];

    public static AttributionTarget Class(int index) =>
        new($"class {index}", $"logit of class {index}", [new TargetTerm("logits", [0, index], 1)]);

    public static AttributionTarget Difference(int first, int second) => new($"{first}-{second}", "difference of logits",
        [new TargetTerm("logits", [0, first], 1), new TargetTerm("logits", [0, second], -1)]);

    public void Dispose()
    {
        Explainer.Dispose();
        _scope.Dispose();
    }
}
