using CnnOnnx.Tensors;

namespace CnnOnnx.Formats;

/// <summary>The classes of PyTorch that carry tensors, and the storages that a file's tensors name.</summary>
/// <param name="locate">Told of each storage when it is first named, to say where it lies.</param>
/// <param name="mostBytes">Bytes that all tensors together may show.</param>
internal sealed class TorchClasses(Action<TorchStorage> locate, long mostBytes)
{
    private const string Dtype = "torch.";

    private static readonly Dictionary<string, ElementType> Dtypes = new()
    {
        ["float64"] = ElementType.Double,
        ["float32"] = ElementType.Float,
        ["float16"] = ElementType.Float16,
        ["bfloat16"] = ElementType.BFloat16,
        ["int64"] = ElementType.Int64,
        ["int32"] = ElementType.Int32,
        ["int16"] = ElementType.Int16,
        ["int8"] = ElementType.Int8,
        ["uint8"] = ElementType.UInt8,
        ["uint16"] = ElementType.UInt16,
        ["uint32"] = ElementType.UInt32,
        ["uint64"] = ElementType.UInt64,
        ["bool"] = ElementType.Bool,
        ["complex64"] = ElementType.Complex64,
        ["complex128"] = ElementType.Complex128,
        ["float8_e4m3fn"] = ElementType.Float8E4M3FN,
        ["float8_e4m3fnuz"] = ElementType.Float8E4M3FNUZ,
        ["float8_e5m2"] = ElementType.Float8E5M2,
        ["float8_e5m2fnuz"] = ElementType.Float8E5M2FNUZ,
        ["float8_e8m0fnu"] = ElementType.Float8E8M0,
    };

    private readonly Dictionary<string, TorchStorage> _storages = [];
    private long _shown;

    /// <summary>The storages by key, in the order in which they were named.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    /// <summary>Classes for a reader of pickles.</summary>
    public PickleClasses ForPickle() => new(
    [
        new("torch._utils._rebuild_tensor", a => Tensor(a, null)),
        new("torch._utils._rebuild_tensor_v2", a => Tensor(a, null)),
        new("torch._utils._rebuild_tensor_v3", a => Tensor(a, DtypeOf(a.ElementAtOrDefault(6)))),
        new("torch._utils._rebuild_qtensor", Quantized),
        new("torch._utils._rebuild_parameter", First),
        new("torch._utils._rebuild_parameter_with_state", First),
        new("torch._tensor._rebuild_from_type_v2", FromType),
        new("torch.nn.parameter.Parameter", First),
        new("torch.nn.parameter.Buffer", First),
        new("torch.Tensor", First),
        new("torch.Size", a => a is [object?[] sizes, ..] ? sizes : Array.Empty<object?>()),
    ], Persistent);

    private static object? First(object?[] arguments) =>
        arguments is [TorchTensor tensor, ..] ? tensor : throw new PickleCallException("expected a tensor");

    // A tensor with attributes of its own, or of a class that is a kind of tensor: function, class, arguments, state.
    private object? FromType(object?[] arguments) => arguments is [PickleGlobal function, _, object?[] inner, ..]
        && function.FullName.StartsWith("torch._utils._rebuild_tensor", StringComparison.Ordinal)
            ? Tensor(inner, function.Name.EndsWith("v3", StringComparison.Ordinal) ? DtypeOf(inner.ElementAtOrDefault(6)) : null)
            : new PickleRecord("torch._tensor._rebuild_from_type_v2", arguments);

    private TorchTensor Tensor(object?[] arguments, ElementType? type) => Counted(
        arguments is [TorchStoragePart part, long offset, var sizes, var strides, ..]
            ? new TorchTensor(part, type, offset, Numbers(sizes), Numbers(strides))
            : throw new PickleCallException("expected storage, offset, sizes and strides"));

    private TorchTensor Quantized(object?[] arguments)
    {
        if (arguments is not [TorchStoragePart part, long offset, var sizes, var strides, object?[] scheme, ..])
            throw new PickleCallException("expected storage, offset, sizes, strides and how they are quantised");
        TorchQuantization quantization = scheme switch
        {
            [PickleGlobal, double scale, long zero, ..] => new(() => [scale], () => [zero], 0),
            [PickleGlobal, TorchTensor scales, TorchTensor zeros, long axis and >= 0 and < 8, ..] =>
                new(() => Doubles(scales), () => Doubles(zeros), (int)axis),
            _ => throw new PickleCallException("expected one scale and zero point for the tensor or for each channel"),
        };
        return Counted(new TorchTensor(part, null, offset, Numbers(sizes), Numbers(strides)) { Quantization = quantization });
    }

    private TorchTensor Counted(TorchTensor tensor)
    {
        _shown += tensor.Bytes;
        return _shown <= mostBytes ? tensor
            : throw new PickleCallException($"tensors that show more than {mostBytes} bytes in all, many times what the file holds");
    }

    private object? Persistent(object? id)
    {
        if (id is not object?[] parts)
            throw new PickleCallException("a persistent id is no tuple");
        if (parts is [var what, var type, ..] && PickleText.Of(what) == "module")
            return type;
        if (parts is not [var kind, PickleGlobal made, var name, _, long count and >= 0, ..] || PickleText.Of(kind) != "storage"
            || PickleText.Of(name) is not { } key)
            throw new PickleCallException("a persistent id names no storage: expected 'storage', class, key, place, number of elements");
        const string ending = "Storage";
        if (!made.Name.EndsWith(ending, StringComparison.Ordinal)
            || !TorchStorage.Types.TryGetValue(made.Name[..^ending.Length], out ElementType element))
            throw new PickleCallException($"a storage of {made.FullName}, expected one of"
                + $" {string.Join(", ", TorchStorage.Types.Keys.Order())}");
        if (count > long.MaxValue / 16)
            throw new PickleCallException($"a storage of {count} elements");
        if (!_storages.TryGetValue(key, out TorchStorage? storage))
        {
            storage = _storages[key] = new TorchStorage(key, element, count);
            locate(storage);
        }
        else if (storage.Type != element || storage.Count != count)
            throw new PickleCallException($"storage '{key}' has {storage.Count} elements of {storage.Type.DisplayName()} in one place and "
                + $"{count} of {element.DisplayName()} in another");

        return Part(storage, parts);
    }

    private static TorchStoragePart Part(TorchStorage storage, object?[] parts)
    {
        if (parts is not [_, _, _, _, _, object?[] view, ..])
            return new TorchStoragePart(storage, 0, storage.Count);
        return view is [_, long first and >= 0, long size and >= 0, ..] && first <= storage.Count && size <= storage.Count - first
            ? new TorchStoragePart(storage, first, size)
            : throw new PickleCallException($"a part of storage '{storage.Key}' that goes beyond its {storage.Count} elements");
    }

    private static ElementType DtypeOf(object? dtype) =>
        dtype is PickleGlobal name && name.FullName.StartsWith(Dtype, StringComparison.Ordinal)
        && Dtypes.TryGetValue(name.Name, out ElementType type)
            ? type
            : throw new PickleCallException($"element type {dtype ?? "None"}, expected one of {string.Join(", ", Dtypes.Keys.Order())}");

    private static long[] Numbers(object? sizes)
    {
        const int mostAxes = 32;
        return sizes is IReadOnlyList<object?> { Count: <= mostAxes } list && list.All(s => s is long)
            ? [.. list.Select(s => (long)s!)]
            : throw new PickleCallException($"sizes or strides that are no tuple of at most {mostAxes} numbers");
    }

    private static double[] Doubles(TorchTensor tensor) =>
        [.. new TensorData(tensor.Type, tensor.Shape, tensor.Load()).ToFloats().Select(value => (double)value)];
}
