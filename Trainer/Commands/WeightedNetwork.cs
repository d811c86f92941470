using CnnOnnx.Cli;
using CnnOnnx.Formats;
using CnnOnnx.Imaging;
using CnnOnnx.Import;
using CnnOnnx.Onnx;
using CnnOnnx.Trainer.Architectures;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Commands;

/// <summary>Choices of bringing weights and a network together; null where the usual one is meant.</summary>
internal sealed record WeightedNetworkOptions
{
    /// <summary>Entry of a checkpoint with several sets of tensors.</summary>
    public string? Entry { get; init; }

    /// <summary>What nothing identifies is taken in order.</summary>
    public bool ByOrder { get; init; }

    public double? BatchNormEpsilon { get; init; }

    public Size? Size { get; init; }

    public string[]? Labels { get; init; }
}

/// <summary>
/// A network that the arguments ARCH|CFG|MODEL.onnx and --weights FILE name: Darknet's two files, or a checkpoint for an
/// architecture or a graph.
/// </summary>
internal sealed class WeightedNetwork : IDisposable
{
    // Lines about single weights that have no counterpart, on each side.
    private const int MostLines = 20;

    // Of an architecture whose checkpoint does not say.
    private const int SomeClasses = 10;

    private readonly WeightFile? _checkpoint;

    private WeightedNetwork(WeightedModel model, WeightFile? checkpoint) => (Model, _checkpoint) = (model, checkpoint);

    public WeightedModel Model { get; }

    /// <summary>Format of the weights in words.</summary>
    public string Format => _checkpoint?.Format ?? "Darknet weights";

    /// <summary>Reads both and says how they came together. The caller disposes the result.</summary>
    /// <param name="network">Name of an architecture, or path of a Darknet cfg or an ONNX file.</param>
    /// <param name="weights">File of the weights.</param>
    /// <param name="options">Choices.</param>
    /// <param name="terminal">Told of the remarks, and of weights that have no counterpart.</param>
    /// <exception cref="BadInputException">One of them cannot be read, or they do not belong together.</exception>
    public static WeightedNetwork Open(string network, string weights, WeightedNetworkOptions options, Terminal terminal)
    {
        WeightFile? checkpoint = null;
        try
        {
            WeightedModel model = IsCfg(network) ? OfCfg(network, weights, options)
                : ArchitectureTable.Find(network) is { IsDetector: true } detector && IsDarknet(weights)
                    ? OfPlaces(detector, weights, options)
                : OfCheckpoint(network, checkpoint = WeightFile.Open(weights, options.Entry), options, terminal);
            foreach (string remark in model.Remarks)
                terminal.Note(remark);
            return new WeightedNetwork(model, checkpoint);
        }
        catch
        {
            checkpoint?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        _checkpoint?.Dispose();
    }

    private static WeightedModel OfCfg(string network, string weights, WeightedNetworkOptions options)
    {
        if (options.Entry is not null || options.ByOrder)
            throw new BadInputException($"{(options.ByOrder ? "--by-order" : "--entry")} is for checkpoints; Darknet's weights have places "
                + "and no names");
        var usual = new DarknetOptions();
        return DarknetNetwork.Read(network, weights, usual with
        {
            BatchNormEpsilon = options.BatchNormEpsilon ?? usual.BatchNormEpsilon,
            Size = options.Size,
            Labels = options.Labels,
        });
    }

    /// <summary>True for a file that begins as Darknet's weights do.</summary>
    public static bool IsDarknet(string weights)
    {
        const int header = 16;
        if (!File.Exists(weights))
            return false;
        using FileStream file = File.OpenRead(weights);
        byte[] start = new byte[header];
        return DarknetWeights.IsLikely(start.AsSpan(0, file.ReadAtLeast(start, header, throwOnEndOfStream: false)));
    }

    private static WeightedModel OfPlaces(Architecture detector, string weights, WeightedNetworkOptions options)
    {
        // of COCO, which the published weights know
        const int usual = 80;
        if (options.Entry is not null || options.ByOrder || options.BatchNormEpsilon is not null)
            throw new BadInputException($"{weights}: Darknet's weights for {detector.Name} have their places, and nothing of it can be "
                + "chosen; expected neither --entry, --by-order nor --bn-epsilon");
        OnnxModel graph = detector.Build(options.Size is { } given ? detector.Input with { Size = given } : detector.Input,
            options.Labels?.Length ?? usual);
        var places = DarknetPlaces.Open(graph, weights);
        if (!places.IsWhole)
        {
            using (places)
                throw new BadInputException($"{weights}: has weights for the first {places.Convolutions} convolutions only; expected those "
                    + "of the whole network, or a training that begins with them");
        }

        return new WeightedModel(graph, tensor => places.Bytes(tensor.Name), [places.Remark], places);
    }

    private static WeightedModel OfCheckpoint(string network, WeightFile weights, WeightedNetworkOptions options, Terminal terminal)
    {
        OnnxModel graph = ArchitectureTable.Find(network) is { } architecture ? Built(architecture, weights, options)
            : Graph(network, options);
        try
        {
            return CheckpointImport.Onto(graph, weights, new CheckpointOptions
            {
                BatchNormEpsilon = options.BatchNormEpsilon,
                ByOrder = options.ByOrder,
            });
        }
        catch (UnmatchedWeightsException fault)
        {
            foreach ((string side, IReadOnlyList<string> lines) in new[] { ("checkpoint", fault.Missing), ("graph", fault.Left) })
            {
                foreach (string line in lines.Take(MostLines))
                    terminal.Note($"not in the {side}: {line}");
                if (lines.Count > MostLines)
                    terminal.Note($"not in the {side}: {lines.Count - MostLines} more");
            }

            throw;
        }
    }

    private static OnnxModel Graph(string network, WeightedNetworkOptions options)
    {
        if (options.Size is not null)
            throw new BadInputException("--size is for a .cfg or an architecture; an ONNX file has its own");
        if (!File.Exists(network) && !network.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            throw new BadInputException($"'{network}' is no architecture, no Darknet cfg and no ONNX file; expected one of "
                + $"{string.Join(", ", ArchitectureTable.Rows.Select(r => r.Name))}, or a path that ends in .cfg or .onnx");
        return OnnxModel.Read(network);
    }

    // The classes of an architecture are the rows of its last weight, which the checkpoint knows.
    private static OnnxModel Built(Architecture architecture, WeightFile weights, WeightedNetworkOptions options)
    {
        InputSpec input = options.Size is { } given ? architecture.Input with { Size = given } : architecture.Input;
        int expected = options.Labels?.Length ?? SomeClasses;
        OnnxModel graph = architecture.Build(input, expected);
        string last = graph.Graph.Initializers.Last(t => t.Shape.Rank >= 2).Name;
        WeightTensor? head = weights.Tensors.FirstOrDefault(t => t.Shape.Rank >= 2
            && (t.Name == last || t.Name.EndsWith("." + last, StringComparison.Ordinal)));
        long found = head is null ? expected : architecture.IsDetector ? (head.Shape[0] / 3) - 5 : head.Shape[0];
        return found == expected || found is < 1 or > int.MaxValue ? graph : architecture.Build(input, (int)found);
    }

    private static bool IsCfg(string network)
    {
        if (ArchitectureTable.Find(network) is not null)
            return false;
        if (network.EndsWith(".cfg", StringComparison.OrdinalIgnoreCase))
            return true;
        // By its first letter, too: a cfg begins with its section [net], perhaps behind remarks.
        if (!File.Exists(network) || network.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            return false;
        using FileStream file = File.OpenRead(network);
        return file.ReadByte() is '[' or '#';
    }
}
