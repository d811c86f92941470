using CnnOnnx.Rendering;
using OpenCvSharp;

namespace CnnOnnx.Tests.Rendering;

[TestClass]
public sealed class ColormapsTests
{
    [TestMethod]
    public void Parse_EveryName_ComesBack()
    {
        Assert.HasCount(Enum.GetValues<ColormapTypes>().Length + 1, Colormaps.Names);
        foreach (string name in Colormaps.Names)
            Assert.AreEqual(name, Colormaps.NameOf(Colormaps.Parse(name.ToUpperInvariant())));
        Assert.IsNull(Colormaps.Parse("gray"));
        Assert.AreEqual(ColormapTypes.TwilightShifted, Colormaps.Parse("twilight_shifted"));
    }

    [TestMethod]
    public void Parse_OtherText_ListsTheNames()
    {
        string message = Assert.ThrowsExactly<BadInputException>(() => Colormaps.Parse("rainbows")).Message;
        Assert.StartsWith("'rainbows' is not a colormap; expected one of autumn, bone, cividis", message);
        foreach (string name in Colormaps.Names)
            Assert.Contains(name, message);
    }
}
