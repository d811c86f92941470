using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Tests.Operators.Backend;

/// <summary>
/// One conformance test: a model with sets of inputs and expected outputs beside it. Node tests are folders with
/// test_data_set_N/input_N.pb; a light model is a file whose inputs follow a rule and whose output is name_output_0.pb.
/// </summary>
internal sealed class BackendCase(string modelFile, IReadOnlyDictionary<string, byte[]> files)
{
    private readonly bool _isFolder = modelFile.EndsWith("/model.onnx", StringComparison.Ordinal);

    /// <summary>Name of the test, such as "node/test_relu".</summary>
    public string Name { get; } =
        modelFile.Replace("/model.onnx", "", StringComparison.Ordinal).Replace(".onnx", "", StringComparison.Ordinal);

    public OnnxModel Model() => new(ModelProto.Parser.ParseFrom(files[modelFile]), Name);

    public IEnumerable<(TensorData[] Inputs, TensorData[] Outputs)> DataSets(OnnxModel model)
    {
        if (!_isFolder)
        {
            yield return ([.. model.Graph.Inputs.Select(Ramp)], [Tensor($"{Name}_output_0.pb")]);
            yield break;
        }

        for (int set = 0; files.ContainsKey($"{Name}/test_data_set_{set}/output_0.pb"); set++)
            yield return (Tensors($"{Name}/test_data_set_{set}/input"), Tensors($"{Name}/test_data_set_{set}/output"));
    }

    private TensorData[] Tensors(string prefix)
    {
        var tensors = new List<TensorData>();
        while (files.ContainsKey($"{prefix}_{tensors.Count}.pb"))
            tensors.Add(Tensor($"{prefix}_{tensors.Count}.pb"));
        return [.. tensors];
    }

    private TensorData Tensor(string file) => new OnnxTensor(TensorProto.Parser.ParseFrom(files[file]), Name).Load();

    // The rule by which the expected outputs of light models were made: i/n for element i of n.
    private static TensorData Ramp(OnnxValue input)
    {
        var shape = new TensorShape([.. input.Shape!.Value.Select(d => d.Size ?? 1)]);
        return TensorData.FromArray([.. Enumerable.Range(0, (int)shape.Count).Select(i => (float)(i / (double)shape.Count))], shape);
    }
}
