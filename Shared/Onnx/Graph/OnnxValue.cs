using System.Collections.Immutable;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;

namespace CnnOnnx.Onnx;

/// <summary>Declaration of a value: its name and, where said, what it holds.</summary>
public sealed record OnnxValue
{
    /// <summary>Name in the graph.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of what it holds.</summary>
    public OnnxValueKind Kind { get; init; } = OnnxValueKind.Undeclared;

    /// <summary>Element type of a tensor; Undefined when not declared or not a tensor.</summary>
    public ElementType ElementType { get; init; }

    /// <summary>Null when the rank is not declared.</summary>
    public ImmutableArray<Dimension>? Shape { get; init; }

    /// <summary>One line, such as "image: float32[N, 3, 224, 224]".</summary>
    public override string ToString() => $"{Name}: {ElementType.DisplayName()}{(Shape is { } dims ? $"[{string.Join(", ", dims)}]" : "")}";

    internal static OnnxValue From(ValueInfoProto info) => info.Type?.ValueCase switch
    {
        TypeProto.ValueOneofCase.TensorType => FromTensor(info.Name, info.Type.TensorType),
        TypeProto.ValueOneofCase.SequenceType => new() { Name = info.Name, Kind = OnnxValueKind.Sequence },
        TypeProto.ValueOneofCase.MapType => new() { Name = info.Name, Kind = OnnxValueKind.Map },
        TypeProto.ValueOneofCase.OptionalType => new() { Name = info.Name, Kind = OnnxValueKind.Optional },
        TypeProto.ValueOneofCase.SparseTensorType => new() { Name = info.Name, Kind = OnnxValueKind.SparseTensor },
        _ => new() { Name = info.Name },
    };

    internal ValueInfoProto ToProto()
    {
        var info = new ValueInfoProto { Name = Name };
        if (Kind != OnnxValueKind.Tensor)
            return info;
        info.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType } };
        if (Shape is { } dims)
        {
            info.Type.TensorType.Shape = new TensorShapeProto();
            foreach (Dimension dim in dims)
                info.Type.TensorType.Shape.Dim.Add(ToProto(dim));
        }

        return info;
    }

    private static TensorShapeProto.Types.Dimension ToProto(Dimension dim)
    {
        var proto = new TensorShapeProto.Types.Dimension();
        if (dim.Size is { } size)
            proto.DimValue = size;
        else if (!string.IsNullOrEmpty(dim.Symbol))
            proto.DimParam = dim.Symbol;
        return proto;
    }

    private static OnnxValue FromTensor(string name, TypeProto.Types.Tensor tensor) => new()
    {
        Name = name,
        Kind = OnnxValueKind.Tensor,
        ElementType = (ElementType)tensor.ElemType,
        Shape = tensor.Shape is null ? null : [.. tensor.Shape.Dim.Select(ToDimension)],
    };

    // Some exporters write 0 or -1 for "not known".
    private static Dimension ToDimension(TensorShapeProto.Types.Dimension dim) => dim.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when dim.DimValue >= 0 => dim.DimValue,
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam => new Dimension(null, dim.DimParam),
        _ => new Dimension(null),
    };
}

/// <summary>Kinds of declared values.</summary>
public enum OnnxValueKind
{
    /// <summary>The file does not say.</summary>
    Undeclared,
    /// <summary>A dense tensor.</summary>
    Tensor,
    /// <summary>A tensor of few values and their places.</summary>
    SparseTensor,
    /// <summary>A list of values.</summary>
    Sequence,
    /// <summary>A table of keys and values.</summary>
    Map,
    /// <summary>A value that may be absent.</summary>
    Optional,
}
