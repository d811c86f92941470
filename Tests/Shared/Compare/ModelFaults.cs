using System.Runtime.InteropServices;
using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using Google.Protobuf;

namespace CnnOnnx.Tests.Compare;

/// <summary>Changes of a model that are faults: in weights, in attributes, in operators.</summary>
internal static class ModelFaults
{
    public static OnnxModel Changed(OnnxModel model, Action<ModelProto> change) => model.Changed(copy =>
    {
        // What the file says about shapes was of the model before.
        copy.Graph.ValueInfo.Clear();
        foreach (TensorProto tensor in copy.Graph.Initializer)
            Fill(tensor, new OnnxTensor(tensor, model.Source).Load().Bytes.Span);
        change(copy);
    });

    /// <summary>A node of a name.</summary>
    public static NodeProto Node(ModelProto model, string name) => model.Graph.Node.First(n => n.Name == name);

    public static void SetInts(ModelProto model, string node, string attribute, params long[] values)
    {
        NodeProto target = Node(model, node);
        AttributeProto? found = target.Attribute.FirstOrDefault(a => a.Name == attribute);
        if (found is not null)
            target.Attribute.Remove(found);
        target.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } });
    }

    public static void Scale(ModelProto model, string node, int input, int channel, float factor) =>
        Edit(model, node, input, (values, inner) =>
        {
            foreach (ref float value in values.Slice(channel * inner, inner))
                value *= factor;
        });

    public static void Shift(ModelProto model, string node, int input, int channel, float by) =>
        Edit(model, node, input, (values, _) => values[channel] += by);

    public static void Reverse(ModelProto model, string node, int input) => Edit(model, node, input, (values, _) => values.Reverse());

    public delegate void EditValues(Span<float> values, int inner);

    public static void Edit(ModelProto model, string node, int input, EditValues edit)
    {
        TensorProto tensor = model.Graph.Initializer.First(t => t.Name == Node(model, node).Input[input]);
        byte[] bytes = tensor.RawData.ToByteArray();
        Span<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        edit(values, values.Length / (int)tensor.Dims[0]);
        Fill(tensor, bytes);
    }

    // Weights of a model that was read are still in its file.
    private static void Fill(TensorProto tensor, ReadOnlySpan<byte> bytes)
    {
        tensor.ExternalData.Clear();
        tensor.FloatData.Clear();
        tensor.Int64Data.Clear();
        tensor.ClearDataLocation();
        tensor.RawData = ByteString.CopyFrom(bytes);
    }

    public static void SetInt(ModelProto model, string node, string attribute, long value) =>
        Set(model, node, new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value });

    public static void SetFloat(ModelProto model, string node, string attribute, float value) =>
        Set(model, node, new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Float, F = value });

    public static void SetText(ModelProto model, string node, string attribute, string value) => Set(model, node,
        new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    private static void Set(ModelProto model, string node, AttributeProto value)
    {
        NodeProto target = Node(model, node);
        if (target.Attribute.FirstOrDefault(a => a.Name == value.Name) is { } found)
            target.Attribute.Remove(found);
        target.Attribute.Add(value);
    }

    // Numbers in place of all names, as another exporter gives them.
    public static void Rename(ModelProto model)
    {
        var names = new Dictionary<string, string>();
        string New(string old) => old.Length == 0 ? "" : names.TryGetValue(old, out string? name) ? name
            : names[old] = $"{100 + names.Count}";
        GraphProto graph = model.Graph;
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output))
            value.Name = New(value.Name);
        foreach (TensorProto tensor in graph.Initializer)
            tensor.Name = New(tensor.Name);
        foreach (NodeProto node in graph.Node)
        {
            node.Name = "";
            for (int i = 0; i < node.Input.Count; i++)
                node.Input[i] = New(node.Input[i]);
            for (int i = 0; i < node.Output.Count; i++)
                node.Output[i] = New(node.Output[i]);
        }

        model.MetadataProps.Clear();
    }
}
