using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CnnOnnx.Inference;

/// <summary>
/// A model as ONNX Runtime runs it when nothing but its own outputs is asked for, so that it may fuse what it likes; with single
/// optimisers of the runtime switched off.
/// </summary>
internal static class OptimizedRun
{
    private const string DisabledKey = "optimization.disable_specified_optimizers";

    /// <summary>
    /// Names of ONNX Runtime's optimisers (1.31). The runtime ignores names that it does not have, so this list may have too many:
    /// whether one did anything is seen from the graph that it leaves.
    /// </summary>
    public static IReadOnlyList<string> Optimizers { get; } =
    [
        "ConstantFolding", "ConstantFoldingDQ", "ConstantSharing", "CommonSubexpressionElimination", "TransposeOptimizer",
        "EliminateIdentity", "EliminateSlice", "EliminateDropout", "UnsqueezeElimination", "ExpandElimination", "CastElimination",
        "CastChainElimination", "RemoveDuplicateCastTransformer", "NoopElimination", "PreShapeNodeElimination", "DivMulFusion",
        "FuseReluClip", "GemmSumFusion", "GemmTransposeFusion", "NotWhereFusion", "ConvAddFusion", "ConvMulFusion", "ConvBNFusion",
        "Pad_Fusion", "MatMul_BatchNormalization_Fusion", "ClipQuantRewrite", "ReluQuantRewrite", "LabelEncoderFusion", "MatMulAddFusion",
        "ReshapeFusion", "GeluFusionL1", "GeluFusionL2", "LayerNormFusionL1", "LayerNormFusionL2", "SimplifiedLayerNormFusion",
        "DoubleQDQPairsRemover", "QDQPropagationTransformer", "QDQSelectorActionTransformer", "QDQFinalCleanupTransformer",
        "QDQS8ToU8Transformer", "Avx2WeightS8ToU8Transformer", "GemmActivationFusion", "MatMulIntegerToFloatFusion",
        "DynamicQuantizeMatMulFusion", "ConvActivationFusion", "ConvAddActivationFusion", "MatMulActivationFusion", "MatmulTransposeFusion",
        "MatMulScaleFusion", "BiasGeluFusion", "BiasSoftmaxFusion", "BiasDropoutFusion", "FastGeluFusion", "QuickGeluFusion",
        "SkipLayerNormFusion", "AttentionFusion", "GatherToSliceFusion", "GatherSliceToSplitFusion", "SliceConcatToSpaceToDepthFusion",
        "NhwcTransformer", "NchwcTransformer",
    ];

    /// <summary>Runs a model once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Tensors of all its inputs, by name.</param>
    /// <param name="options">Device, threads and level.</param>
    /// <param name="disabled">Names of optimisers that are switched off.</param>
    /// <returns>Its outputs of numbers by name, and the nodes of the graph that the runtime made of it, as text.</returns>
    /// <exception cref="BadInputException">The model does not run so.</exception>
    public static (IReadOnlyDictionary<string, TensorData> Outputs, string Graph) Of(OnnxModel model,
        IReadOnlyDictionary<string, TensorData> inputs, ActivationOptions options, IReadOnlyCollection<string> disabled)
    {
        string folder = Directory.CreateTempSubdirectory("cnnonnx-optimized-").FullName;
        string saved = Path.Combine(folder, "optimized.onnx");
        var settings = new SessionSettings(DeviceProbe.Choose(options.Device))
        {
            Optimization = options.Optimization,
            Threads = options.Threads,
        };
        List<OrtValue> given = [];
        try
        {
            using InferenceSession session = SessionFactory.Open(model.Proto.Clone(), model.Source, settings, change =>
            {
                change.OptimizedModelFilePath = saved;
                if (disabled.Count > 0)
                    change.AddSessionConfigEntry(DisabledKey, string.Join(';', disabled));
            });
            Dictionary<string, OrtValue> values = inputs.Where(i => session.InputNames.Contains(i.Key))
                .ToDictionary(i => i.Key, i => Value(i.Value, given));
            using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            string[] names = [.. session.OutputNames.Where(name => ExposedSession.IsReadable(session.OutputMetadata[name]))];
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, values, names);
            return (names.Select((name, i) => (name, Data: Copy(results[i]))).ToDictionary(r => r.name, r => r.Data), NodesOf(saved));
        }
        catch (OnnxRuntimeException fault)
        {
            throw RuntimeFault.Running(model.Source, fault);
        }
        finally
        {
            given.ForEach(value => value.Dispose());
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OrtValue Value(TensorData data, List<OrtValue> owned)
    {
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance,
            (Microsoft.ML.OnnxRuntime.Tensors.TensorElementType)data.Type, [.. data.Shape.Dims]);
        owned.Add(value);
        data.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static TensorData Copy(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo facts = value.GetTensorTypeAndShape();
        return new TensorData((ElementType)facts.ElementDataType, new TensorShape(facts.Shape), value.GetTensorMutableRawData().ToArray());
    }

    private static string Attributes(NodeProto node) =>
        string.Join(',', node.Attribute.Select(a => $"{a.Name}={a.I}{a.S.ToStringUtf8()}"));

    // Beyond 2 GB there is no file, and nothing can be said.
    private static string NodesOf(string saved)
    {
        if (!File.Exists(saved))
            return "";
        ModelProto model = ModelOutline.Read(saved);
        return string.Join('\n', model.Graph.Node.Select(n =>
            $"{n.OpType} {string.Join(',', n.Input)} {string.Join(',', n.Output)} {Attributes(n)}"))
            + $"\n{model.Graph.Initializer.Count}";
    }
}
