using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Graph;

/// <summary>
/// One run of a module, kept for gradients: tensors by name, and the gradient of any scalar made of them by any of them.
/// Made by <see cref="OnnxModule.RunForGradients"/>; holds all that the backward pass needs until it is disposed.
/// </summary>
public sealed class GradientRun : IDisposable
{
    private readonly OnnxModel _model;
    private readonly Dictionary<string, Tensor> _tensors;
    private readonly GradientTrace _trace;
    private bool _isDisposed;

    internal GradientRun(OnnxModel model, Dictionary<string, Tensor> tensors, GradientTrace trace) =>
        (_model, _tensors, _trace) = (model, tensors, trace);

    /// <summary>A tensor of the run, with its history; stays this object's, as do the tensors that it is computed from.</summary>
    /// <param name="name">Name of a tensor that the run was asked for.</param>
    /// <exception cref="OnnxException">It was not asked for when the run was made.</exception>
    /// <exception cref="ObjectDisposedException">The run was disposed.</exception>
    public Tensor this[string name]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _tensors.TryGetValue(name, out Tensor? tensor)
                ? tensor
                : throw new OnnxException(_model.Source,
                    $"tensor '{name}' was not kept by this run, which has {string.Join(", ", _tensors.Keys.Select(kept => $"'{kept}'"))}");
        }
    }

    /// <summary>Gradients of a scalar by tensors of the run. May be called again, with another scalar or other tensors.</summary>
    /// <param name="scalar">A floating point number that was computed from tensors of this run with autograd on.</param>
    /// <param name="names">Tensors that the run has kept.</param>
    /// <returns>
    /// One tensor for each name, of that tensor's shape and without history; the caller disposes them, or its scope does.
    /// Parameters and their own gradients stay as they are.
    /// </returns>
    /// <exception cref="OnnxException">
    /// The scalar is none or has no history, no gradient reaches a tensor (which operator stops it is said), or a backward rule
    /// failed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The run was disposed.</exception>
    public Tensor[] Gradients(Tensor scalar, params IReadOnlyList<string> names)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Tensor[] by = [.. names.Select(name => this[name])];
        RequireScalar(scalar);
        for (int i = 0; i < by.Length; i++)
            if (!by[i].requires_grad)
                throw NoGradient(names[i], by[i]);
        using DisposeScope scope = NewDisposeScope();
        Tensor?[] found = Differentiate(scalar, by);
        if (_trace.Fault is { } fault)
        {
            _trace.Fault = null;
            throw fault;
        }

        int missing = Array.IndexOf(found, null);
        if (missing >= 0)
            throw NoGradient(names[missing], by[missing]);
        scope.MoveToOuter(found!);
        return found!;
    }

    /// <summary>Gradients of a scalar by those tensors that it depends on in a way that has one; null for the others.</summary>
    /// <inheritdoc cref="Gradients"/>
    internal Tensor?[] GradientsWhereAny(Tensor scalar, IReadOnlyList<string> names)
    {
        string[] able = [.. names.Where(name => scalar.requires_grad && this[name].requires_grad)];
        if (able.Length == 0)
            return new Tensor?[names.Count];
        RequireScalar(scalar);
        using DisposeScope scope = NewDisposeScope();
        Tensor?[] found = Differentiate(scalar, [.. able.Select(name => this[name])]);
        if (_trace.Fault is { } fault)
        {
            _trace.Fault = null;
            throw fault;
        }

        foreach (Tensor? gradient in found)
            gradient?.MoveToOuterDisposeScope();
        return [.. names.Select(name => Array.IndexOf(able, name) is >= 0 and int place ? found[place] : null)];
    }

    /// <summary>Says why a tensor has no gradient: which operator stops it.</summary>
    internal OnnxException NoGradient(string name) => NoGradient(name, this[name]);

    /// <summary>Frees the tensors of the run and what their gradients need.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (Tensor tensor in _tensors.Values)
            tensor.Dispose();
    }

    private Tensor?[] Differentiate(Tensor scalar, Tensor[] by)
    {
        try
        {
            // All of them are this run's own: nobody else keeps gradients in them.
            foreach (Tensor tensor in by)
                if (!tensor.is_leaf)
                    tensor.retain_grad();
            // Unlike autograd.grad, which ends the process when it refuses, this throws.
            autograd.backward([scalar], null, retain_graph: true, create_graph: false, inputs: [.. by.Distinct()]);
            return Array.ConvertAll(by, tensor => tensor.grad?.detach());
        }
        catch (Exception refusal) when (refusal is not OutOfMemoryException)
        {
            throw new OnnxException(_model.Source, $"cannot be differentiated: {refusal.Message.Split('\n')[0].Trim()}", refusal);
        }
        finally
        {
            // Also of those that an earlier call asked for: they go on keeping theirs, and the next call would add to it.
            foreach (Tensor tensor in _tensors.Values.Where(tensor => tensor.requires_grad))
                tensor.grad = null;
        }
    }

    private void RequireScalar(Tensor scalar)
    {
        string? problem = scalar.IsInvalid ? "was disposed"
            : scalar.numel() != 1 ? $"is of shape {new TensorShape(scalar.shape)}, expected one number"
            : !scalar.is_floating_point() ? $"is {scalar.dtype}, expected a floating point type"
            : scalar.requires_grad ? null
            : "has no gradient: it was not computed from tensors of this run with autograd on";
        if (problem is not null)
            throw new OnnxException(_model.Source, $"the scalar to differentiate {problem}");
    }

    private OnnxException NoGradient(string name, Tensor tensor) => new(_model.Source, $"no gradient reaches '{name}': "
        + (!tensor.is_floating_point() ? $"it is {tensor.dtype}, and only floating point numbers have one"
        : StopBehind(name) is { } stop ? $"the scalar is not computed from it, or only through {stop}, which lets none through"
        : "the scalar is not computed from it"));

    /// <summary>The first node that uses the tensor, or what is made of it, and lets no gradient through.</summary>
    private OnnxNode? StopBehind(string name)
    {
        HashSet<string> behind = [name];
        foreach (OnnxNode node in _model.Graph.Nodes)
        {
            if (!NodeOrder.UsedNames(node).Any(behind.Contains))
                continue;
            if (_trace.Stops.Contains(node))
                return node;
            behind.UnionWith(node.Outputs);
        }

        return null;
    }
}
