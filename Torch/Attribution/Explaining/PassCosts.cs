using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;

namespace CnnOnnx.Torch.Attribution;

/// <summary>What passes over a model cost, in forward passes of the whole of it, by counting multiplications.</summary>
internal sealed class PassCosts
{
    /// <summary>A backward pass by tensors takes about as much as a forward pass; weights get no gradient.</summary>
    public const double Backward = 1;

    private readonly Explanation _explanation;
    private readonly string[] _ends;
    private readonly double _whole;

    public PassCosts(Explanation explanation)
    {
        _explanation = explanation;
        _ends = TargetScalar.Tensors(explanation.Targets);
        OnnxGraph graph = explanation.Parts.Original.Graph;
        _whole = Math.Max(1, Work(graph.NodesFor(_ends, [], node => CompiledGraph.Reads(node, graph))));
    }

    /// <summary>One pass over the whole model.</summary>
    public double Forward => 1;

    public int Targets => _explanation.Targets.Count;

    public int Layers => _explanation.Layers.Count;

    public ExplainerOptions Options => _explanation.Options;

    public ConventionRules Rules => _explanation.Rules;

    /// <summary>A backward pass from the targets to the layers, which does not go beyond the first of them.</summary>
    public double LayerBackward => Backward * Suffix([.. _explanation.Layers]);

    /// <summary>Channels of all layers together: runs of Score-CAM.</summary>
    public double Channels => _explanation.Layers.Sum(layer => Planes(layer).Channels);

    /// <summary>A run of what follows each layer, for each of its channels.</summary>
    public double AblatedSuffixes => _explanation.Layers.Sum(layer => Planes(layer).Channels * Suffix([layer]));

    /// <summary>A run of what follows each layer, for each of its places.</summary>
    public double PlaceSuffixes => _explanation.Layers.Sum(layer => (Planes(layer).Places + 1) * Suffix([layer]));

    /// <summary>Squares of occlusion over all explained inputs.</summary>
    public double Squares => _explanation.Explained.Sum(input =>
    {
        long[] shape = _explanation.InputPlanes(input).shape;
        return Occlusion.Squares(shape[2], shape[3], Options).Corners.Length;
    });

    private (double Channels, double Places) Planes(string layer)
    {
        TensorShape shape = _explanation.Parts.Shapes(_explanation.Inputs)[layer];
        bool isLast = _explanation.Parts.Layouts.Of(layer, shape.Rank).Layout == ChannelLayout.Last;
        double channels = isLast ? shape[^1] : shape[Math.Max(0, shape.Rank - 3)];
        return (channels, shape.Count / channels);
    }

    private double Suffix(string[] cut) => Work(SuffixPlan.Behind(_explanation.Parts.Original.Graph, cut, _ends).Nodes) / _whole;

    private double Work(IEnumerable<OnnxNode> nodes) =>
        NodeWork.Of(_explanation.Parts.Original.Graph, _explanation.Parts.Shapes(_explanation.Inputs), nodes);
}
