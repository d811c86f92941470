using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace CnnOnnx.Torch.Graph;

/// <summary>
/// Runs the first part of a model in ONNX Runtime, which is faster at it, and hands its tensors to TorchSharp, which can
/// differentiate what follows: give them to <see cref="OnnxModule.RunForGradients"/> in place of inputs.
/// </summary>
/// <remarks>
/// Nothing is copied in between: ONNX Runtime reads inputs where TorchSharp has them, and writes into tensors that TorchSharp
/// has made. For that their shapes have to be known, so the first run of each size of inputs learns them and copies, once.
/// Also copied, every time, are tensors whose shape depends on values, unsigned integers wider than a byte, and inputs that are
/// not dense or not in main memory; <see cref="Copies"/> counts. Runs on the CPU; may be used by several threads at once.
/// </remarks>
public sealed unsafe class RuntimePrefix : IDisposable
{
    // Sizes of inputs whose shapes are kept.
    private const int MostSizes = 64;

    private readonly OnnxModel _model;
    private readonly string[] _tensors;
    private readonly InferenceSession _session;
    private readonly Dictionary<string, Layout[]?> _layouts = [];
    private readonly ReaderWriterLockSlim _runs = new();
    private bool _isDisposed;
    private long _copies;

    /// <summary>Opens a session for the part of a model that some tensors need.</summary>
    /// <param name="model">The model; no more of it is run than what the tensors need.</param>
    /// <param name="tensors">Names of the tensors to hand over, in order.</param>
    /// <param name="threads">CPU threads of a run; null for all that the process may use.</param>
    /// <exception cref="OnnxException">A name is unknown, or ONNX Runtime does not take the model.</exception>
    public RuntimePrefix(OnnxModel model, IReadOnlyList<string> tensors, int? threads = null)
        : this(model, tensors, threads, new SessionSettings(ExecutionDevice.Cpu()).Optimization)
    {
    }

    /// <param name="optimization">
    /// How far ONNX Runtime rewrites the part. With all of it, layers are computed in other memory layouts, and handed tensors are turned
    /// back: worth it for few of them.
    /// </param>
    /// <inheritdoc cref="RuntimePrefix(OnnxModel, IReadOnlyList{string}, int?)"/>
    internal RuntimePrefix(OnnxModel model, IReadOnlyList<string> tensors, int? threads, OptimizationLevel optimization)
    {
        (_model, _tensors) = (model.Inlined, [.. tensors]);
        if (_tensors.FirstOrDefault(name => _model.Graph.Producer(name) is null) is { } unknown)
            throw new OnnxException(model.Source, $"has no node that makes tensor '{unknown}'");
        try
        {
            _session = SessionFactory.OpenCut(_model, _tensors, new SessionSettings(ExecutionDevice.Cpu())
            {
                Threads = threads,
                Optimization = optimization,
            });
        }
        catch (OnnxRuntimeException fault)
        {
            throw RuntimeFault.Loading(model, fault);
        }
    }

    /// <summary>Names of the tensors that a run returns.</summary>
    public IReadOnlyList<string> Tensors => _tensors;

    /// <summary>Number of tensors that were copied on their way in or out, in all runs.</summary>
    public long Copies => Interlocked.Read(ref _copies);

    /// <summary>Runs the part.</summary>
    /// <param name="inputs">The model's inputs by name; those that the part does not need may be left out. They stay the caller's.</param>
    /// <param name="cancel">Stops the run between two nodes.</param>
    /// <returns>Tensors without history that own their memory, in order; the caller disposes them, or its scope does.</returns>
    /// <exception cref="OnnxException">An input is missing or does not fit, or a node cannot run.</exception>
    /// <exception cref="ObjectDisposedException">The prefix was disposed.</exception>
    public Tensor[] Run(IReadOnlyList<(string Name, Tensor Value)> inputs, CancellationToken cancel = default)
    {
        _runs.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return RunOpen(inputs, cancel);
        }
        finally
        {
            _runs.ExitReadLock();
        }
    }

    /// <summary>Waits for the runs that go on and closes the session of ONNX Runtime; tensors that it has returned stay.</summary>
    public void Dispose()
    {
        _runs.EnterWriteLock();
        try
        {
            if (!_isDisposed)
                _session.Dispose();
            _isDisposed = true;
        }
        finally
        {
            _runs.ExitWriteLock();
        }
    }

    private Tensor[] RunOpen(IReadOnlyList<(string Name, Tensor Value)> inputs, CancellationToken cancel)
    {
        string[] names = [.. _session.InputNames];
        if (names.FirstOrDefault(name => inputs.All(given => given.Name != name)) is { } missing)
            throw new OnnxException(_model.Source, $"input '{_model.Graph.Inputs.First(i => i.Name == missing)}' is not given");
        using DisposeScope scope = NewDisposeScope();
        Tensor[] dense = [.. names.Select(name => Dense(inputs.First(given => given.Name == name).Value))];
        var values = new List<OrtValue>();
        try
        {
            foreach (Tensor tensor in dense)
                values.Add(ReadBy(tensor));
            string size = string.Join(';', dense.Select(t => $"{t.dtype}{new TensorShape(t.shape)}"));
            Tensor[] results = Run(names, values, size, cancel);
            foreach (Tensor result in results)
                result.MoveToOuterDisposeScope();
            return results;
        }
        catch (OnnxRuntimeException fault)
        {
            cancel.ThrowIfCancellationRequested();
            throw RuntimeFault.Running(_model.Source, fault);
        }
        finally
        {
            foreach (OrtValue value in values)
                value.Dispose();
            GC.KeepAlive(dense);
        }
    }

    private Tensor[] Run(string[] names, List<OrtValue> values, string size, CancellationToken cancel)
    {
        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using CancellationTokenRegistration stop = cancel.Register(() => run.Terminate = true);
        cancel.ThrowIfCancellationRequested();
        Layout[]? known;
        bool isKnown;
        lock (_layouts)
            isKnown = _layouts.TryGetValue(size, out known);
        if (known is null)
            return RunAndCopy(run, names, values, isKnown ? null : size);
        try
        {
            return RunInto(run, names, values, known);
        }
        catch (OnnxRuntimeException) when (!cancel.IsCancellationRequested)
        {
            // The shapes depend on values and not on sizes alone, or the node cannot run, which shows again.
            Tensor[] results = RunAndCopy(run, names, values, null);
            Keep(size, null);
            return results;
        }
    }

    private Tensor[] RunInto(RunOptions run, string[] names, List<OrtValue> values, Layout[] layouts)
    {
        Tensor[] results = [.. layouts.Select(layout => empty(layout.Shape, dtype: layout.Type))];
        var targets = new List<OrtValue>();
        try
        {
            foreach (Tensor result in results)
                targets.Add(Over(result));
            _session.Run(run, names, values, _tensors, targets);
            return results;
        }
        finally
        {
            foreach (OrtValue target in targets)
                target.Dispose();
            GC.KeepAlive(results);
        }
    }

    /// <param name="size">Key of the inputs' sizes under which the shapes are to be kept; null to keep none.</param>
    private Tensor[] RunAndCopy(RunOptions run, string[] names, List<OrtValue> values, string? size)
    {
        using IDisposableReadOnlyCollection<OrtValue> made = _session.Run(run, names, values, _tensors);
        var results = new Tensor[_tensors.Length];
        var layouts = new Layout[_tensors.Length];
        for (int i = 0; i < results.Length; i++)
        {
            if (!made[i].IsTensor)
                throw new OnnxException(_model.Source, $"'{_tensors[i]}' is not a tensor");
            OrtTensorTypeAndShapeInfo facts = made[i].GetTensorTypeAndShape();
            var type = (ElementType)facts.ElementDataType;
            Span<byte> elements = facts.ElementCount == 0 ? [] : made[i].GetTensorMutableRawData();
            results[i] = TorchTensors.From(type, new TensorShape(facts.Shape), elements, CPU);
            Interlocked.Increment(ref _copies);
            // An empty tensor has no memory to write into.
            layouts[i] = facts.ElementCount > 0 && TorchTensors.SameInMemory(type) is { } same ? new Layout(same, facts.Shape) : null!;
        }

        if (size is not null)
            Keep(size, layouts.Contains(null) ? null : layouts);
        return results;
    }

    private void Keep(string size, Layout[]? layouts)
    {
        lock (_layouts)
        {
            if (_layouts.Count >= MostSizes)
                _layouts.Clear();
            _layouts[size] = layouts;
        }
    }

    private Tensor Dense(Tensor value)
    {
        Tensor plain = value.detach();
        if (plain.device_type == DeviceType.CPU && plain.is_contiguous())
            return plain;
        Interlocked.Increment(ref _copies);
        return plain.cpu().contiguous();
    }

    private OrtValue ReadBy(Tensor value) => value.numel() == 0
        ? OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, ElementOf(value), value.shape)
        : Over(value);

    private OrtValue Over(Tensor value)
    {
        Span<byte> bytes = value.bytes;
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, ElementOf(value), value.shape,
            (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes)), bytes.Length);
    }

    // ONNX and ONNX Runtime number the element types alike.
    private TensorElementType ElementOf(Tensor value) => (TensorElementType)(TorchTensors.SameInMemory(value.dtype)
        ?? throw new OnnxException(_model.Source, $"cannot be given {value.dtype}, which ONNX does not have"));

    private sealed record Layout(ScalarType Type, long[] Shape);
}
