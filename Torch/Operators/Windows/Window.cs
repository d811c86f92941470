using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// What convolutions and pools share: a window that slides over one to three spatial axes. Attributes are checked when it
/// is read; those that are missing take their rank from the input.
/// </summary>
internal sealed class Window
{
    private const int MaxAxes = 3;

    private static readonly long[][] Ones = [[], [1], [1, 1], [1, 1, 1]];
    private static readonly long[][] Zeros = [[], [0], [0, 0], [0, 0, 0]];
    private static readonly Padding[] NoPadding = [.. Zeros.Select(z => new Padding(z, z))];

    private static readonly FrozenDictionary<string, AutoPad> AutoPads = new Dictionary<string, AutoPad>
    {
        ["NOTSET"] = AutoPad.NotSet,
        ["VALID"] = AutoPad.Valid,
        ["SAME_UPPER"] = AutoPad.SameUpper,
        ["SAME_LOWER"] = AutoPad.SameLower,
    }.ToFrozenDictionary();

    private readonly OnnxNode _node;
    private readonly long[]? _strides, _dilations;
    private readonly Padding? _padding;

    public Window(OnnxNode node)
    {
        _node = node;
        // That these are positive and not huge was checked when the model was read.
        Kernel = NotEmpty(node.Ints("kernel_shape"));
        _strides = NotEmpty(node.Ints("strides"));
        _dilations = NotEmpty(node.Ints("dilations"));
        long[]? pads = node.AllWithin("pads", 0);
        AutoPad = AutoPads[node.OneOf("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")];
        IsCeil = node.Flag("ceil_mode", false);
        // VALID and SAME say all that there is to say about padding; files carry pads beside them all the same.
        if (pads is not null && AutoPad == AutoPad.NotSet)
            _padding = new Padding(pads[..(pads.Length / 2)], pads[(pads.Length / 2)..]);
    }

    /// <summary>Null when the attribute is missing: a convolution has it from its weights.</summary>
    public long[]? Kernel { get; }

    public AutoPad AutoPad { get; }

    /// <summary>A last window that does not fit is used as far as it does.</summary>
    public bool IsCeil { get; }

    public long[] Strides(int axes) => _strides ?? Ones[axes];

    public long[] Dilations(int axes) => _dilations ?? Ones[axes];

    public bool IsDilated => _dilations is not null && _dilations.Any(d => d > 1);

    /// <summary>The number of spatial axes of an input of [N, C, …], checked against the attributes.</summary>
    public int SpatialAxes(Tensor input)
    {
        int axes = (int)input.dim() - 2;
        if (axes is < 1 or > MaxAxes)
            throw _node.Error($"the input has {input.dim()} axes, expected [N, C] and 1 to {MaxAxes} spatial ones");
        RequireLength("kernel_shape", Kernel, axes);
        RequireLength("strides", _strides, axes);
        RequireLength("dilations", _dilations, axes);
        RequireLength("pads", _padding?.Begin, axes);
        RequireLength("pads", _padding?.End, axes);
        return axes;
    }

    /// <summary>The padding of an input of [N, C, …] under windows of this size.</summary>
    public Padding PaddingOf(Tensor input, long[] kernel)
    {
        if (AutoPad is AutoPad.NotSet or AutoPad.Valid)
            return _padding ?? NoPadding[kernel.Length];
        long[] strides = Strides(kernel.Length), total = new long[kernel.Length];
        for (int i = 0; i < total.Length; i++)
        {
            long size = input.size(i + 2), outputs = (size + strides[i] - 1) / strides[i];
            total[i] = Math.Max(0, (outputs - 1) * strides[i] + Extent(kernel, i) - size);
        }

        return Padding.Split(total, AutoPad);
    }

    /// <summary>Cells from a window's first to its last, along one axis.</summary>
    public long Extent(long[] kernel, int axis) => (kernel[axis] - 1) * Dilations(kernel.Length)[axis] + 1;

    /// <summary>The number of windows along each axis.</summary>
    public long[] OutputSizes(Tensor input, long[] kernel, Padding padding)
    {
        long[] strides = Strides(kernel.Length), sizes = new long[kernel.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            long size = input.size(i + 2), extent = Extent(kernel, i), room = size + padding.Begin[i] + padding.End[i] - extent;
            if (room < 0)
                throw _node.Error(
                    $"a window of {extent} cells does not fit into {size} + {padding.Begin[i] + padding.End[i]} along axis {i + 2}");
            sizes[i] = room / strides[i] + 1;
            // A further window of ceil_mode must not begin in the padding behind the input.
            if (IsCeil && room % strides[i] != 0 && sizes[i] * strides[i] < size + padding.Begin[i])
                sizes[i]++;
        }

        return sizes;
    }

    private static long[]? NotEmpty(long[]? values) => values is { Length: > 0 } ? values : null;

    private void RequireLength(string attribute, long[]? values, int axes)
    {
        if (values is not null && values.Length != axes)
            throw _node.Error(
                $"attribute '{attribute}' is {new TensorShape(values)}, expected a value for each of {axes} spatial axes");
    }
}
