using CnnOnnx.Visualizer.Manifest;

namespace CnnOnnx.Visualizer.Report;

/// <summary>One input on the page above several reports. Small, because there may be thousands.</summary>
/// <param name="Subfolder">Of its report.</param>
/// <param name="Caption">Its name, and its class where there are classes.</param>
/// <param name="Picture">From the folder above; null for tensors.</param>
internal sealed record OverviewCard(string Subfolder, string Caption, PictureRecord? Picture)
{
    public static OverviewCard Of(string subfolder, FinishedDump dump)
    {
        string name = Path.GetFileName(dump.Input.File);
        return new OverviewCard(subfolder,
            dump.Scores is { Top: [var first, ..] } ? $"{name}: {first.Label} {first.Probability:0.0 %}" : name,
            dump.Input.Picture is { } picture ? picture with { File = $"{subfolder}/{picture.File}" } : null);
    }
}
