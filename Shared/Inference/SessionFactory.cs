using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// Opens ONNX Runtime sessions on models that were read and checked. The runtime gets the model's outline: weights stay in
/// their file and are mapped from there, so a session costs no second copy of them.
/// </summary>
internal static class SessionFactory
{
    /// <summary>Opens the model with more outputs. The caller disposes the session.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime does not take it.</exception>
    public static InferenceSession Open(OnnxModel model, IEnumerable<string> taps, ActivationOptions options, ExecutionDevice device)
    {
        ModelProto proto = model.Proto.Clone();
        proto.Graph.Output.AddRange(taps.Select(name => new ValueInfoProto { Name = name }));
        using SessionOptions settings = Settings(options);
        if (ExternalFolder(proto, model.Source) is { } folder)
            settings.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        device.AppendTo(settings);
        return new InferenceSession(proto.ToByteArray(), settings);
    }

    // The memory pattern plans one block for all tensors of a run and keeps it: with every tensor wanted that is the whole
    // network twice.
    private static SessionOptions Settings(ActivationOptions options) => new()
    {
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        GraphOptimizationLevel = options.Optimization switch
        {
            OptimizationLevel.Disabled => GraphOptimizationLevel.ORT_DISABLE_ALL,
            OptimizationLevel.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
            OptimizationLevel.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
        },
        EnableMemoryPattern = false,
        IntraOpNumThreads = options.Threads ?? Environment.ProcessorCount,
    };

    /// <summary>
    /// The folder that the runtime reads weights from; null when all are inside. It rejects files that are links out of
    /// the folder, so links are resolved here and locations rewritten to the files that they lead to.
    /// </summary>
    private static string? ExternalFolder(ModelProto proto, string source)
    {
        string? folder = null;
        foreach (TensorProto tensor in proto.Graph.Initializer.Where(t => t.DataLocation == TensorProto.Types.DataLocation.External))
        {
            string path = ExternalData.Locate(tensor, source).Path;
            folder ??= Path.GetDirectoryName(Path.GetFullPath(new FileInfo(source).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? source))!;
            tensor.ExternalData.First(e => e.Key == "location").Value = Path.GetRelativePath(folder, path);
        }

        return folder;
    }
}
