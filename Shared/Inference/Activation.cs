using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>
/// One tensor of one run. Everything it hands out lies in the run's native memory and is valid until the
/// <see cref="Activations"/> that it came from is disposed: from then on, asking for it throws <see cref="ObjectDisposedException"/>,
/// but spans and planes that were handed out before must not be used. Names, shape and statistics that were asked for stay.
/// </summary>
public sealed unsafe class Activation
{
    private readonly OrtValue? _value;
    private readonly Activations? _owner;
    private readonly long _bytes;
    private byte* _elements;
    private StrongBox<TensorStatistics>? _statistics;
    private Lazy<GCHandle>? _converted;

    /// <param name="owner">Disposes the value, and with it this; null for one that whoever makes this frees itself.</param>
    internal Activation(string name, string op, string node, OrtValue value, Activations? owner)
    {
        (Name, Op, Node, _value, _owner) = (name, op, node, value, owner);
        OrtTensorTypeAndShapeInfo facts = value.GetTensorTypeAndShape();
        ElementType = (ElementType)facts.ElementDataType;
        Shape = new TensorShape(facts.Shape);
        _bytes = ElementType.SizeInBytes(Shape.Count);
        if (_bytes > Array.MaxLength || Shape.Count > int.MaxValue)
            throw new BadInputException(
                $"'{name}' {ElementType.DisplayName()}{Shape} takes {_bytes} bytes, more than can be shown at once; leave it out or"
                    + $" make the input smaller");
    }

    // One sample of a batch, in the same memory.
    private Activation(Activation batch, int sample, Activations owner)
    {
        (Name, Op, Node, ElementType, _owner) = (batch.Name, batch.Op, batch.Node, batch.ElementType, owner);
        Shape = new TensorShape([1, .. batch.Shape.Dims.AsSpan()[1..]]);
        _bytes = batch._bytes / batch.Shape[0];
        _elements = batch.Elements + sample * _bytes;
    }

    /// <summary>The tensor's name in the model.</summary>
    public string Name { get; }

    /// <summary>Type of the node that made it, such as Conv; empty for an input.</summary>
    public string Op { get; }

    /// <summary>Name of the node that made it; empty for an input.</summary>
    public string Node { get; }

    /// <summary>Type of the elements as the run made them.</summary>
    public ElementType ElementType { get; }

    /// <summary>Sizes of the axes, such as [1, 64, 56, 56].</summary>
    public TensorShape Shape { get; }

    /// <summary>Statistics of all elements; computed when first asked for.</summary>
    public TensorStatistics Statistics => (_statistics ??= new(TensorStatistics.From(Values))).Value;

    /// <summary>The elements as floats: the run's own memory for float32, converted once for other types.</summary>
    public ReadOnlySpan<float> Values => new((void*)Floats, checked((int)Shape.Count));

    /// <summary>The elements as they are in memory.</summary>
    public ReadOnlySpan<byte> Raw => new(Elements, checked((int)_bytes));

    /// <summary>How many samples of a batch the tensor holds.</summary>
    public int Samples => Shape.Rank is 2 or > 3 ? (int)Shape[0] : 1;

    /// <summary>
    /// Axis of the channels, followed through the model from its convolutions and pools; <see cref="ChannelLayout.First"/> where nothing
    /// says otherwise.
    /// </summary>
    public ChannelLayout Layout => _owner?.LayoutOf(Name, Shape.Rank) ?? ChannelLayout.First;

    /// <summary>How many maps a sample has. A vector's are of one value each.</summary>
    public int Channels => FeatureMaps.Of(Values, Shape, 0, Layout).Count;

    /// <summary>
    /// One map as 32FC1, H×W: over the run's memory, without copying, where the channels come before height and width; a copy where they
    /// come behind them, since no Mat can show every n-th value. The caller disposes the Mat, and does not use it once the activations
    /// are disposed: a Mat does not know whose memory it shows. Clone what has to live longer.
    /// </summary>
    /// <param name="sample">Index of the sample in the batch, from 0 to <see cref="Samples"/> − 1.</param>
    /// <param name="channel">Index of the map, from 0 to <see cref="Channels"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample or map.</exception>
    /// <exception cref="ObjectDisposedException">The activations were disposed.</exception>
    public Mat Plane(int sample, int channel)
    {
        FeatureMaps maps = FeatureMaps.Of(Values, Shape, sample, Layout);
        ArgumentOutOfRangeException.ThrowIfNegative(channel);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(channel, maps.Count);
        if (maps is { Layout: ChannelLayout.Last, Count: > 1, IsVector: false })
        {
            var copy = new Mat(maps.Height, maps.Width, MatType.CV_32FC1);
            maps.Plane(Values, channel).CopyTo(new Span<float>((void*)copy.Data, maps.Area));
            return copy;
        }

        nint offset = (maps.Offset + (nint)channel * maps.Area) * sizeof(float);
        return Mat.FromPixelData(maps.Height, maps.Width, MatType.CV_32FC1, Floats + offset);
    }

    /// <summary>One line, such as "conv1: float32[1, 6, 28, 28]".</summary>
    public override string ToString() => $"{Name}: {ElementType.DisplayName()}{Shape}";

    /// <summary>Takes one sample of a batch, as if it had run alone; the tensor itself when its first axis is not the batch.</summary>
    internal Activation OfSample(int sample, int batch, Activations owner) =>
        batch > 1 && Shape.Rank > 1 && Shape[0] == batch ? new Activation(this, sample, owner) : this;

    internal void Free()
    {
        if (_converted is not { IsValueCreated: true })
            return;
        float[] rented = (float[])_converted.Value.Target!;
        _converted.Value.Free();
        ArrayPool<float>.Shared.Return(rented);
    }

    private IntPtr Floats
    {
        get
        {
            if (ElementType == ElementType.Float)
                return (IntPtr)Elements;
            RequireAlive();
            return LazyInitializer.EnsureInitialized(ref _converted, () => new Lazy<GCHandle>(Convert)).Value.AddrOfPinnedObject();
        }
    }

    // A run makes many tensors, and not each is looked at: asking the runtime where it is takes longer than all else here.
    private byte* Elements
    {
        get
        {
            RequireAlive();
            return _bytes == 0 ? null
                : _elements != null ? _elements
                : _elements = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_value!.GetTensorMutableRawData()));
        }
    }

    private void RequireAlive()
    {
        if (_owner is { IsDisposed: true })
            throw new ObjectDisposedException(nameof(Activations),
                $"'{Name}' was asked for its elements after the run's activations were disposed");
    }

    // The next run needs the same memory again.
    private GCHandle Convert()
    {
        int count = checked((int)Shape.Count);
        float[] rented = ArrayPool<float>.Shared.Rent(count);
        FloatConversion.ToFloat(ElementType, Raw, rented.AsSpan(0, count));
        return GCHandle.Alloc(rented, GCHandleType.Pinned);
    }
}
