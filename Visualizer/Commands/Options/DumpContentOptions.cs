using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Visualizer.Dump;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>What a dump writes, of which tensors, and how it looks, on the command line.</summary>
internal sealed class DumpContentOptions
{
    private readonly Option<string[]> _given = new("--input")
    {
        Description = "A tensor for another input of the model.",
        HelpName = "NAME=FILE.npy",
    };

    private readonly Option<string> _tensor = new("--tensor") { Description = "Only this tensor.", HelpName = "NAME" };

    private readonly Option<int?> _channel = new("--channel")
    {
        Description = "Only this channel of --tensor, counted from 0.",
        HelpName = "K",
    };

    private readonly Option<bool> _eachChannel = new("--each-channel")
    {
        Description = "Also one picture for each channel: channels/<tensor>/out<kkk>.png, a pixel for each value.",
    };

    private readonly Option<string> _raw = new("--raw")
    {
        Description = "Also the numbers, as activations.npz.",
        HelpName = "npz",
        Arity = ArgumentArity.ZeroOrOne
    };

    private readonly Option<bool> _npy = new("--npy") { Description = "Also each tensor as arrays/<tensor>.npy." };

    private readonly Option<string> _tables = new("--tables")
    {
        Description = "Also tables of all inputs: statistics of each tensor, classes.",
        HelpName = "parquet",
    };

    private readonly Option<string[]> _vectors = new("--vectors")
    {
        Description = "In the tables also vectors of these tensors, the mean of each channel, as Parquet and .npy; "
            + "* and ? stand for any characters.",
        HelpName = "GLOB",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _interchange = new("--interchange")
    {
        Description = "Also files that show the numbers in Netron and in Model Explorer.",
    };

    private readonly Option<bool?> _pca = new("--pca")
    {
        Description = "Also one coloured picture for all channels of a layer; done for a single input when not said.",
        HelpName = "true|false",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<DumpParts> _without = WithoutOption.Create();

    private readonly Option<bool> _noKernels = new("--no-kernels") { Description = "The same as --without kernels." };

    private readonly Option<OptimizationLevel> _optimization =
        EnumOption.Create("--optimization", "How far ONNX Runtime may rewrite the graph.", OptimizationLevel.Extended);

    private readonly Option<LayoutName?> _layout = EnumOption.Create<LayoutName>("--layout",
        "Where the channels of all tensors of four and more axes are, in place of what the graph says.");

    private readonly LabelsOption _labels;
    private readonly MosaicCommandOptions _mosaic;
    private readonly SelectionOptions _selection;
    private readonly PreprocessingOptions _preprocessing;

    /// <param name="command">The options are added to it.</param>
    public DumpContentOptions(Command command)
    {
        _raw.AcceptOnlyFromAmong("npz");
        _tables.AcceptOnlyFromAmong("parquet");
        _mosaic = new MosaicCommandOptions(command);
        _selection = new SelectionOptions(command);
        foreach (Option option in new Option[] { _tensor, _channel, _eachChannel, _raw, _npy, _tables, _vectors, _interchange, _layout,
            _pca, _without, _noKernels, _given, _optimization, CommonOptions.Device, CommonOptions.Threads })
            command.Options.Add(option);
        _labels = new LabelsOption(command);
        _preprocessing = new PreprocessingOptions(command);
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="isSingle">True for one input, which gets a page that is whole by itself, and no survey.</param>
    /// <exception cref="BadInputException">Options that do not go together, or a value that cannot be read.</exception>
    public DumpOptions Of(ParseResult parsed, bool isSingle)
    {
        TensorSelection selection = _selection.Of(parsed);
        if (parsed.GetValue(_tensor) is { } only)
            selection = selection with { Globs = [only], Constants = true };
        else if (parsed.GetValue(_channel) is not null)
            throw new BadInputException("--channel needs --tensor NAME, whose channel it is");
        if (isSingle && (parsed.GetValue(_without) & DumpParts.Folders) != 0)
            throw new BadInputException("--without folders leaves what many inputs say together, and there is one input");
        TableOptions? tables = TablesOf(parsed, isSingle);
        bool hasPca = parsed.GetResult(_pca) is null ? isSingle : parsed.GetValue(_pca) ?? true;
        int threads = parsed.GetValue(CommonOptions.Threads) ?? Environment.ProcessorCount;
        return new DumpOptions
        {
            Activation = new ActivationOptions
            {
                Selection = selection,
                Preprocessing = _preprocessing.Of(parsed),
                Labels = _labels.Of(parsed),
                Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
                Threads = threads,
                Optimization = parsed.GetValue(_optimization),
                SharesProcessor = true,
            },
            Mosaic = _mosaic.Of(parsed, selection.MaxChannels),
            EachChannel = parsed.GetValue(_eachChannel),
            ChannelTileSize = _mosaic.TileSize(parsed),
            Channel = parsed.GetValue(_channel),
            Layout = (ChannelLayout?)parsed.GetValue(_layout),
            Raw = parsed.GetResult(_raw) is not null,
            Npy = parsed.GetValue(_npy),
            Tables = tables,
            Interchange = parsed.GetValue(_interchange),
            Without = parsed.GetValue(_without)
                | (parsed.GetValue(_noKernels) ? DumpParts.Kernels : DumpParts.None)
                | (hasPca ? DumpParts.None : DumpParts.Pca),
            Survey = !isSingle,
            SelfContained = isSingle,
            PcaOfStages = (parsed.GetValue(_pca) ?? true) && (parsed.GetValue(_without) & DumpParts.Pca) == 0,
            Threads = threads,
            FillsBatches = !isSingle,
        };
    }

    private TableOptions? TablesOf(ParseResult parsed, bool isSingle)
    {
        bool hasTables = parsed.GetValue(_tables) is not null;
        string[] vectors = parsed.GetValue(_vectors) ?? [];
        if (vectors.Length > 0 && !hasTables)
            throw new BadInputException("--vectors says what is in the tables of all inputs, and needs --tables parquet");
        if (hasTables && isSingle)
            throw new BadInputException("--tables puts what is known of many inputs together, and there is one input");
        return hasTables ? new TableOptions(vectors) : null;
    }

    /// <summary>Tensors for other inputs of the model: name and file.</summary>
    /// <exception cref="BadInputException">A text that is no pair of them.</exception>
    public IEnumerable<(string Name, string Path)> Given(ParseResult parsed) => (parsed.GetValue(_given) ?? [])
        .Select(text => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path]
            ? (name, path)
            : throw new BadInputException($"--input is '{text}', expected NAME=FILE.npy"));

    // The layouts by the names that users know, in their order.
    private enum LayoutName
    {
        Nchw,
        Nhwc,
    }
}
