using CnnOnnx.Inference;
using CnnOnnx.Rendering;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inference;

/// <summary>The code that the library's readme shows, as it stands there but for the window.</summary>
[TestClass]
public sealed class LibrarySampleTests
{
    [TestMethod]
    public void Readme_Sample_Runs()
    {
        using var folder = new TemporaryFolder();
        string path = SmallNetworks.LeNet().SaveTo(folder);
        using Mat frame = TestPictures.Noise(480, 640);
        var shown = new List<string>();

        using var session = ActivationSession.Open(path, new() { Tensors = ["relu*"] });
        using Activations seen = session.Run(frame);
        foreach (Activation map in seen)
        {
            using Mat mosaic = Mosaic.Render(map, new() { Colormap = ColormapTypes.Viridis });
            shown.Add($"{map.Name} {mosaic.Type()}");
        }

        Assert.AreEqual("relu_conv1 CV_8UC3, relu_conv2 CV_8UC3, relu3 CV_8UC3, relu4 CV_8UC3", string.Join(", ", shown));
    }
}
