using System.Text.Json;
using CnnOnnx.Onnx;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Manifest;
using Microsoft.Playwright;
using OpenCvSharp;

namespace CnnOnnx.Tests.Report;

/// <summary>What the page's scripts make of a byte a value, against the pictures that were drawn of the values themselves.</summary>
[TestClass]
public sealed class ReportScalesTests
{
    private const int Side = 48, Channels = 6;

    private static readonly ReportBrowser Browser = ReportBrowser.Shared;

    [TestMethod]
    [DataRow(ScaleMode.Robust)]
    [DataRow(ScaleMode.Tile)]
    [DataRow(ScaleMode.Layer)]
    [DataRow(ScaleMode.Symmetric)]
    public async Task Levels_InThePage_AreThoseOfThePictureWithinOne(ScaleMode mode)
    {
        string name = mode.ToString().ToLowerInvariant(), report = Report(name);
        IPage page = await Browser.OpenAsync(report);
        DumpManifest manifest = JsonSerializer.Deserialize(
            File.ReadAllText(Browser.Folder.File(name, DumpManifest.FileName)), ManifestJson.Readable.DumpManifest)!;
        TensorRecord tensor = manifest.Tensors.Single();
        TileGrid tiles = tensor.Picture!.Tiles!.Value;
        using Mat picture = Cv2.ImRead(Browser.Folder.File(name, tensor.Picture.File), ImreadModes.Color);
        ILookup<Vec3b, int> places = Places(mode);
        for (int channel = 0; channel < Channels; channel++)
        {
            int[] levels = await page.EvaluateAsync<int[]>(
                $"layerOf(document.getElementById('t{tensor.Index}')).then(layer => levelsOf(layer, {channel}, '{name}'))");
            int left = tiles.X + channel % tiles.Columns * (tiles.Width + tiles.Gap);
            int top = tiles.Y + channel / tiles.Columns * (tiles.Height + tiles.Gap);
            for (int i = 0; i < levels.Length; i++)
            {
                Vec3b colour = picture.At<Vec3b>(top + i / Side, left + i % Side);
                int rank = Rank(levels[i]);
                Assert.IsTrue(places[colour].Any(place => Math.Abs(Rank(place) - rank) <= 1),
                    $"{mode}, map {channel}, value {i}: {levels[i]} in the page, {string.Join(" or ", places[colour])} in the picture");
            }
        }

        await Browser.CloseAsync(page);
    }

    // Levels that pictures leave to ground and words are painted as the next one; what counts is which of the others it is.
    private static int Rank(int level)
    {
        int painted = level % 32 == 16 ? level + 1 : level;
        return painted - (painted + 15) / 32;
    }

    // Some neighbours on a colormap have the same colour.
    private static ILookup<Vec3b, int> Places(ScaleMode mode)
    {
        byte[] bgr = MosaicOptions.PaletteOf(ColormapTypes.Viridis, mode == ScaleMode.Symmetric, PictureTheme.Light).Bgr;
        return Enumerable.Range(0, 256).Where(i => i % 32 != 16).ToLookup(i => new Vec3b(bgr[3 * i], bgr[3 * i + 1], bgr[3 * i + 2]));
    }

    // Noise with long tails on either side, times a factor that differs from map to map; one map is rectified.
    private static string Report(string name)
    {
        var graph = new GraphBuilder(name);
        string x = graph.Input("x", ElementType.Float, 1, Channels, Side, Side);
        graph.Output(graph.Node("Identity", "y", [x]), ElementType.Float, 1, Channels, Side, Side);
        var random = new Random(11);
        float[] values = [.. Enumerable.Range(0, Channels * Side * Side).Select(i =>
        {
            int channel = i / (Side * Side);
            double noise = Math.Pow(random.NextDouble() * 2 - 1, 7) * 40 + random.NextDouble() * (channel + 1);
            return (float)(channel == Channels - 1 ? Math.Max(0, noise) : noise * (channel + 0.3));
        })];
        return Browser.Dump(graph, name, values, new TensorShape(1, Channels, Side, Side), "--scale", name, "--tile-size", "1");
    }
}
