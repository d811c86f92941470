using System.Collections.Frozen;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;

namespace CnnOnnx.Compare;

/// <summary>A model as pairing sees it: its layers in order, without constants, shape arithmetic and changes of view.</summary>
internal sealed class LayerUnits
{
    /// <summary>Operators that hand their first operand on, in another shape, type or layout.</summary>
    private static readonly FrozenSet<string> LookedThrough = new[]
    {
        "Identity", "Dropout", "Cast", "CastLike", "Transpose", "QuantizeLinear", "DequantizeLinear", "Reshape", "Flatten", "Squeeze",
        "Unsqueeze",
    }.ToFrozenSet();

    /// <summary>Spellings of one kind of computation → its name here.</summary>
    private static readonly FrozenDictionary<string, string> Spellings = new Dictionary<string, string>
    {
        ["Sum"] = "Add",
        ["QLinearAdd"] = "Add",
        ["QLinearMul"] = "Mul",
        ["QLinearConv"] = "Conv",
        ["ConvInteger"] = "Conv",
        ["MatMulInteger"] = "MatMul",
        ["QLinearMatMul"] = "MatMul",
        ["QGemm"] = "Gemm",
        ["QLinearSigmoid"] = "Sigmoid",
        ["QLinearLeakyRelu"] = "LeakyRelu",
        ["QLinearConcat"] = "Concat",
        ["QLinearAveragePool"] = "AveragePool",
        ["QLinearGlobalAveragePool"] = "GlobalAveragePool",
        ["QLinearSoftmax"] = "Softmax",
        ["ReduceMean"] = "GlobalAveragePool",
        ["Upsample"] = "Resize",
    }.ToFrozenDictionary();

    private static readonly string[] AttributeNames = ["kernel_shape", "strides", "pads", "dilations", "group", "axis", "auto_pad"];

    private readonly OnnxGraph _graph;
    private readonly GraphTypes _types;
    private readonly WeightUses _constants;
    private readonly Dictionary<string, UnitOutput> _made = [];
    private readonly Dictionary<string, List<OnnxNode>> _users = [];
    private readonly List<LayerUnit> _units = [];

    private LayerUnits(OnnxModel model)
    {
        _graph = model.Graph;
        _types = new GraphTypes(_graph.Proto);
        _constants = new WeightUses(_graph);
        Inputs = [.. _graph.Inputs.Where(i => i.Kind == OnnxValueKind.Tensor && !_graph.Initializer.ContainsKey(i.Name))
            .Select(i => i.Name)];
        for (int i = 0; i < Inputs.Count; i++)
            _made[Inputs[i]] = UnitOutput.OfInput(i);
        foreach (OnnxNode node in _graph.Nodes)
            foreach (string name in NodeOrder.UsedNames(node))
                (_users.TryGetValue(name, out List<OnnxNode>? users) ? users : _users[name] = []).Add(node);
        var folded = new HashSet<OnnxNode>();
        foreach (OnnxNode node in _graph.Nodes)
            if (!folded.Contains(node))
                Add(node, folded);
    }

    /// <summary>Names of the graph's inputs that are no weights.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>The layers, in the order of the graph.</summary>
    public IReadOnlyList<LayerUnit> Units => _units;

    public OnnxGraph Graph => _graph;

    public static LayerUnits Of(OnnxModel model) => new(model);

    /// <summary>The unit's result that a tensor shows, maybe in another view; null for constants and shape arithmetic.</summary>
    public UnitOutput? Behind(string tensor) => _made.TryGetValue(tensor, out UnitOutput made) ? made : null;

    /// <summary>
    /// Says whether a node only changes how a tensor is looked at. PyTorch exports a pad of nothing before an average pool.
    /// </summary>
    public static bool IsView(OnnxNode node, OnnxGraph graph) => LookedThrough.Contains(node.OpType)
        || (node.OpType == "Pad" && (node.Ints("pads") ?? PadsOf(node, graph)) is { Length: > 0 } pads && pads.All(pad => pad == 0));

    private static long[]? PadsOf(OnnxNode node, OnnxGraph graph) =>
        node.HasInput(1) && ConstantExpression.Of(graph, node.Inputs[1]) is { HasData: true } pads
            ? [.. pads.Load().Select(pad => (long)pad)] : null;

    /// <summary>Tensors that follow from weights alone.</summary>
    public bool IsConstant(string tensor) => _constants.IsConstant(tensor);

    /// <summary>Nodes that read a tensor, in the order of the graph.</summary>
    public IReadOnlyList<OnnxNode> UsersOf(string tensor) => _users.TryGetValue(tensor, out List<OnnxNode>? users) ? users : [];

    private void Add(OnnxNode node, HashSet<OnnxNode> folded)
    {
        if (node.Outputs.Length == 0 || node.Outputs.All(o => o.Length == 0 || _constants.IsConstant(o)))
            return;
        UnitOutput[] sources = [.. NodeOrder.UsedNames(node).Where(name => !_constants.IsConstant(name)).Select(Behind)
            .OfType<UnitOutput>()];
        if (IsView(node, _graph))
        {
            if (Behind(node.Inputs[0]) is { } source)
                _made[node.Outputs[0]] = source;
            return;
        }

        if (sources.Length == 0 || !IsData(node.Outputs[0]))
            return;
        List<OnnxNode> behind = [];
        string output = node.Outputs[0];
        string operation = OperationOf(node);
        if (operation is "Conv" or "ConvTranspose" or "Linear")
            while (UsersOf(output) is [{ } next] && IsFoldable(next, output))
            {
                behind.Add(next);
                output = next.Outputs[0];
            }

        folded.UnionWith(behind);
        int index = _units.Count;
        _units.Add(new LayerUnit(index, node, operation)
        {
            Chain = [node.Outputs[0], .. behind.Select(n => n.Outputs[0])],
            Sources = sources,
            Attributes = string.Join(';', AttributeNames.Select(name => AttributeText(node, name))),
            WeightsWhenAsked = new(() => WeightFingerprint.Of(_graph, node, behind)),
        });
        for (int i = 0; i < node.Outputs.Length; i++)
            if (node.Outputs[i].Length > 0 && IsData(node.Outputs[i]))
                _made[node.Outputs[i]] = new UnitOutput(index, i);
        foreach (OnnxNode next in behind)
            _made[next.Outputs[0]] = new UnitOutput(index, 0);
    }

    private string OperationOf(OnnxNode node)
    {
        string type = Spellings.GetValueOrDefault(node.OpType, node.OpType);
        // An activation inside makes it another tensor than the convolution's own.
        if (type == "FusedConv" && node.Text("activation", "").Length == 0)
            return "Conv";
        return type is "Gemm" or "MatMul" && node.Inputs.Skip(1).Any(_constants.IsConstant) ? "Linear" : type;
    }

    // What training writes behind a layer and an exporter multiplies into its weights.
    private bool IsFoldable(OnnxNode node, string operand)
    {
        if (node.OpType == "BatchNormalization")
            return node.Inputs[0] == operand && node.Inputs.Skip(1).All(_constants.IsConstant) && node.Outputs.Length == 1;
        if (node.Domain.Length > 0 || node.OpType is not ("Add" or "Sub" or "Mul" or "Div") || node.Inputs.Length != 2)
            return false;
        string other = node.Inputs[0] == operand ? node.Inputs[1] : node.Inputs[0];
        return _constants.IsConstant(other) && (node.OpType is "Add" or "Mul" || node.Inputs[0] == operand);
    }

    private bool IsData(string tensor) => _types.Of(tensor) is var type
        && (type.IsFloatingPoint() || type is ElementType.Undefined or ElementType.UInt8 or ElementType.Int8);

    // A default that is written out says nothing.
    private static string AttributeText(OnnxNode node, string name)
    {
        if (!node.HasAttribute(name))
            return "";
        if (name == "auto_pad")
            return node.Text(name, "") is "NOTSET" ? "" : node.Text(name, "");
        if (name is "axis" or "group")
            return node.Int(name, 1) is var number && number == 1 && name == "group" ? "" : $"{number}";
        long[] numbers = node.Ints(name) ?? [];
        return name != "kernel_shape" && numbers.All(n => n == (name == "pads" ? 0 : 1)) ? "" : string.Join(',', numbers);
    }
}
