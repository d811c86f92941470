using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Benchmarks.Networks;

/// <summary>LeNet as one writes it by hand in TorchSharp; layer names as in the project's own graph.</summary>
internal sealed class LeNet : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> conv1 = nn.Conv2d(1, 6, 5, padding: 2);
    private readonly nn.Module<Tensor, Tensor> conv2 = nn.Conv2d(6, 16, 5);
    private readonly nn.Module<Tensor, Tensor> fc1 = nn.Linear(400, 120);
    private readonly nn.Module<Tensor, Tensor> fc2 = nn.Linear(120, 84);
    private readonly nn.Module<Tensor, Tensor> fc3 = nn.Linear(84, 10);

    public LeNet() : base("lenet") => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = nn.functional.avg_pool2d(nn.functional.relu(conv1.call(input)), 2);
        x = nn.functional.avg_pool2d(nn.functional.relu(conv2.call(x)), 2);
        x = nn.functional.relu(fc1.call(x.flatten(1)));
        x = nn.functional.relu(fc2.call(x));
        return fc3.call(x).MoveToOuterDisposeScope();
    }
}
