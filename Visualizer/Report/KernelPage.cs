using CnnOnnx.Pages;
using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Kernels;
using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>The report of a folder of kernels.</summary>
internal static class KernelPage
{
    public static void Write(string folder, KernelManifest manifest)
    {
        string scale = manifest.Symmetric ? "around 0" : $"each {manifest.Scale.ToString().ToLowerInvariant()} by its own range";
        var page = new Page(Path.GetFileName(manifest.Model.File), $"{manifest.Kernels.Count} weights, {scale}", Html.Empty,
            [.. manifest.Kernels.Select((kernel, i) => Card(i, kernel))])
        {
            Colormap = Colormaps.Parse(manifest.Colormap),
        };
        PageLayout.Compose(page).WriteTo(Path.Combine(folder, ReportPage.FileName));
    }

    private static PageCard Card(int index, KernelRecord kernel) => new()
    {
        Anchor = PageCard.AnchorOf(index),
        Name = kernel.Name,
        Op = kernel.Op,
        Note = string.Join(" × ", kernel.Shape),
        Shape = string.Join('x', kernel.Shape),
        Size = string.Join(" · ", kernel.Shape.Take(2)),
        Body = Html.Of($"""
            <div><a href="{PagePictures.AddressOf(kernel.File)}"><img class="kernel-picture" src="{PagePictures.AddressOf(kernel.File)}" width="{kernel.Width}" height="{kernel.Height}" alt="weights {kernel.Name}" loading="lazy"></a></div>
            <div class="side"><dl class="pairs">{Html.Join(Facts(kernel).Select(fact => Html.Of($"<dt>{fact.Label}</dt><dd>{fact.Value}</dd>")))}</dl></div>
            """),
    };

    private static IEnumerable<(string Label, string Value)> Facts(KernelRecord kernel)
    {
        yield return ("min", PageText.Short(kernel.Min));
        yield return ("max", PageText.Short(kernel.Max));
        yield return ("mean", PageText.Short(kernel.Mean));
        yield return ("std", PageText.Short(kernel.Std));
        yield return ("zeros", PageText.Percent(kernel.Zeros));
        yield return ("type", kernel.Dtype + (kernel.Quantized ? ", drawn dequantised" : ""));
        yield return ("node", kernel.Node);
    }
}
