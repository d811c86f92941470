using System.Text.Json;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class CardReaderTests
{
    [TestMethod]
    public void Input_WhatTheSerializerWrites_IsReadBack()
    {
        var spec = new InputSpec
        {
            Size = new(192, 224),
            Channels = ChannelOrder.Bgr,
            Resize = ResizeMode.Letterbox,
            Range = 255,
            Mean = [0.1, 1e-9, 123.675],
            Std = [1, 2, 3],
        };
        InputSpec read = CardReader.Input(JsonSerializer.Serialize(spec, CardJson.Default.InputSpec))!;
        Assert.AreEqual(spec, read);
        Assert.AreNotEqual(spec with { Mean = [0.1, 1e-9, 123] }, read);
    }

    // A card that was written before there were margins has none, and one without a margin is written as before.
    [TestMethod]
    public void Input_CropMargin_IsWrittenWhereThereIsOne()
    {
        var spec = new InputSpec { Size = new(224, 224), Resize = ResizeMode.Crop };
        Assert.DoesNotContain("argin", JsonSerializer.Serialize(spec, CardJson.Default.InputSpec));
        spec = spec with { CropMargin = 0.125 };
        string text = JsonSerializer.Serialize(spec, CardJson.Default.InputSpec);
        StringAssert.Contains(text, "\"cropMargin\":0.125");
        Assert.AreEqual(spec, CardReader.Input(text));
        Assert.AreNotEqual(spec with { CropMargin = 0 }, CardReader.Input(text));
    }

    [TestMethod]
    public void Input_PartsLeftOut_HaveTheirDefaults()
    {
        InputSpec read = CardReader.Input("""{"other": {}, "size": [28, 28], "channels": "GRAY", "mean": null}""")!;
        Assert.AreEqual("28x28 gray, stretch, 0..1", read.ToString());
        Assert.IsNull(CardReader.Input("null"));
    }

    [TestMethod]
    [DataRow("{")]
    [DataRow("[1]")]
    [DataRow("""{"size": 28}""")]
    [DataRow("""{"size": [28]}""")]
    [DataRow("""{"channels": "gray"}""")]
    [DataRow("""{"size": [1e99, 2]}""")]
    [DataRow("""{"size": ["28", 28]}""")]
    [DataRow("""{"size": [28, 28], "channels": 1}""")]
    [DataRow("""{"size": [28, 28], "channels": "0"}""")]
    [DataRow("""{"size": [28, 28], "resize": "zoom"}""")]
    [DataRow("""{"size": [28, 28], "range": null}""")]
    public void Input_OfAnotherKind_IsNoJsonThatIsExpected(string text) => Assert.ThrowsExactly<JsonException>(() => ReadInput(text));

    [TestMethod]
    [DataRow("""{"a": 1}""")]
    [DataRow("""["a", 1]""")]
    public void LabelsAndStages_OfAnotherKind_AreNoJsonThatIsExpected(string text)
    {
        Assert.ThrowsExactly<JsonException>(() => CardReader.Labels(text));
        Assert.ThrowsExactly<JsonException>(() => CardReader.Stages(text));
    }

    [TestMethod]
    public void LabelsAndStages_KeepTheirOrder()
    {
        CollectionAssert.AreEqual(new[] { "b", "a" }, CardReader.Labels("""["b", "a"]"""));
        Assert.AreEqual("[z, 1] [a, 2]", string.Join(' ', CardReader.Stages("""{"z": "1", "a": "2"}""")!));
    }

    // What JSON itself refuses is a subclass that only .NET knows.
    private static void ReadInput(string text)
    {
        try
        {
            CardReader.Input(text);
        }
        catch (JsonException fault)
        {
            throw new JsonException(fault.Message, fault);
        }
    }
}
