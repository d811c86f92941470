using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CnnOnnx.Tests.Operators;

/// <summary>ONNX Runtime on the CPU, one thread, without graph optimisation unless asked: what a model is meant to compute.</summary>
internal static class OrtReferee
{
    // CNNONNX_REFEREE=optimised shows whether a test depends on how ONNX Runtime adds up: basic optimisations, two threads.
    private static readonly bool IsOptimised = Environment.GetEnvironmentVariable("CNNONNX_REFEREE") == "optimised";

    private static readonly SessionOptions Options = new()
    {
        GraphOptimizationLevel = IsOptimised ? GraphOptimizationLevel.ORT_ENABLE_BASIC : GraphOptimizationLevel.ORT_DISABLE_ALL,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        IntraOpNumThreads = IsOptimised ? 2 : 1,
        InterOpNumThreads = 1,
    };

    /// <summary>The model's outputs, in its order.</summary>
    /// <exception cref="OnnxRuntimeException">It refuses the model or fails on these inputs.</exception>
    public static TensorData[] Run(OnnxModel model, IReadOnlyCollection<(string Name, TensorData Value)> inputs)
    {
        using var session = new InferenceSession(model.Proto.ToByteArray(), Options);
        var given = new Dictionary<string, OrtValue>();
        using var options = new RunOptions();
        try
        {
            foreach ((string name, TensorData value) in inputs)
                given.Add(name, ToOrt(value));
            using IDisposableReadOnlyCollection<OrtValue> results =
                session.Run(options, given, [.. model.Graph.Outputs.Select(o => o.Name)]);
            return [.. results.Select(ToData)];
        }
        finally
        {
            foreach (OrtValue value in given.Values)
                value.Dispose();
        }
    }

    // TensorElementType has the numbers of TensorProto.DataType.
    private static OrtValue ToOrt(TensorData data)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)data.Type, [.. data.Shape.Dims]);
        data.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static TensorData ToData(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        byte[] bytes = info.ElementCount == 0 ? [] : value.GetTensorMutableRawData().ToArray();
        return new TensorData((ElementType)info.ElementDataType, new TensorShape(info.Shape), bytes);
    }
}
