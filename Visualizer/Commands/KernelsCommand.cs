using System.CommandLine;
using System.Text.Json;
using CnnOnnx.Cli;
using CnnOnnx.Files;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;
using CnnOnnx.Visualizer.Report;

namespace CnnOnnx.Visualizer.Commands;

/// <summary>visualizer kernels: the weights of a model as pictures.</summary>
internal sealed class KernelsCommand : Command
{
    private readonly Argument<string> _model = SharedOptions.ModelArgument();

    private readonly Option<KernelScaling> _scale =
        EnumOption.Create("--scale", "One range for each kernel, or for all of the layer.", KernelScaling.Kernel);

    private readonly Option<bool> _symmetric = new("--symmetric") { Description = "0 in the middle of the colormap." };

    private readonly Option<string> _colormap = SharedOptions.ColormapOption();

    private readonly Option<PictureTheme> _theme = EnumOption.Create("--theme", "Ground of the pictures.", PictureTheme.Light);

    private readonly Option<bool> _noLegend = new("--no-legend") { Description = "Weights without title, numbers and colour bar." };

    private readonly OutputOptions _out;

    public KernelsCommand() : base("kernels", "Draws the weights of every convolution and matrix product, with a report.")
    {
        Arguments.Add(_model);
        _out = new OutputOptions(this);
        foreach (Option option in new Option[] { _scale, _symmetric, _colormap, _theme, _noLegend, CommonOptions.Threads })
            Options.Add(option);
        this.WithMostUsed("--out", "--scale", "--symmetric", "--colormap", "--open");
        this.WithExamples(
            "visualizer kernels models/lenet.onnx --out kernels",
            "visualizer kernels net.onnx --out kernels --scale layer --symmetric");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        var look = new KernelOptions
        {
            Scaling = parsed.GetValue(_scale),
            Theme = parsed.GetValue(_theme),
            Legend = !parsed.GetValue(_noLegend),
            Symmetric = parsed.GetValue(_symmetric),
            Colormap = Colormaps.Parse(parsed.GetValue(_colormap)!),
        };
        string folder = _out.Folder(parsed)!, page = Path.Combine(folder, ReportPage.FileName);
        int threads = parsed.GetValue(CommonOptions.Threads) ?? Environment.ProcessorCount;
        KernelManifest manifest = Write(parsed.GetValue(_model)!, look, folder, _out.Force(parsed), threads, terminal, cancel);
        terminal.JsonResult(manifest with { Report = page }, KernelJson.Default.KernelManifest);
        terminal.Result($"{manifest.Model.File}: {manifest.Kernels.Count} kernels");
        terminal.Result(page);
        _out.Show(parsed, page, terminal);
        return ExitCode.Done;
    }

    private static KernelManifest Write(string path, KernelOptions look, string folder, bool force, int threads, Terminal terminal,
        CancellationToken cancel)
    {
        OnnxModel model = OnnxModel.Read(path);
        IReadOnlyList<NetworkWeight> weights = NetworkWeights.Of(model);
        if (weights.Count == 0)
            throw new BadInputException($"{path}: has no weights of convolutions or matrix products");
        var earlier = EarlierResults.Look(folder, force);
        using var place = new OutputFolder(folder);
        if (model.Card.Input is { Channels: not ChannelOrder.Gray } input)
            look = look with { InputChannels = input.Channels };

        using Progress progress = terminal.Start("drawing", weights.Count, "kernels");
        var manifest = new KernelManifest(ModelRecord.Of(model, ModelRecord.HashOf(model.Source)), look.Scaling, look.Symmetric,
            Colormaps.NameOf(look.Colormap),
            new KernelWriter(folder, look, threads).Write(weights, _ => progress.Advance(), cancel));
        manifest = manifest with
        {
            Files = [ReportPage.FileName, .. manifest.Kernels.Select(k => k.File),
                .. manifest.Kernels.Select(k => k.Values).OfType<string>()],
        };
        AtomicFile.WriteText(Path.Combine(folder, DumpManifest.FileName),
            JsonSerializer.Serialize(manifest, KernelJson.Default.KernelManifest));
        KernelPage.Write(folder, manifest);
        place.Complete();
        earlier.RemoveStale(new HashSet<string>());
        return manifest;
    }
}
