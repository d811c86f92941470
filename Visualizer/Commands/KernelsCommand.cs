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
internal static class KernelsCommand
{
    public static Command Create()
    {
        Argument<string> model = ModelArgument.Create();
        Option<string> to = new("--out", "-o") { Description = "The folder for the results.", HelpName = "DIR", Required = true };
        Option<KernelScaling> scale = EnumOption.Create("--scale", "One range for each kernel, or for all of the layer.", KernelScaling.Kernel);
        Option<bool> symmetric = new("--symmetric") { Description = "0 in the middle of the colormap." };
        Option<string> colormap = ColormapOption.Create();
        return new Command("kernels", "Draws the weights of every convolution and matrix product, with a report.") { model, to, scale, symmetric, colormap }
            .WithExamples("visualizer kernels models/lenet.onnx --out kernels", "visualizer kernels net.onnx --out kernels --scale layer --symmetric")
            .Does((parsed, terminal, cancel) =>
            {
                var look = new KernelOptions
                {
                    Scaling = parsed.GetValue(scale),
                    Symmetric = parsed.GetValue(symmetric),
                    Colormap = Colormaps.Parse(parsed.GetValue(colormap)!),
                };
                KernelManifest manifest = Write(parsed.GetValue(model)!, look, parsed.GetValue(to)!,
                    parsed.GetValue(CommonOptions.Threads) ?? Environment.ProcessorCount, terminal, cancel);
                terminal.JsonResult(manifest, KernelJson.Default.KernelManifest);
                terminal.Result($"{manifest.Model.File}: {manifest.Kernels.Count} kernels");
                terminal.Result(Path.Combine(parsed.GetValue(to)!, ReportPage.FileName));
                return ExitCode.Done;
            });
    }

    private static KernelManifest Write(string path, KernelOptions look, string folder, int threads, Terminal terminal, CancellationToken cancel)
    {
        OnnxModel model = OnnxModel.Read(path);
        IReadOnlyList<NetworkWeight> weights = NetworkWeights.Of(model);
        if (weights.Count == 0)
            throw new BadInputException($"{path}: has no weights of convolutions or matrix products");
        OutputFolder.Create(folder);
        if (model.Card.Input is { Channels: not ChannelOrder.Gray } input)
            look = look with { InputChannels = input.Channels };

        using Progress progress = terminal.Start("drawing", weights.Count, "kernels");
        var manifest = new KernelManifest(ModelRecord.Of(model, ModelRecord.HashOf(model.Source)), look.Scaling, look.Symmetric, Colormaps.NameOf(look.Colormap),
            new KernelWriter(folder, look, threads).Write(weights, _ => progress.Advance(), cancel));
        AtomicFile.WriteText(Path.Combine(folder, DumpManifest.FileName), JsonSerializer.Serialize(manifest, KernelJson.Default.KernelManifest));
        KernelPage.Write(folder, manifest);
        return manifest;
    }
}
