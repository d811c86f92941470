using System.Collections.Frozen;

namespace CnnOnnx.Onnx;

/// <summary>Surroundings of a graph: the file, the opsets, the names that an outer graph defines.</summary>
internal sealed class GraphScope
{
    private readonly FrozenDictionary<string, long> _opsets;
    private readonly GraphScope? _outer;
    private readonly HashSet<string> _names = [];

    public GraphScope(string modelSource, FrozenDictionary<string, long> opsets, GraphScope? outer = null)
    {
        (ModelSource, _opsets, _outer) = (modelSource, opsets, outer);
        Depth = outer is null ? 0 : outer.Depth + 1;
    }

    public string ModelSource { get; }

    public int Depth { get; }

    /// <summary>Version of a domain; 0 when the model does not import it.</summary>
    public long Opset(string domain) => _opsets.GetValueOrDefault(domain);

    public bool Defines(string name) => _names.Contains(name) || (_outer?.Defines(name) ?? false);

    public bool DefinesHere(string name) => _names.Contains(name);

    /// <returns>False when this graph defines the name already.</returns>
    public bool Define(string name) => _names.Add(name);

    public GraphScope Inner() => new(ModelSource, _opsets, this);
}
