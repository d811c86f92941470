using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Graph;

/// <summary>
/// libtorch leaves float convolutions on the CPU to oneDNN, which writes machine code for the processor that it finds. There
/// are machines where that code is wrong as soon as channels do not fill its blocks of 8 or 16, and nothing says so: scores are
/// off, gradients are noise. So a convolution is computed once beside its double, and where the two differ oneDNN is switched off.
/// </summary>
internal static unsafe class OneDnn
{
    // 20 and 9 channels leave a block half full on either side, whichever its size.
    private const int From = 20, To = 9;

    // A wrong result is off by its own size; a right one by a millionth of that.
    private const double MostDifference = 1e-3;

    // at::globalContext() and at::Context::setUserEnabledMkldnn(bool), as the compilers of Linux and macOS and that of Windows
    // name them. NNPACK is what libtorch would try next: it is for other processors, and says so with every convolution.
    private static readonly (string Library, string Context, string[] Switches)[] Names =
    [
        ("libtorch_cpu", "_ZN2at13globalContextEv", ["_ZN2at7Context20setUserEnabledMkldnnEb", "_ZN2at7Context20setUserEnabledNNPACKEb"]),
        ("torch_cpu", "?globalContext@at@@YAAEAVContext@1@XZ",
            ["?setUserEnabledMkldnn@Context@at@@QEAAX_N@Z", "?setUserEnabledNNPACK@Context@at@@QEAAX_N@Z"]),
    ];

    private static readonly Lazy<string?> Checked = new(Check);

    /// <summary>
    /// Checks, once a process, that convolutions come out right, and switches oneDNN off for the process where they do not.
    /// </summary>
    /// <returns>A sentence about what was switched off; null when nothing was.</returns>
    /// <exception cref="BadInputException">They are wrong here, and there is no way around it.</exception>
    public static string? EnsureCorrect() => Checked.Value;

    /// <summary>True when a convolution and its gradients are what they are in double precision, where oneDNN has no part.</summary>
    public static bool ConvolvesRight()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        return Convolve(ScalarType.Float32).Zip(Convolve(ScalarType.Float64)).All(pair =>
            Largest(pair.First.to(ScalarType.Float64).sub(pair.Second)) <= MostDifference * Largest(pair.Second));

        static double Largest(Tensor tensor) => tensor.abs().max().item<double>();
    }

    private static string? Check()
    {
        if (ConvolvesRight())
            return null;
        return SwitchOff() && ConvolvesRight()
            ? "oneDNN computes wrong convolutions on this machine; libtorch goes without it, which is right and slower"
            : throw new BadInputException(
                "libtorch computes wrong convolutions on this machine, and its oneDNN cannot be switched off; "
                + "expected those of double precision");
    }

    // The result, and the gradients of operand, weight and bias.
    private static Tensor[] Convolve(ScalarType type)
    {
        // No random numbers: the state of their generator belongs to the training.
        Tensor Wave(params long[] shape) => arange(shape.Aggregate((a, b) => a * b), ScalarType.Float64)
            .mul_(0.7).sin_().add_(0.1).reshape(shape).to(type).requires_grad_();
        Tensor input = Wave(4, From, 12, 12), weight = Wave(To, From, 3, 3), bias = Wave(To);
        Tensor result = nn.functional.conv2d(input, weight, bias, padding: [1, 1]);
        (result * result).sum().backward();
        return [result, input.grad!, weight.grad!, bias.grad!];
    }

    private static bool SwitchOff()
    {
        bool isOff = false;
        foreach ((string library, string context, string[] switches) in Names)
        {
            if (!NativeLibrary.TryLoad(library, typeof(torch).Assembly, null, out nint handle)
                || !NativeLibrary.TryGetExport(handle, context, out nint getContext))
                continue;
            foreach (string name in switches)
            {
                if (!NativeLibrary.TryGetExport(handle, name, out nint set))
                    continue;
                ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)getContext)(), 0);
                isOff = true;
            }
        }

        return isOff;
    }
}
