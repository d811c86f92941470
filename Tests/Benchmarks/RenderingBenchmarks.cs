using BenchmarkDotNet.Attributes;
using CnnOnnx.Rendering;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Benchmarks;

/// <summary>
/// From floats to a mosaic, against the same with OpenCV's own functions, one map after another, as scripts do it; once with a
/// colormap by its name, which OpenCV computes anew for every map, and once with its colours kept. Divide the pixels by the
/// mean for the rate: 1,204,224 of 96 maps, 4,816,896 of 96 maps enlarged.
/// </summary>
[MemoryDiagnoser]
public class RenderingBenchmarks
{
    private const int Channels = 96, Side = 112, Columns = 12;

    private readonly TensorShape _shape = new(1, Channels, Side, Side);
    private float[] _values = [];
    private IndexedPicture? _picture;
    private Mat? _bgr;

    [Params(ScaleMode.Tile, ScaleMode.Standard)]
    public ScaleMode Scaling { get; set; }

    private MosaicOptions Options => new() { Scaling = Scaling, Columns = Columns, MinTileSize = 1, Legend = false, Gap = 0 };

    [GlobalSetup]
    public void Setup()
    {
        // A core against a core: drawing has one thread, and programs draw several tensors at once.
        Cv2.SetNumThreads(1);
        // Smooth, as activations are: noise would measure what no encoder is made for.
        _values = [.. Enumerable.Range(0, (int)_shape.Count).Select(i => MathF.Sin(i * 0.01f) + MathF.Cos(i / Side * 0.1f))];
        _picture = Mosaic.Draw(_values, _shape, "", Options);
        _bgr = _picture.ToBgr();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _picture?.Dispose();
        _bgr?.Dispose();
    }

    [Benchmark]
    public void Draw()
    {
        using IndexedPicture picture = Mosaic.Draw(_values, _shape, "", Options);
    }

    [Benchmark]
    public void DrawWithLegend()
    {
        using IndexedPicture picture = Mosaic.Draw(_values, _shape, "features.0", Options with { Legend = true, Gap = 2 });
    }

    [Benchmark]
    public void DrawEnlarged()
    {
        using IndexedPicture picture = Mosaic.Draw(_values, _shape, "", Options with { MinTileSize = 2 * Side });
    }

    [Benchmark]
    public void DrawBgr()
    {
        using Mat picture = Mosaic.Render(_values, _shape, "", Options);
    }

    [Benchmark]
    public void NormalizeAndColormapByName() => OneByOne((indices, tile) => Cv2.ApplyColorMap(indices, tile, ColormapTypes.Viridis));

    [Benchmark(Baseline = true)]
    public void NormalizeAndColours()
    {
        using Mat colours = Mat.FromPixelData(256, 1, MatType.CV_8UC3, _picture!.PaletteBgr.ToArray());
        OneByOne((indices, tile) => Cv2.ApplyColorMap(indices, tile, colours));
    }

    private void OneByOne(Action<Mat, Mat> colour)
    {
        using var mosaic = new Mat(Channels / Columns * Side, Columns * Side, MatType.CV_8UC3);
        using var indices = new Mat();
        using Mat maps = Mat.FromPixelData(Channels * Side, Side, MatType.CV_32FC1, _values);
        for (int channel = 0; channel < Channels; channel++)
        {
            using Mat map = maps.RowRange(channel * Side, (channel + 1) * Side);
            Cv2.Normalize(map, indices, 0, 255, NormTypes.MinMax, MatType.CV_8U);
            using Mat tile = mosaic.SubMat(new Rect(channel % Columns * Side, channel / Columns * Side, Side, Side));
            colour(indices, tile);
        }
    }

    [Benchmark]
    public byte[] EncodePalettePng() => _picture!.EncodePng();

    [Benchmark]
    public byte[] EncodeBgrPng()
    {
        Cv2.ImEncode(".png", _bgr!, out byte[] bytes);
        return bytes;
    }

    [Benchmark]
    public TensorStatistics Statistics() => TensorStatistics.From(_values);
}
