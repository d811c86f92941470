using CnnOnnx.Inference;
using CnnOnnx.Onnx;
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
    private readonly OnnxModule? _given;

    /// <param name="model">A model that lies in a file.</param>
    /// <param name="module">The module to compare, when it is not to be made from the file; stays the caller's.</param>
    /// <param name="preprocessing">Changes how a picture becomes the input; see <see cref="ActivationOptions.Preprocessing"/>.</param>
    public ParityCheck(OnnxModel model, OnnxModule? module = null, Func<Imaging.InputSpec, Imaging.InputSpec>? preprocessing = null)
    {
        _given = module;
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
            for (int i = 0; i < names.Length; i++)
            {
                TensorParity direct = TensorComparison.Between(ours[i], theirs[names[i]], model.Graph.Producer(names[i])!, quantizes);
                tensors.Add(direct.Agrees ? direct : Judge(direct, Operand, theirs[names[i]], device, quantizes));
                ours[i].Dispose();
            }

            return new ParityReport(tensors, skipped);
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
            using var trial = new NodeTrial(_session.Model, _session.Model, direct.Tensor, device, quantizes);
            if (_given is not null)
                trial.TakeWeights(_given);
            return trial.Judge(direct, operand, result);
        }
        catch (Exception fault) when (fault is KeyNotFoundException or BadInputException)
        {
            return direct with { Reason = $"its node cannot be run alone: {fault.Message}" };
        }
    }
}
