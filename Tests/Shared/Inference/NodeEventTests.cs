using System.Text.Json;
using CnnOnnx.Inference;

namespace CnnOnnx.Tests.Inference;

[TestClass]
public sealed class NodeEventTests
{
    [TestMethod]
    public void Read_Profile_GivesKernelsWithSizes()
    {
        using JsonDocument profile = JsonDocument.Parse("""
            [
            {"cat": "Session", "dur": 1, "name": "model_loading", "args": {}},
            {"cat": "Node", "dur": 3, "name": "conv_fence_before", "args": {}},
            {"cat": "Node", "dur": 1500, "name": "conv_kernel_time", "args":
             {"provider": "CPUExecutionProvider", "output_type_shape": [{"float": [1, 32, 26, 26]}, {"int64": []}, {"string": [2]}]}},
            {"cat": "Node", "dur": 2, "name": "if_kernel_time", "args": {}}
            ]
            """);
        NodeEvent[] events = [.. NodeEvent.Read(profile)];
        Assert.HasCount(2, events);
        Assert.AreEqual(("conv", "CPUExecutionProvider", 1.5), (events[0].Node, events[0].Provider, events[0].Milliseconds));
        // 32·26·26 floats, one int64, and a string, whose size nobody tells.
        CollectionAssert.AreEqual(new long?[] { 86528, 8, null }, events[0].OutputBytes);
        Assert.IsEmpty(events[1].OutputBytes);
    }
}
