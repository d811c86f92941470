using CnnOnnx.Compare;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Parity;

/// <summary>
/// Runs a model in ONNX Runtime, unoptimised and with every tensor readable, and in TorchSharp on the same inputs, and
/// compares tensor by tensor. Where one differs, its node runs once more alone on ONNX Runtime's operands, which tells an
/// error that is introduced there from one that is inherited, and then in float64, which tells rounding from a fault.
/// </summary>
internal sealed class ParityCheck : IDisposable
{
    private readonly ActivationSession _session;
    // Floats of all maps that are kept.
    private const long MapsRoom = 6 << 20;

    private readonly OnnxModule? _given;
    private readonly ParityRules? _rules;

    /// <param name="model">A model that lies in a file.</param>
    /// <param name="module">The module to compare, when it is not to be made from the file; stays the caller's.</param>
    /// <param name="preprocessing">Changes how a picture becomes the input; see <see cref="ActivationOptions.Preprocessing"/>.</param>
    /// <param name="rules">
    /// Rules of a comparison of models: then every tensor is measured, and every node alone; null for what a proof needs.
    /// </param>
    public ParityCheck(OnnxModel model, OnnxModule? module = null, Func<Imaging.InputSpec, Imaging.InputSpec>? preprocessing = null,
        ParityRules? rules = null)
    {
        (_given, _rules) = (module, rules);
        _session = ActivationSession.Open(model.Inlined, new ActivationOptions
        {
            Device = ComputeDevice.Cpu,
            Optimization = OptimizationLevel.Disabled,
            Selection = new TensorSelection { Constants = true },
            Preprocessing = preprocessing,
        });
    }

    /// <summary>The session of ONNX Runtime, to run on a picture or on tensors.</summary>
    public ActivationSession Session => _session;

    /// <summary>Compares all tensors of a run.</summary>
    public ParityReport Compare(Activations theirs)
    {
        OnnxModel model = _session.Model;
        Dictionary<string, SkippedTensor> leftOut = LeftOutTensors.Of(model.Graph);
        SkippedTensor[] skipped = [.. _session.Skipped, .. theirs.Where(t => leftOut.ContainsKey(t.Name)).Select(t => leftOut[t.Name])];
        string[] names = [.. theirs.Select(t => t.Name).Where(name => !leftOut.ContainsKey(name))];
        if (names.Length == 0)
            throw new OnnxException(model.Source, $"none of its tensors can be compared: '{skipped[0].Name}' {skipped[0].Reason}");

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        OnnxModule? made = _given is null ? new OnnxModule(model, targets: leftOut.Count == 0 ? null : names) : null;
        try
        {
            OnnxModule module = _given ?? made!;
            module.eval();
            Device device = module.parameters().FirstOrDefault()?.device ?? CPU;
            (string, Tensor)[] inputs = [.. theirs.Inputs.Select(i => (i.Name, TensorComparison.ToTorch(i, device)))];
            Tensor[] ours = module.Run(inputs, names);
            bool quantizes = model.Graph.Nodes.Any(n => OperatorFacts.Of(n).Quantizes);
            var tensors = new List<TensorParity>();
            Tensor Operand(string name) =>
                inputs.FirstOrDefault(i => i.Item1 == name).Item2 ?? TensorComparison.ToTorch(theirs[name], device);
            long room = _rules?.Options.KeepsMaps == true ? MapsRoom : 0;
            IReadOnlyList<ScorePair> scores = [];
            for (int i = 0; i < names.Length; i++)
            {
                Activation their = theirs[names[i]];
                TensorParity direct = TensorComparison.Between(ours[i], their, model.Graph.Producer(names[i])!, quantizes, _rules);
                TensorParity judged = direct.Agrees && _rules is null ? direct : Judge(direct, Operand, their, device, quantizes);
                if (room > 0 || judged is { Finding: Finding.Wrong, Metrics: not null })
                    judged = WithMaps(judged, ours[i], their, ref room);
                if (_rules is not null && judged.Metrics is not null && ScoreReader.IsRow(their.Shape)
                    && theirs.Outputs.Any(o => o.Name == names[i]))
                    scores = ScoreReader.Of(their.Values, TensorComparison.Floats(ours[i]), model.Card.Labels);
                tensors.Add(judged);
                ours[i].Dispose();
            }

            return new ParityReport(tensors, skipped) { Scores = scores };
        }
        finally
        {
            made?.Dispose();
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>Finds out what the node does alone on ONNX Runtime's own operands; says why where it cannot be run so.</summary>
    private TensorParity Judge(TensorParity direct, Func<string, Tensor> operand, Activation result, Device device, bool quantizes)
    {
        try
        {
            using var trial = new NodeTrial(_session.Model, _session.Model, direct.Tensor, device, quantizes, _rules);
            if (_given is not null)
                trial.TakeWeights(_given);
            return direct.Agrees ? direct with { Local = trial.Alone(operand, result).Metrics } : trial.Judge(direct, operand, result);
        }
        catch (Exception fault) when (fault is KeyNotFoundException or BadInputException)
        {
            return direct.Agrees ? direct : direct with { Reason = $"its node cannot be run alone: {fault.Message}" };
        }
    }

    private TensorParity WithMaps(TensorParity judged, Tensor ours, Activation theirs, ref long room)
    {
        if (judged.Metrics is not { Elements: > 0 } metrics)
            return judged;
        bool isLast = ChannelLayouts.Of(_session.Model.Graph).Of(theirs.Name, theirs.Shape.Rank).Layout == ChannelLayout.Last;
        PairMaps maps = MapKeeper.Of(ParityRules.PairOf(judged.Tensor, judged.Node), theirs.Values, TensorComparison.Floats(ours),
            theirs.Shape, isLast, judged.Tolerance.Allowed(metrics.Magnitude), judged.Finding == Finding.Wrong);
        room -= maps.Worst.Sum(map => 2L * map.A.Length);
        return judged with { Maps = maps };
    }
}
