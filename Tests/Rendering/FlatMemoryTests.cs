using CnnOnnx.Imaging;
using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

/// <summary>
/// OpenCV's memory is not counted by anybody, so the process is watched while everything is drawn over and over. The garbage
/// collector is held off meanwhile, because it would free what was forgotten.
/// </summary>
[TestClass]
public sealed class FlatMemoryTests
{
    private const int Rounds = 20;

    // The managed heap takes 28 MB in these rounds. The pictures below have more than 2 MB each, so that one of them left behind in
    // every round makes 40 MB more.
    private const long Tolerance = 40 << 20;

    [TestMethod]
    public void Drawing_OverAndOver_KeepsTheProcessAtItsSize()
    {
        float[] maps = new float[64 * 224 * 224], vector = new float[30_000], weights = new float[1000 * 3 * 3 * 3];
        maps[5] = float.NaN;
        for (int i = 0; i < Rounds / 2; i++)
            DrawAll(maps, vector, weights);

        Assert.IsTrue(GC.TryStartNoGCRegion(5 * Tolerance));
        long before = Environment.WorkingSet;
        for (int i = 0; i < Rounds; i++)
            DrawAll(maps, vector, weights);
        long growth = Environment.WorkingSet - before;
        GC.EndNoGCRegion();
        Assert.IsLessThan(Tolerance, growth);
    }

    private static void DrawAll(float[] maps, float[] vector, float[] weights)
    {
        using IndexedPicture mosaic = Mosaic.Draw(maps, new(1, 64, 224, 224), "maps", new());
        using Mat bgr = mosaic.ToBgr();
        using Mat decoded = PictureFile.Decode(mosaic.EncodePng(), "mosaic");
        using Mat cells = BarChart.Render(vector, new(1, vector.Length), "vector", new());
        using Mat kernels = KernelPicture.Render(weights, new(1000, 3, 3, 3), "weights", new());
        using Mat grid = KernelPicture.Render(weights, new(30, 100, 3, 3), "weights", new());
        float[] input = new float[3 * 32 * 32];
        Preprocessor.ToNchw(decoded, InputPresets.Parse("imagenet") with { Size = [32, 32] }, input);
    }
}
