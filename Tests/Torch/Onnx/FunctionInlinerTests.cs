using CnnOnnx.Onnx;
using CnnOnnx.Onnx.Schema;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Operators;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using Google.Protobuf;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Onnx;

[TestClass]
public sealed class FunctionInlinerTests
{
    [TestMethod]
    public void Inline_ModelWithoutFunctions_IsTheModelItself()
    {
        OnnxModel model = new OperatorCheck("Relu", 14, OperatorCheck.Floats([2], 1)).Model();
        Assert.AreSame(model, FunctionInliner.Inline(model));
    }

    // Twice(x) = x + x, called twice; the second call uses the first one's result.
    [TestMethod]
    public void Inline_TwoCalls_GivesTensorsNamesOfTheirOwn()
    {
        OnnxModel model = Model([Node("Scaled", ["x"], ["a"]), Node("Scaled", ["a"], ["y"])], Scaled());
        OnnxModel inlined = FunctionInliner.Inline(model);
        CollectionAssert.AreEqual(
            new[] { "_inlfunc_Scaled_half", "_inlfunc_Scaled_wide", "a", "_inlfunc_Scaled_2_half", "_inlfunc_Scaled_2_wide", "y" },
            inlined.Graph.NodeOutputs.ToArray());
        AgreesWithOrt(model);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(0.25f)]
    public void Inline_AttributeOfTheCaller_StandsInTheFunction(float? alpha)
    {
        NodeProto call = Node("Leaky", ["x"], ["y"]);
        if (alpha is not null)
            call.Attribute.Add(new AttributeProto { Name = "slope", Type = AttributeProto.Types.AttributeType.Float, F = alpha.Value });
        var function = new FunctionProto
        {
            Domain = "own",
            Name = "Leaky",
            Input = { "i" },
            Output = { "o" },
            OpsetImport = { new OperatorSetIdProto { Version = 16 } },
            AttributeProto = { new AttributeProto { Name = "slope", Type = AttributeProto.Types.AttributeType.Float, F = 0.5f } },
            Node =
            {
                new NodeProto
                {
                    OpType = "LeakyRelu", Input = { "i" }, Output = { "o" },
                    Attribute =
                    {
                        new AttributeProto { Name = "alpha", Type = AttributeProto.Types.AttributeType.Float, RefAttrName = "slope" },
                    },
                },
            },
        };
        AgreesWithOrt(Model([call], function));
        OnnxNode leaky = FunctionInliner.Inline(Model([call], function)).Graph.Nodes.Single();
        Assert.AreEqual(alpha ?? 0.5f, leaky.Float("alpha", 0));
    }

    [TestMethod]
    public void Inline_FunctionThatCallsAnother_AgreesWithOrt()
    {
        var outer = new FunctionProto
        {
            Domain = "own",
            Name = "Outer",
            Input = { "i" },
            Output = { "o" },
            OpsetImport = { new OperatorSetIdProto { Version = 16 }, new OperatorSetIdProto { Domain = "own", Version = 1 } },
            Node = { Node("Scaled", ["i"], ["half"]), new NodeProto { OpType = "Add", Input = { "half", "i" }, Output = { "o" } } },
        };
        AgreesWithOrt(Model([Node("Outer", ["x"], ["y"])], Scaled(), outer));
    }

    // The branches name tensors of the function around them.
    [TestMethod]
    public void Inline_BranchInsideAFunction_AgreesWithOrt()
    {
        GraphProto Branch(string opType) => new()
        {
            Name = opType,
            Node = { new NodeProto { OpType = opType, Input = { "shifted" }, Output = { "b" } } },
            Output = { new ValueInfoProto { Name = "b" } },
        };
        var function = new FunctionProto
        {
            Domain = "own",
            Name = "Choose",
            Input = { "i" },
            Output = { "o" },
            OpsetImport = { new OperatorSetIdProto { Version = 16 } },
            Node =
            {
                new NodeProto { OpType = "Tanh", Input = { "i" }, Output = { "shifted" } },
                new NodeProto { OpType = "ReduceSum", Input = { "i" }, Output = { "sum" }, Attribute = { Int("keepdims", 0) } },
                new NodeProto { OpType = "Cast", Input = { "sum" }, Output = { "c" }, Attribute = { Int("to", (int)ElementType.Bool) } },
                new NodeProto
                {
                    OpType = "If", Input = { "c" }, Output = { "o" },
                    Attribute =
                    {
                        new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Relu") },
                        new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("Neg") },
                    },
                },
            },
        };
        AgreesWithOrt(Model([Node("Choose", ["x"], ["y"])], function));
    }

    // Squeeze takes its axes as an attribute until version 12: the function says so, not the model.
    [TestMethod]
    public void Inline_FunctionOfAnotherVersion_KeepsIt()
    {
        var function = new FunctionProto
        {
            Domain = "own",
            Name = "Old",
            Input = { "i" },
            Output = { "o" },
            OpsetImport = { new OperatorSetIdProto { Version = 11 } },
            Node = { new NodeProto { OpType = "Softmax", Input = { "i" }, Output = { "o" } } },
        };
        OnnxModel model = Model([Node("Old", ["x"], ["y"])], function);
        Assert.AreEqual(11, FunctionInliner.Inline(model).Graph.Nodes.Single().Opset);
    }

    [TestMethod]
    public void Inline_OutputThatIsAnInput_IsHandedThrough()
    {
        var function = new FunctionProto
        {
            Domain = "own",
            Name = "Same",
            Input = { "i" },
            Output = { "i" },
            OpsetImport = { new OperatorSetIdProto { Version = 16 } },
        };
        OnnxNode node = FunctionInliner.Inline(Model([Node("Same", ["x"], ["y"])], function)).Graph.Nodes.Single();
        Assert.AreEqual("Identity", node.OpType);
    }

    [TestMethod]
    public void Inline_FunctionThatCallsItself_IsRefused()
    {
        var function = new FunctionProto
        {
            Domain = "own",
            Name = "Again",
            Input = { "i" },
            Output = { "o" },
            Node = { Node("Again", ["i"], ["o"]) },
        };
        OnnxException fault =
            Assert.ThrowsExactly<OnnxException>(() => FunctionInliner.Inline(Model([Node("Again", ["x"], ["y"])], function)));
        Assert.AreEqual("functions: function 'Again' is called 100 calls deep; functions must not call themselves", fault.Message);
    }

    // Ten calls of a function of ten calls of a function …
    [TestMethod]
    public void Inline_FunctionsThatMultiply_AreRefused()
    {
        FunctionProto[] levels = [.. Enumerable.Range(0, 12).Select(level =>
        {
            var function = new FunctionProto { Domain = "own", Name = $"F{level}", Input = { "i" }, Output = { "o9" } };
            for (int i = 0; i < 10; i++)
                function.Node.Add(Node($"F{level + 1}", [i == 0 ? "i" : $"o{i - 1}"], [$"o{i}"]));
            return function;
        })];
        OnnxException fault = Assert.ThrowsExactly<OnnxException>(() => FunctionInliner.Inline(Model([Node("F0", ["x"], ["y"])], levels)));
        Assert.AreEqual("functions: its functions come to more than 200000 nodes", fault.Message);
    }

    [TestMethod]
    public void Inline_SameFunctionTwice_IsRefused() =>
        Assert.AreEqual("functions: defines function 'own.Scaled' twice",
            Assert.ThrowsExactly<OnnxException>(
                () => FunctionInliner.Inline(Model([Node("Scaled", ["x"], ["y"])], Scaled(), Scaled()))).Message);

    // o = (i · 0.5 + i) with two tensors of its own between.
    private static FunctionProto Scaled() => new()
    {
        Domain = "own",
        Name = "Scaled",
        Input = { "i" },
        Output = { "o" },
        OpsetImport = { new OperatorSetIdProto { Version = 16 } },
        Node =
        {
            new NodeProto
            {
                OpType = "Constant",
                Output = { "half" },
                Attribute = { new AttributeProto { Name = "value_float", Type = AttributeProto.Types.AttributeType.Float, F = 0.5f } },
            },
            new NodeProto { OpType = "Mul", Input = { "i", "half" }, Output = { "wide" } },
            new NodeProto { OpType = "Add", Input = { "wide", "i" }, Output = { "o" } },
        },
    };

    private static NodeProto Node(string function, string[] inputs, string[] outputs) =>
        new() { OpType = function, Domain = "own", Input = { inputs }, Output = { outputs } };

    private static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static OnnxModel Model(NodeProto[] nodes, params FunctionProto[] functions)
    {
        ModelProto proto =
            ModelProto.Parser.ParseFrom(new OperatorCheck("Relu", 16, OperatorCheck.Floats([3], 1)).Model().Proto.ToByteArray());
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        proto.Graph.Input[0].Name = "x";
        proto.Graph.Output[0] = new ValueInfoProto { Name = "y", Type = proto.Graph.Input[0].Type };
        proto.Graph.Node.Clear();
        proto.Graph.Node.AddRange(nodes);
        proto.Functions.AddRange(functions);
        return new OnnxModel(proto, "functions");
    }

    private static void AgreesWithOrt(OnnxModel model)
    {
        TensorData x = OperatorCheck.Floats([3], 1);
        using DisposeScope scope = NewDisposeScope();
        using var module = new OnnxModule(model);
        TensorData actual = TorchTensors.ToData(module.forward(TorchTensors.From(x, CPU)));
        Assert.IsNull(OperatorCheck.Difference(actual, OrtReferee.Run(model, [("x", x)])[0], 1e-5, 1e-6));
    }
}
