using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>
/// ONNX Runtime's optimiser as suspect: one model at two levels, with nothing but its outputs, so that all fusions happen; where the two
/// differ, the single optimisers whose absence takes the difference away are named.
/// </summary>
internal static class OptimizerSuspects
{
    /// <summary>Compares a model with itself.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Tensors of all its inputs, by name.</param>
    /// <param name="a">Device, threads and level of the reference.</param>
    /// <param name="b">The same of the run under suspicion.</param>
    /// <param name="tolerance">Allowed difference for the type of an output; the usual one when null.</param>
    /// <param name="cancel">Stops between two runs.</param>
    /// <exception cref="BadInputException">The model does not run at one of the levels.</exception>
    public static OptimizerFinding Of(OnnxModel model, IReadOnlyDictionary<string, TensorData> inputs, ActivationOptions a,
        ActivationOptions b, Func<ElementType, PairTolerance>? tolerance = null, CancellationToken cancel = default)
    {
        tolerance ??= type => Tolerances.Of(type, type, isQuantized: false);
        IReadOnlyDictionary<string, TensorData> reference = OptimizedRun.Of(model, inputs, a, []).Outputs;
        (IReadOnlyDictionary<string, TensorData> all, string graph) = OptimizedRun.Of(model, inputs, b, []);
        (string output, PairMetrics off, bool isWithin) = Worst(reference, all, tolerance);
        if (isWithin)
            return new OptimizerFinding(output, off.RelativeError, true, [], []);
        List<OptimizerSuspect> guilty = [];
        List<string> effective = [];
        foreach (string optimizer in OptimizedRun.Optimizers)
        {
            cancel.ThrowIfCancellationRequested();
            (IReadOnlyDictionary<string, TensorData> without, string other) = OptimizedRun.Of(model, inputs, b, [optimizer]);
            // The runtime ignores names that it does not know; what leaves the graph as it is was not at work.
            if (other == graph)
                continue;
            effective.Add(optimizer);
            (_, PairMetrics rest, bool isCured) = Worst(reference, without, tolerance);
            if (isCured)
                guilty.Add(new OptimizerSuspect(optimizer, rest.RelativeError));
        }

        return new OptimizerFinding(output, off.RelativeError, false, guilty, effective);
    }

    private static (string Output, PairMetrics Metrics, bool IsWithin) Worst(IReadOnlyDictionary<string, TensorData> a,
        IReadOnlyDictionary<string, TensorData> b, Func<ElementType, PairTolerance> tolerance)
    {
        (string Output, PairMetrics Metrics, bool IsWithin)[] all = [.. a.Where(o => b.ContainsKey(o.Key)).Select(o =>
        {
            var meter = new PairMeter();
            PairTolerance allowed = tolerance(o.Value.Type);
            meter.Add(o.Value.ToFloats(), b[o.Key].ToFloats(), allowed);
            PairMetrics metrics = meter.Result();
            return (o.Key, metrics, metrics.IsWithin(allowed));
        })];
        return all.OrderBy(o => o.IsWithin).ThenByDescending(o => o.Metrics.RelativeError).First();
    }
}
