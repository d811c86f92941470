using System.Globalization;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Operators;
using CnnOnnx.Torch.Parity;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Checks whether maps can be trusted: TorchSharp computes what ONNX Runtime computes, gradients equal differences, integrated
/// gradients add up to what they explain, and maps change with the class and with the weights.
/// </summary>
/// <param name="explainer">Makes the maps; stays the caller's.</param>
/// <param name="inputs">Inputs of the run that is explained; they stay the caller's.</param>
public sealed class TrustChecks(Explainer explainer, IReadOnlyList<(string Name, Tensor Value)> inputs)
{
    // A gap of completeness above it is told: the steps of the sum, not the method.
    private const double CompletenessGap = 0.05;

    private const string Completeness = "integrated-gradients";

    // Forward passes up to which a method is run again with random weights, and those of all such methods together.
    private const double MostPasses = 50, MostOfAll = 150;

    // Parity, and the differences: a run and a gradient, and two runs for each direction, of twice the digits.
    private const double Parities = 2, Differences = 20;

    /// <summary>Longer side of the input in pixels: distances between peaks are measured by it.</summary>
    public required int InputSide { get; init; }

    /// <summary>Runs all checks.</summary>
    /// <param name="target">Target of the maps.</param>
    /// <param name="maps">Maps of that target.</param>
    /// <param name="other">Another target, such as the class that comes second; null where there is none.</param>
    /// <param name="otherMaps">Maps of the other target, where they were made; the others are made here.</param>
    /// <param name="cancel">Stops between two checks.</param>
    public TrustReport Run(AttributionTarget target, IReadOnlyList<AttributionMap> maps, AttributionTarget? other,
        IReadOnlyList<AttributionMap>? otherMaps = null, CancellationToken cancel = default)
    {
        List<TrustCheck> model = [];
        foreach (Func<TrustCheck> check in new Func<TrustCheck>[]
        {
            Parity,
            () => GradientCheck.Run(explainer.Model, inputs, target, explainer.Options.Seed),
            () => AddsUp(target, maps),
        })
        {
            cancel.ThrowIfCancellationRequested();
            model.Add(check());
        }

        var found = maps.ToDictionary(map => map, _ => new List<TrustCheck>());
        IReadOnlyList<AttributionMap> cheap = Cheap(target, maps, found);
        if (other is not null)
            foreach ((AttributionMap map, AttributionMap changed) in otherMaps is null ? Again(explainer, cheap, other, cancel)
                : maps.Select(map => (map, otherMaps.FirstOrDefault(made => made.Method == map.Method && made.Layer == map.Layer)!))
                    .Where(pair => pair.Item2 is not null))
                found[map].Add(MapLikeness.Of(map, changed, InputSide).AsClassCheck(InputSide, other.Name));
        foreach ((bool last, string words) in new[] { (true, "a random classifier"), (false, "random weights") })
        {
            cancel.ThrowIfCancellationRequested();
            (OnnxModel random, int shuffled) = RandomizedModel.Of(explainer.Model, explainer.Options.Seed, last);
            if (shuffled == 0)
                continue;
            using var randomized = new Explainer(random, explainer.Options);
            foreach ((AttributionMap map, AttributionMap changed) in Again(randomized, cheap, target, cancel))
                found[map].Add(MapLikeness.Of(map, changed, InputSide).AsWeightCheck(words));
        }

        return new TrustReport(model, [.. maps.Select(map => new MapTrust(map, found[map]))]);
    }

    /// <summary>Predicts what the checks of one target cost, in forward passes of the whole model.</summary>
    /// <param name="target">Target of the maps.</param>
    /// <param name="methods">Names of the methods that were used.</param>
    /// <param name="layers">Names of the layers; empty for the last feature map.</param>
    /// <param name="hasOther">True where maps of another target are made anyway.</param>
    public double Cost(AttributionTarget target, IReadOnlyList<string> methods, IReadOnlyList<string> layers, bool hasOther)
    {
        double sum = methods.Contains(Completeness) ? 0 : explainer.Cost(inputs, [target], [Completeness], [])[0].ForwardPasses;
        double again = RunAgain(explainer.Cost(inputs, [target], methods, layers)).Sum(cost => cost.ForwardPasses);
        return Parities + Differences + sum + again * (hasOther ? 2 : 3);
    }

    // The cheapest first, as long as all of them are cheap.
    private static List<MethodCost> RunAgain(IEnumerable<MethodCost> costs)
    {
        double all = 0;
        return [.. costs.OrderBy(cost => cost.ForwardPasses).TakeWhile(cost =>
            cost.ForwardPasses <= MostPasses && (all += cost.ForwardPasses) <= MostOfAll)];
    }

    // Maps whose methods can be run again; of the others it is said why they are not.
    private List<AttributionMap> Cheap(
        AttributionTarget target, IReadOnlyList<AttributionMap> maps, Dictionary<AttributionMap, List<TrustCheck>> found)
    {
        IReadOnlyList<MethodCost> all = explainer.Cost(
            inputs, [target], [.. maps.Select(map => map.Method).Distinct()], LayersOf(maps));
        Dictionary<string, double> costs = all.ToDictionary(cost => cost.Method, cost => cost.ForwardPasses);
        HashSet<string> again = [.. RunAgain(all).Select(cost => cost.Method)];
        foreach (AttributionMap map in maps.Where(map => !again.Contains(map.Method)))
            found[map].Add(new TrustCheck("depends on the weights", TrustOutcome.LeftOut, string.Create(
                CultureInfo.InvariantCulture,
                $"not run again with random weights, which would take another {costs[map.Method]:0} forward passes")));
        return [.. maps.Where(map => again.Contains(map.Method))];
    }

    // Methods of the input name it where others have their layer.
    private string[] LayersOf(IEnumerable<AttributionMap> maps) =>
        [.. maps.Select(map => map.Layer).Where(layer => inputs.All(input => input.Name != layer)).Distinct()];

    // The same maps once more, in the same order, of another model or target.
    private IEnumerable<(AttributionMap Map, AttributionMap Changed)> Again(
        Explainer other, IReadOnlyList<AttributionMap> maps, AttributionTarget target, CancellationToken cancel)
    {
        foreach (IGrouping<string, AttributionMap> method in maps.GroupBy(map => map.Method))
        {
            cancel.ThrowIfCancellationRequested();
            IReadOnlyList<AttributionMap> changed = other.Explain(inputs, [target], [method.Key], LayersOf(method));
            foreach (AttributionMap map in method)
                if (changed.FirstOrDefault(again => again.Layer == map.Layer && again.Values.Length == map.Values.Length) is { } found)
                    yield return (map, found);
        }
    }

    private TrustCheck Parity()
    {
        const string Name = "TorchSharp computes what ONNX Runtime computes";
        try
        {
            using var check = new ParityCheck(explainer.Model);
            using Activations theirs = check.Session.Run(
                inputs.ToDictionary(input => input.Name, input => TorchTensors.ToData(input.Value)));
            ParityReport report = check.Compare(theirs);
            int agree = report.Tensors.Count - report.With(Finding.Wrong).Count;
            return new TrustCheck(Name, report.Holds ? TrustOutcome.Holds : TrustOutcome.Fails, report.First is { } first
                ? $"TorchSharp and ONNX Runtime differ, first in {first}"
                : string.Create(CultureInfo.InvariantCulture,
                    $"{agree} of {report.Tensors.Count} tensors agree, the largest difference is {report.LargestDifference:0.0e+0}"),
                report.LargestDifference);
        }
        catch (BadInputException fault)
        {
            return new TrustCheck(Name, TrustOutcome.LeftOut, $"not done: {fault.Message}");
        }
    }

    private TrustCheck AddsUp(AttributionTarget target, IReadOnlyList<AttributionMap> maps)
    {
        const string Name = "integrated gradients add up";
        try
        {
            using DisposeScope scope = NewDisposeScope();
            AttributionMap map = maps.FirstOrDefault(made => made.Method == Completeness)
                ?? explainer.Explain(inputs, [target], [Completeness], []).Single();
            (string Name, Tensor Value)[] baseline = [.. inputs.Select(input =>
                (input.Name, input.Name == map.Layer ? full_like(input.Value, explainer.Options.Baseline) : input.Value))];
            double sum = map.Values.Sum(value => (double)value);
            double reach = explainer.Value(inputs, target) - explainer.Value(baseline, target);
            double gap = Math.Abs(sum - reach) / Math.Abs(reach);
            return new TrustCheck(Name, gap <= CompletenessGap ? TrustOutcome.Holds : TrustOutcome.Partly, string.Create(
                CultureInfo.InvariantCulture,
                $"integrated gradients add up to {sum:0.###} of {reach:0.###} ({(sum - reach) / reach:+0.0 %;-0.0 %})"), gap);
        }
        catch (BadInputException fault)
        {
            return new TrustCheck(Name, TrustOutcome.LeftOut, $"not done: {fault.Message}");
        }
    }
}
