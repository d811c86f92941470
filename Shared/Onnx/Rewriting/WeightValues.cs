using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Onnx;

/// <summary>Puts other numbers in place of a model's weights.</summary>
internal static class WeightValues
{
    /// <summary>The model with other values for some of its initializers; their types and shapes stay.</summary>
    /// <param name="model">Stays as it is.</param>
    /// <param name="values">Bytes by the name of the initializer, as many as it has, little endian.</param>
    public static OnnxModel WithValues(this OnnxModel model, IReadOnlyDictionary<string, byte[]> values) => model.Changed(copy =>
    {
        foreach (TensorProto tensor in copy.Graph.Initializer.Where(tensor => values.ContainsKey(tensor.Name)))
        {
            tensor.FloatData.Clear();
            tensor.Int32Data.Clear();
            tensor.DoubleData.Clear();
            tensor.ExternalData.Clear();
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
            tensor.RawData = ByteString.CopyFrom(values[tensor.Name]);
        }
    });
}
