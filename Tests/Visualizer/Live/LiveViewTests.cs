using CnnOnnx.Rendering;
using CnnOnnx.Visualizer.Live;
using OpenCvSharp;

namespace CnnOnnx.Tests.Live;

[TestClass]
public sealed class LiveViewTests
{
    private const int Layers = 3, Channels = 4;

    [TestMethod]
    public void Press_DownAsOftenAsThereAreLayers_ComesBack()
    {
        int[] seen = [.. Walk(new LiveView(), LiveKey.NextLayer, 3).Select(v => v.Layer)];
        CollectionAssert.AreEqual(new[] { 1, 2, 0 }, seen);
        Assert.AreEqual(2, new LiveView().Press(LiveKey.PreviousLayer, Layers, Channels).Layer);
    }

    [TestMethod]
    public void Press_LeftAndRight_GoThroughAllAndEachChannel()
    {
        int?[] right = [.. Walk(new LiveView(), LiveKey.NextChannel, 5).Select(v => v.Channel)];
        int?[] left = [.. Walk(new LiveView(), LiveKey.PreviousChannel, 5).Select(v => v.Channel)];

        CollectionAssert.AreEqual(new int?[] { 0, 1, 2, 3, null }, right);
        CollectionAssert.AreEqual(new int?[] { 3, 2, 1, 0, null }, left);
    }

    [TestMethod]
    public void Press_AnotherLayer_ShowsAllItsChannels() =>
        Assert.IsNull((new LiveView() with { Channel = 3 }).Press(LiveKey.NextLayer, Layers, Channels).Channel);

    [TestMethod]
    public void Press_ColormapAndScaling_GoThroughAllOfThem()
    {
        LiveView start = new();
        Assert.AreEqual(start, Walk(start, LiveKey.Colormap, LiveView.Colormaps.Count).Last());
        Assert.AreEqual(start, Walk(start, LiveKey.Scaling, Enum.GetValues<ScaleMode>().Length).Last());
        Assert.HasCount(LiveView.Colormaps.Count,
            Walk(start, LiveKey.Colormap, LiveView.Colormaps.Count).Select(v => v.Colormap).Distinct());
        Assert.AreEqual(LiveView.Colormaps[0],
            (start with { Colormap = ColormapTypes.Hot }).Press(LiveKey.Colormap, Layers, Channels).Colormap);
    }

    [TestMethod]
    public void Press_LargerAndSmaller_StayWithinBounds()
    {
        Assert.AreEqual(512, Walk(new LiveView(), LiveKey.Larger, 50).Last().TileSize);
        Assert.AreEqual(16, Walk(new LiveView(), LiveKey.Smaller, 50).Last().TileSize);
        Assert.IsGreaterThan(16, (new LiveView() with { TileSize = 16 }).Press(LiveKey.Larger, Layers, Channels).TileSize);
    }

    [TestMethod]
    public void Press_Switches_Toggle()
    {
        LiveView view = new();
        Assert.IsTrue(view.Press(LiveKey.Freeze, Layers, Channels).IsFrozen);
        Assert.AreEqual(view, Walk(view, LiveKey.Freeze, 2).Last());
        Assert.IsTrue(view.Press(LiveKey.Help, Layers, Channels).ShowsHelp);
        Assert.IsTrue(view.Press(LiveKey.Quit, Layers, Channels).IsOver);
        Assert.AreEqual(1, view.Press(LiveKey.NextPicture, Layers, Channels).PicturesAsked);
    }

    [TestMethod]
    public void Press_NothingHasRunYet_KeepsAllChannels() =>
        Assert.IsNull(new LiveView().Press(LiveKey.NextChannel, Layers, channels: 0).Channel);

    [TestMethod]
    [DataRow(65362, nameof(LiveKey.PreviousLayer))]
    [DataRow(65362 | 0x100000, nameof(LiveKey.PreviousLayer))]
    [DataRow(0x28 << 16, nameof(LiveKey.NextLayer))]
    [DataRow(27, nameof(LiveKey.Quit))]
    [DataRow('c' | 0x200000, nameof(LiveKey.Colormap))]
    [DataRow('+' | 0x10000, nameof(LiveKey.Larger))]
    public void Parse_CodesOfBothSystemsAndLocks_AreKnown(int code, string expected) =>
        Assert.AreEqual(expected, LiveKeys.Parse(code)?.ToString());

    [TestMethod]
    [DataRow(-1)]
    [DataRow('z')]
    public void Parse_NoKeyAndUnknownKey_IsNothing(int code) => Assert.IsNull(LiveKeys.Parse(code));

    private static IEnumerable<LiveView> Walk(LiveView view, LiveKey key, int times)
    {
        for (int i = 0; i < times; i++)
            yield return view = view.Press(key, Layers, Channels);
    }
}
