using CnnOnnx.Imaging;
using OpenCvSharp;

namespace CnnOnnx.Tests.Imaging;

[TestClass]
public sealed class InputPresetsTests
{
    [TestMethod]
    [DataRow("imagenet", "224x224 rgb, crop of 256x256, 0..1, mean [0.485, 0.456, 0.406], std [0.229, 0.224, 0.225]")]
    [DataRow("caffe", "224x224 bgr, crop, 0..255, mean [104, 117, 123]")]
    [DataRow("tf", "224x224 rgb, crop of 256x256, 0..1, mean [0.5, 0.5, 0.5], std [0.5, 0.5, 0.5]")]
    [DataRow("yolo", "224x224 rgb, letterbox, 0..1")]
    [DataRow("unit", "224x224 rgb, stretch, 0..1")]
    [DataRow("raw255", "224x224 rgb, stretch, 0..255")]
    public void Parse_EveryPreset_IsWhatTheWorldCallsSo(string name, string expected)
    {
        Assert.AreEqual(expected, InputPresets.Parse(name).ToString());
        Assert.AreEqual(expected, InputPresets.All[name].Checked(name).ToString());
    }

    [TestMethod]
    [DataRow("torchvision", "imagenet")]
    [DataRow("PyTorch", "imagenet")]
    [DataRow("keras-caffe", "caffe")]
    [DataRow("keras-tf", "tf")]
    [DataRow("darknet", "yolo")]
    [DataRow("Ultralytics", "yolo")]
    [DataRow("0..1", "unit")]
    [DataRow("0..255", "raw255")]
    public void Parse_NamesFromElsewhere_AreThePresets(string alias, string name) =>
        Assert.AreSame(InputPresets.All[name], InputPresets.Parse(alias));

    [TestMethod]
    public void Parse_UnknownAndAmbiguousNames_SayTheWayOut()
    {
        Assert.AreEqual("'resnet' is not a preset; expected one of caffe, imagenet, raw255, tf, unit, yolo",
            Assert.ThrowsExactly<BadInputException>(() => InputPresets.Parse("resnet")).Message);
        Assert.AreEqual("'keras' is several presets: say keras-tf (MobileNet, Inception, Xception), keras-caffe (ResNet, VGG) or "
            + "keras-torch (DenseNet)", Assert.ThrowsExactly<BadInputException>(() => InputPresets.Parse("keras")).Message);
    }

    [TestMethod]
    public void Fitted_GraySmallInput_HasOneMeanAndNoMargin() =>
        Assert.AreEqual("32x32 gray, crop, 0..1, mean [0.449], std [0.226]",
            InputPresets.Fitted(InputPresets.Parse("imagenet"), new Size(32, 32), isGray: true).Checked("x").ToString());

    [TestMethod]
    public void Checked_MarginOfAll_IsRefused() => StringAssert.StartsWith(
        Assert.ThrowsExactly<BadInputException>(() => (InputPresets.Parse("tf") with { CropMargin = 1 }).Checked("x")).Message,
        "x: crop margin is 1, expected 0 to below 1");
}
