using System.Globalization;
using System.Text;
using CnnOnnx.Files;
using CnnOnnx.Tests.Support;
using CsCheck;

namespace CnnOnnx.Tests.Files;

[TestClass]
public sealed class Utf8WriterTests
{
    [TestMethod]
    public void Write_AnythingInAnyOrder_IsWhatTheFrameworkMakesOfIt() =>
        // Lengths up to several buffers, so that every kind of text meets a full one.
        Drawn.Check(Gen.Select(Gen.Int[0, 4], Gen.Int[0, 150_000], Gen.Int[0, 255]).Array[0, 8], 60, parts =>
        {
            var expected = new StringBuilder();
            using var stream = new MemoryStream();
            using (var writer = new Utf8Writer(stream))
            {
                foreach ((int kind, int length, int seed) in parts)
                    expected.Append(Write(writer, kind, length, seed));
            }

            Assert.AreEqual(expected.ToString(), Encoding.UTF8.GetString(stream.ToArray()));
        });

    [TestMethod]
    public void Write_PairsOfUtf16AtEveryPlace_AreKeptWhole()
    {
        // One letter more in front moves each pair by one: somewhere a step ends inside of one.
        foreach (string start in new[] { "", "a" })
        {
            string text = start + string.Concat(Enumerable.Repeat("\U0001F50D", 40_000));
            using var stream = new MemoryStream();
            using (var writer = new Utf8Writer(stream))
                writer.Write(text);
            CollectionAssert.AreEqual(Encoding.UTF8.GetBytes(text), stream.ToArray());
        }
    }

    private static string Write(Utf8Writer writer, int kind, int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        string text = new([.. bytes.Select(b => (char)(' ' + b * 40))]);
        switch (kind)
        {
            case 0:
                writer.Write(text);
                return text;
            case 1:
                writer.Write(Encoding.UTF8.GetBytes(text));
                return text;
            case 2:
                writer.WriteBase64(bytes);
                return Convert.ToBase64String(bytes);
            case 3:
                writer.WriteNumber(1.0 / (seed - 3));
                return (1.0 / (seed - 3)).ToString(CultureInfo.InvariantCulture);
            default:
                writer.Write((byte)',');
                return ",";
        }
    }

    [TestMethod]
    public void Dispose_Twice_GivesTheMemoryBackOnce()
    {
        using var file = new MemoryStream();
        var first = new Utf8Writer(file);
        first.Write("once"u8);
        first.Dispose();
        first.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => first.Write("late"u8));
        Assert.ThrowsExactly<ObjectDisposedException>(() => first.WriteNumber(1));

        // Given back twice, the pool would lend the same memory to both.
        using MemoryStream left = new(), right = new();
        using (Utf8Writer a = new(left), b = new(right))
        {
            a.Write("left"u8);
            b.Write("right"u8);
        }

        Assert.AreEqual("once left right", string.Join(' ', new[] { file, left, right }.Select(f => Encoding.UTF8.GetString(f.ToArray()))));
    }
}
