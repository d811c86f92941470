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
    /// <summary>Opens the model as it is. The caller disposes the session.</summary>
    /// <exception cref="OnnxRuntimeException">The runtime does not take it.</exception>
    public static InferenceSession Open(OnnxModel model, SessionSettings settings) =>
        Open(model.Proto.Clone(), model.Source, settings);

    /// <summary>Opens what these tensors need of the model, with them as outputs. The caller disposes the session.</summary>
    /// <param name="partOf">See <see cref="GraphCut.Of"/>.</param>
    /// <exception cref="OnnxRuntimeException">The runtime does not take it.</exception>
    public static InferenceSession OpenCut(OnnxModel model, IReadOnlyList<string> outputs, SessionSettings settings,
        IReadOnlyList<string>? partOf = null) => Open(GraphCut.Of(model, outputs, partOf), model.Source, settings);

    /// <param name="proto">A model; its references to weights are rewritten.</param>
    /// <param name="source">The file that the weights are in or beside.</param>
    /// <param name="settings">How to run.</param>
    /// <param name="change">Changes the runtime's options further.</param>
    /// <exception cref="OnnxRuntimeException">The runtime does not take it.</exception>
    /// <exception cref="OnnxException">More tensors of more nodes are wanted than the runtime copes with.</exception>
    public static InferenceSession Open(
        ModelProto proto, string source, SessionSettings settings, Action<SessionOptions>? change = null)
    {
        RuntimeLimits.RequireTime(source, proto.Graph.Node.Count, proto.Graph.Output.Count);
        using SessionOptions options = OptionsOf(settings);
        if (ExternalFolder(proto, source) is { } folder)
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        settings.Device.AppendTo(options);
        change?.Invoke(options);
        return new InferenceSession(proto.ToByteArray(), options);
    }

    // The memory pattern plans one block for all tensors of a run and keeps it: with every tensor wanted that is the whole
    // network twice.
    private static SessionOptions OptionsOf(SessionSettings settings)
    {
        var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = settings.Optimization switch
            {
                OptimizationLevel.Disabled => GraphOptimizationLevel.ORT_DISABLE_ALL,
                OptimizationLevel.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                OptimizationLevel.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
            EnableMemoryPattern = false,
            IntraOpNumThreads = settings.Threads ?? Environment.ProcessorCount,
        };
        if (settings.SharesProcessor)
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

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
            folder ??= Path.GetDirectoryName(ExternalData.Real(source))!;
            tensor.ExternalData.First(e => e.Key == "location").Value = Path.GetRelativePath(folder, path);
        }

        return folder;
    }
}
