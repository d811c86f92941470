using CnnOnnx.Statistics;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class BinScaleTests
{
    [TestMethod]
    public void StartOf_AnyBin_IsTheFirstFloatInIt()
    {
        Gen<float> end = Gen.OneOf(Gen.Single[-2, 2], Gen.Single[-1e-40f, 1e38f], Gen.Const(0f));
        Drawn.Check(Gen.Select(end.Array[2], Gen.Int[1, 5000]), 300, drawn =>
        {
            var scale = new BinScale(drawn.Item1.Min(), drawn.Item1.Max(), drawn.Item2);
            foreach (int bin in new[] { 0, 1, scale.Bins / 3, scale.Bins - 1, scale.Bins })
            {
                float start = scale.StartOf(bin);
                Assert.IsTrue(start > scale.Max || scale.BinOf(start) >= bin, $"bin {bin} starts at {start}");
                float before = MathF.BitDecrement(start);
                Assert.IsTrue(before < scale.Min || scale.BinOf(before) < bin, $"{before} is in bin {bin}, too");
            }
        });
    }

    [TestMethod]
    public void BinOf_BothEnds_AreInTheFirstAndTheLastBin()
    {
        (float, float)[] ranges = [(-3f, 5f), (0f, float.Epsilon), (-float.MaxValue, float.MaxValue), (1f, MathF.BitIncrement(1))];
        foreach ((float min, float max) in ranges)
        {
            var scale = new BinScale(min, max, 4096);
            Assert.AreEqual((0, 4095), (scale.BinOf(min), scale.BinOf(max)), $"{min} to {max}");
            Assert.IsTrue(scale.Contains(min) && scale.Contains(max));
        }

        Assert.AreEqual(0, new BinScale(2, 2, 64).BinOf(2));
    }
}
