using System.Diagnostics;
using CnnOnnx.Cli;
using CnnOnnx.Inference;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>The stage that runs the model: all tensors at once, or in parts where they do not fit into the memory they may take.</summary>
/// <param name="session">Session that runs the model.</param>
/// <param name="options">Settings, of which memory and profile count here.</param>
/// <param name="note">Called with each decision in words, from any thread.</param>
internal sealed class DumpRunner(ActivationSession session, DumpOptions options, Action<string> note)
{
    // Of which a layer's time is the median.
    private const int ProfiledRuns = 5;

    private readonly Dictionary<string, IReadOnlyDictionary<string, TensorCost>> _costs = [];
    private bool _inParts;

    /// <summary>Runs a batch, or plans its parts. A batch that cannot run says why.</summary>
    public RunBatch Run(BoundBatch batch, CancellationToken cancel)
    {
        if (batch.Values is null)
            return new RunBatch(batch, batch.Bound?.Fault);
        try
        {
            return Run(batch, batch.Values, cancel);
        }
        catch (BadInputException fault)
        {
            return new RunBatch(batch, FaultLine.Of(fault));
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Hands out what a batch makes, its parts one after another: each is run here, and disposed after its use.</summary>
    /// <param name="batch">A batch without a fault.</param>
    /// <param name="use">Called with all tensors, or with those of each part.</param>
    /// <param name="cancel">Stops within a run.</param>
    /// <returns>Milliseconds of the runs, and why a part could not be run.</returns>
    public (double Milliseconds, string? Fault) ForEachPart(RunBatch batch, Action<Activations> use, CancellationToken cancel)
    {
        double milliseconds = batch.Milliseconds;
        if (batch.Seen is not null)
        {
            using Activations seen = batch.Seen;
            use(seen);
        }

        foreach (IReadOnlyList<string> tensors in batch.Parts)
        {
            Activations part;
            long started = Stopwatch.GetTimestamp();
            // A run that fails is this batch's fault; what its use throws is everybody's.
            try
            {
                RunInputs inputs = batch.Before.Values!;
                part = batch.Parts.Count == 1 ? session.Run(inputs, cancel) : session.RunPart(inputs, tensors, cancel);
            }
            catch (BadInputException fault)
            {
                return (milliseconds, FaultLine.Of(fault));
            }

            milliseconds += Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            using (part)
                use(part);
        }

        return (milliseconds, null);
    }

    private RunBatch Run(BoundBatch batch, RunInputs inputs, CancellationToken cancel)
    {
        IReadOnlyDictionary<string, TensorCost>? costs = options.Profile || options.Memory is not null ? CostsOf(inputs, cancel) : null;
        if (options.Memory is { } budget)
        {
            MemoryPlan plan = MemoryPlan.For(costs!, session.Tensors, budget);
            // While a run is drawn the next one is made only when both have room, whatever the next one's size is.
            _inParts |= !plan.LeavesRoomFor(budget);
            if (_inParts)
                return new RunBatch(batch, null) { Parts = plan.Groups, Costs = costs };
        }

        long started = Stopwatch.GetTimestamp();
        Activations seen = session.Run(inputs, cancel);
        return new RunBatch(batch, null)
        {
            Seen = seen,
            Costs = costs,
            Milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
            Bytes = seen.Sum(tensor => (long)tensor.Raw.Length),
        };
    }

    // Sizes depend on nothing but the sizes of the inputs.
    private IReadOnlyDictionary<string, TensorCost> CostsOf(RunInputs inputs, CancellationToken cancel)
    {
        string shapes = inputs.DescribeShapes();
        if (_costs.TryGetValue(shapes, out IReadOnlyDictionary<string, TensorCost>? known))
            return known;
        IReadOnlyDictionary<string, TensorCost> costs = session.Measure(inputs, options.Profile ? ProfiledRuns : 1, cancel);
        if (options.Memory is { } budget)
            note(MemoryPlan.For(costs, session.Tensors, budget).Describe(budget));
        return _costs[shapes] = costs;
    }
}
