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
        var pictures = new PagePictures(folder, [], manifest.Kernels.Select(k => k.File));
        PageSection[] sections = [.. manifest.Kernels.Select((kernel, i) => Section(i, kernel, pictures))];
        string subtitle = $"{sections.Length} kernels, scale by {manifest.Scale.ToString().ToLowerInvariant()}";
        PageLayout.Compose(Path.GetFileName(manifest.Model.File), subtitle, Html.Empty, sections, Html.Empty)
            .WriteTo(Path.Combine(folder, ReportPage.FileName));
    }

    private static PageSection Section(int index, KernelRecord kernel, PagePictures pictures) => new(
        index, kernel.Name, kernel.Op, string.Join(" × ", kernel.Shape), [.. Facts(kernel)],
        pictures.Figure(new WrittenPicture(kernel.File, kernel.Width, kernel.Height), kernel.Name, "", "maps"));

    private static IEnumerable<PageFact> Facts(KernelRecord kernel)
    {
        yield return new("min", Numbers.Short(kernel.Min));
        yield return new("max", Numbers.Short(kernel.Max));
        yield return new("mean", Numbers.Short(kernel.Mean));
        yield return new("std", Numbers.Short(kernel.Std));
        yield return new("zeros", kernel.Zeros.ToString("0.# %"));
        yield return new("type", kernel.Dtype + (kernel.Quantized ? ", drawn dequantised" : ""));
        yield return new("node", kernel.Node);
    }
}
