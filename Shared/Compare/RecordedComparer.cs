using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Compare;

/// <summary>
/// Compares a model with tensors that another program wrote down while it ran the same network, such as PyTorch with hooks on its modules.
/// The recorded tensors are A, the reference; the model is B.
/// </summary>
public static class RecordedComparer
{
    /// <summary>Runs a model on the recorded input and compares every tensor that was recorded.</summary>
    /// <param name="model">The model.</param>
    /// <param name="activations">
    /// A .npz file: the input under the name of the model's input or "input", and tensors under the names of PyTorch's modules, or under
    /// those of the model's tensors. Their order is the one in which they were made.
    /// </param>
    /// <param name="options">Options; those of the first model count, and pairs are key and tensor.</param>
    /// <param name="picture">
    /// What the input was made of, BGR; then the model's own input is compared with the recorded one. Null to take the recorded input.
    /// </param>
    /// <param name="cancel">Stops a run between two nodes.</param>
    /// <exception cref="BadInputException">The file has no input or nothing that the model has, or the model does not run.</exception>
    public static ComparisonResult Compare(
        OnnxModel model, string activations, CompareOptions? options = null, Mat? picture = null, CancellationToken cancel = default)
    {
        options ??= new CompareOptions();
        IReadOnlyList<RecordedTensor> recorded = RecordedTensor.Read(activations);
        using ActivationSession session = ActivationSession.Open(model, options.A);
        RecordedTensor? input = RecordedPairing.InputOf(session.Model, session.MainInput, recorded);
        if (picture is null && input is null)
            throw new BadInputException($"{activations}: has no tensor "
                + $"{(session.MainInput == "input" ? "" : $"'{session.MainInput}' or ")}'input', which the model would be run on; it has"
                + $" {string.Join(", ", recorded.Take(4).Select(t => t.Key))}{(recorded.Count > 4 ? ", …" : "")}");
        using Activations run = picture is not null ? session.Run(picture, cancel)
            : session.Run(InputsOf(session, recorded, input!), cancel);
        var values = new PairedValues(null, session.Model.Graph);
        var compared = new Recording(session.Model, recorded.ToDictionary(t => t.Key), run, values, options);
        ModelPairing pairing = RecordedPairing.Of(session.Model, run, recorded, options.Pairs, values);
        if (pairing.Pairs.Count == 0)
            throw new BadInputException($"{activations} and {model.Source} have no tensor in common: '{recorded[^1].Key}' is "
                + "neither a module of the model nor one of its tensors; pairs can be given by name");
        return compared.Result(activations, pairing, InputComparison(input, session.MainInput, run, values), cancel);
    }

    private static Dictionary<string, TensorData> InputsOf(
        ActivationSession session, IReadOnlyList<RecordedTensor> recorded, RecordedTensor input)
    {
        HashSet<string> names = [.. session.Model.Graph.Inputs.Select(i => i.Name)];
        Dictionary<string, TensorData> given = recorded.Where(t => names.Contains(t.Key)).ToDictionary(t => t.Key, t => t.Data);
        given[session.MainInput] = input.Data;
        return given;
    }

    private static InputComparison InputComparison(RecordedTensor? recorded, string name, Activations run, PairedValues values)
    {
        if (recorded is null || run.Inputs.FirstOrDefault(i => i.Name == name) is not { } given)
            return new InputComparison([], null, run.Preprocessing);
        return new InputComparison(InputComparer.Differences(recorded.Values, given, values).ToArray(), null, run.Preprocessing);
    }

    /// <summary>One run beside what was recorded.</summary>
    private sealed class Recording(OnnxModel model, IReadOnlyDictionary<string, RecordedTensor> recorded, Activations run,
        PairedValues values, CompareOptions options)
    {
        private readonly List<string> _notes = [];
        private Reproduction? _reproduction;

        public ComparisonResult Result(string source, ModelPairing pairing, InputComparison input, CancellationToken cancel)
        {
            var steps = new Quantization(model.Graph);
            PairState[] states = [.. pairing.Pairs.Where(IsWanted)
                .Select(p => new PairState(p, false, options, steps.Any, steps.StepOf(p.B)))];
            if (states.Length == 0)
                throw new BadInputException($"no pair has one of the names {string.Join(", ", options.Tensors)}; there are "
                    + $"{pairing.Pairs.Count} pairs, such as '{pairing.Pairs[^1].A}'");
            foreach (PairState state in states)
                state.Add(recorded[state.Pair.A].Values, run[state.Pair.B], values);
            if (options.LocalInputs > 0)
                RunLocal(pairing, states, cancel);
            PairMaps? named = Maps(NamedBy(states), isWhole: true);
            PairComparison[] pairs = [.. states.Where(s => s.Runs > 0).Select(s => s.Result(s.Pair == named?.Pair ? named
                : options.KeepsMaps ? Maps(s, isWhole: false) : null))];
            return new ComparisonResult
            {
                ModelA = source,
                ModelB = model.Source,
                Inputs = 1,
                Input = input,
                Pairs = pairs,
                Unpaired = pairing.Unpaired,
                Verdict = VerdictWriter.Of(pairs, input, pairing.Unpaired),
                Notes = _notes,
                Reproduction = _reproduction,
                Maps = named,
                Engines = ("recorded", "ONNX Runtime"),
                Scores = Scores(pairing),
            };
        }

        private bool IsWanted(TensorPair pair) => options.Tensors.Count == 0
            || options.Tensors.Any(glob => TensorSelection.Matches(glob, pair.A) || TensorSelection.Matches(glob, pair.B));

        private void RunLocal(ModelPairing pairing, PairState[] states, CancellationToken cancel)
        {
            try
            {
                using var local = new LocalErrors(model, [.. pairing.Pairs.Select(p => LocalErrors.Declared(run[p.B])),
                    .. run.Inputs.Select(LocalErrors.Declared)], options.A);
                Dictionary<string, TensorData> given = pairing.Pairs.ToDictionary(p => p.B, p =>
                    values.AsInB(recorded[p.A].Values, p.B, run[p.B].Shape, run[p.B].ElementType));
                foreach (Activation input in run.Inputs)
                    given[input.Name] = new TensorData(input.ElementType, input.Shape, input.Raw.ToArray());
                using Activations results = local.Run(given, cancel);
                foreach (PairState state in states.Where(s => local.Makes(s.Pair.B)))
                    state.AddLocal(recorded[state.Pair.A].Values, LocalErrors.Find(results, state.Pair.B), values);
                if (states.FirstOrDefault(s => s.IsIntroduced && local.Makes(s.Pair.B)) is { } first)
                    _reproduction = local.Reproduce(first.Pair.B, given, results,
                        (shape, type) => values.AsInB(recorded[first.Pair.A].Values, first.Pair.B, shape, type));
            }
            catch (BadInputException fault)
            {
                _notes.Add($"layers are not run alone: {fault.Message}");
            }
        }

        private static PairState NamedBy(PairState[] states) => states.FirstOrDefault(s => s.IsIntroduced)
            ?? states.FirstOrDefault(s => s.IsOutside) ?? states.MaxBy(s => s.TotalError)!;

        private PairMaps? Maps(PairState state, bool isWhole)
        {
            SideTensor left = recorded[state.Pair.A].Values;
            return values.TryRead(left, run[state.Pair.B], out ReadOnlySpan<float> a, out ReadOnlySpan<float> b)
                && a.Length > 0 ? MapKeeper.Of(state.Pair, a, b, left.Shape, false, state.AllowedOf(a), isWhole) : null;
        }

        private IReadOnlyList<ScorePair> Scores(ModelPairing pairing) =>
            pairing.Pairs.LastOrDefault(p => run.Outputs.Any(o => o.Name == p.B && ScoreReader.IsRow(o.Shape)))
                is { } scores ? ScoreReader.Of(recorded[scores.A].Values.Values, run[scores.B].Values, model.Card.Labels) : [];
    }
}
