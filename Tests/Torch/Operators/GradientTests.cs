using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Operators;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Tests.Operators;

/// <summary>Autograd through OnnxModule against central differences, in double.</summary>
[TestClass]
public sealed class GradientTests
{
    // A step h leaves h² of the third derivative and 1e-16/h of rounding: about 1e-10 of each here. Steep functions
    // (reciprocals, powers near 0) have third derivatives of up to 1e4.
    private const double Step = 1e-5, Relative = 1e-5, Absolute = 1e-6;

    public static IEnumerable<object[]> Operators =>
        GradientCases.All.Select(c => c.OpType).Distinct().Select(type => new object[] { type });

    [TestMethod]
    [DynamicData(nameof(Operators))]
    public void Gradient_OfOperator_AgreesWithCentralDifferences(string type)
    {
        foreach (GradientCase gradient in GradientCases.All.Where(c => c.OpType == type))
            Drawn.Check(gradient.Checks, gradient.Count, check => Compare(check, gradient.WithRespectTo), check => check.ToString());
    }

    [TestMethod]
    public void Table_EveryOperator_HasAGradientCaseOrNoGradient()
    {
        string[] table = [.. OperatorTable.All.Select(o => o.Type).Distinct().Order()];
        string[] known = [.. GradientCases.All.Select(c => c.OpType).Concat(GradientCases.WithoutGradient).Distinct().Order()];
        Assert.AreEqual("", string.Join(' ', table.Except(known)), "operators that nothing is said about");
        Assert.AreEqual("", string.Join(' ', known.Except(table)), "cases of operators that are not in the table");
    }

    private static void Compare(OperatorCheck check, int[] withRespectTo)
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel model = check.Model();
        using var module = new OnnxModule(model);
        module.train(check.Training);
        int[] wanted = withRespectTo.Length > 0 ? withRespectTo
            : [.. Enumerable.Range(0, check.Inputs.Length).Where(i => check.Inputs[i]?.Type == ElementType.Double)];
        Tensor?[] inputs = [.. check.Inputs.Select(i => i is null ? null : TorchTensors.From(i, CPU))];

        Tensor[] leaves = [.. wanted.Select(i => inputs[i]!.requires_grad_())];
        Tensor objective = Objective();
        // TorchSharp ends the process when there is nothing to differentiate.
        Assert.IsTrue(objective.requires_grad, $"{check}: no gradient reaches any input");
        IList<Tensor?> gradients = autograd.grad([objective], leaves, allow_unused: true);
        using IDisposable noGradient = no_grad();
        for (int k = 0; k < wanted.Length; k++)
        {
            Assert.IsNotNull(gradients[k], $"{check}: no gradient reaches input {wanted[k]}");
            double[] found = gradients[k]!.to(CPU).contiguous().data<double>().ToArray();
            for (int i = 0; i < found.Length; i++)
            {
                double expected = CentralDifference(check.Inputs[wanted[k]]!, wanted[k], i);
                if (!(Math.Abs(found[i] - expected) <= Absolute + Relative * Math.Abs(expected)))
                    Assert.Fail($"{check}: gradient of input {wanted[k]} at {i} is {found[i]}, central differences give {expected}");
            }
        }

        double CentralDifference(TensorData data, int input, int element)
        {
            Tensor kept = inputs[input]!;
            double Moved(double by)
            {
                using DisposeScope moving = NewDisposeScope();
                double[] values = data.As<double>().ToArray();
                values[element] += by;
                inputs[input] = TorchTensors.From(Converted.From(ElementType.Double, data.Shape, values), CPU);
                return Objective().item<double>();
            }

            double slope = (Moved(Step) - Moved(-Step)) / (2 * Step);
            inputs[input] = kept;
            return slope;
        }

        // All outputs weighted by fixed numbers, so that no two of their elements can be mistaken for each other.
        Tensor Objective()
        {
            Tensor[] outputs = module.Run(
                [.. inputs.Select((value, i) => ($"i{i}", value))
                    .Where(i => i.value is not null && !check.Constants.Contains(int.Parse(i.Item1[1..], null)))
                    .Select(i => (i.Item1, i.value!))],
                [.. model.Graph.Outputs.Select(o => o.Name)]);
            Tensor sum = zeros(1, ScalarType.Float64);
            foreach (Tensor output in outputs.Where(o => o.is_floating_point()))
                sum = sum + (output.to(ScalarType.Float64) * arange(1, output.numel() + 1, ScalarType.Float64).sin().reshape(
                    output.shape)).sum();
            return sum;
        }
    }
}
