using BenchmarkDotNet.Attributes;
using CnnOnnx.Rendering;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Benchmarks;

/// <summary>
/// From floats to a mosaic, against the same with OpenCV's own functions, one map after another. Divide the pixels by the mean
/// for the rate: 1,204,224 values a picture of 96 maps, 4,816,896 one of 96 maps enlarged to 224.
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

    [Benchmark(Baseline = true)]
    public void NormalizeAndApplyColorMap()
    {
        using var mosaic = new Mat(Channels / Columns * Side, Columns * Side, MatType.CV_8UC3);
        using var indices = new Mat();
        using Mat maps = Mat.FromPixelData(Channels * Side, Side, MatType.CV_32FC1, _values);
        for (int channel = 0; channel < Channels; channel++)
        {
            using Mat map = maps.RowRange(channel * Side, (channel + 1) * Side);
            Cv2.Normalize(map, indices, 0, 255, NormTypes.MinMax, MatType.CV_8U);
            using Mat tile = mosaic.SubMat(new Rect(channel % Columns * Side, channel / Columns * Side, Side, Side));
            Cv2.ApplyColorMap(indices, tile, ColormapTypes.Viridis);
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
