using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CnnOnnx.Torch.Operators;

/// <summary>Pools over windows and over whole maps.</summary>
internal static class PoolingOperators
{
    public static Operator[] Rows { get; } =
    [
        new("AveragePool", 1, AveragePool),
        new("MaxPool", 1, MaxPool),
        new("MaxUnpool", 9, MaxUnpool),
        new("LpPool", 1, LpPool1),
        new("LpPool", 2, LpPool2),
        new("GlobalAveragePool", 1, GlobalAveragePool),
        new("GlobalMaxPool", 1, GlobalMaxPool),
        new("GlobalLpPool", 1, GlobalLpPool1),
        new("GlobalLpPool", 2, GlobalLpPool2),
    ];

    // https://onnx.ai/onnx/operators/onnx__AveragePool.html
    private static OperatorFunction AveragePool(OnnxNode node)
    {
        var window = new Window(node);
        long[] kernel = KernelOf(node, window);
        bool countPadding = node.Flag("count_include_pad", false);
        return operands =>
        {
            Tensor input = operands[0];
            var place = PoolPlacement.Of(node, window, kernel, input);
            if (place.IsNative && !window.IsDilated)
                return [WindowSums.Average(input, kernel, place.Strides, place.Padding.Begin, window.IsCeil, countPadding)];

            // The divisor of each window: how many cells of the map, or of the padded map, it covers.
            // Cells that only ceil_mode adds are never counted.
            long[] size = [1, 1, .. input.shape[2..]];
            Padding counted = countPadding ? place.Padding : new Padding(new long[kernel.Length], new long[kernel.Length]);
            Padding outside = place.Beyond(counted);
            Tensor counts = functional.pad(ones(size, input.dtype, input.device), counted.LastAxisFirst(), value: 1);
            Tensor cells = WindowSums.Sum(functional.pad(counts, outside.LastAxisFirst()), kernel, place.Strides, window);
            return [WindowSums.Sum(place.Pad(input, 0), kernel, place.Strides, window) / cells];
        };
    }

    // https://onnx.ai/onnx/operators/onnx__MaxPool.html
    private static OperatorFunction MaxPool(OnnxNode node)
    {
        var window = new Window(node);
        long[] kernel = KernelOf(node, window);
        bool wantsIndices = node.Wants(1), columnMajor = node.Flag("storage_order", false);
        return operands =>
        {
            // torch has no maximum pool of bytes; float holds them exactly.
            ScalarType type = operands[0].dtype;
            Tensor input = operands[0].is_floating_point() ? operands[0] : operands[0].to(ScalarType.Float32);
            var place = PoolPlacement.Of(node, window, kernel, input);
            Tensor padded = place.IsNative ? input : place.Pad(input, double.NegativeInfinity);
            long[]? pads = place.IsNative ? place.Padding.Begin : null;
            bool isCeil = place.IsNative && window.IsCeil;
            if (!wantsIndices)
                return [MaxWindows.Values(padded, kernel, place.Strides, pads, window.Dilations(kernel.Length), isCeil).to(type)];
            (Tensor values, Tensor indices) = MaxWindows.WithIndices(
                padded, kernel, place.Strides, pads, window.Dilations(kernel.Length), isCeil);
            return [values.to(type), PoolIndices.FromTorch(indices, input, padded, place, columnMajor)];
        };
    }

    // https://onnx.ai/onnx/operators/onnx__MaxUnpool.html
    private static OperatorFunction MaxUnpool(OnnxNode node)
    {
        var window = new Window(node);
        long[] kernel = KernelOf(node, window);
        return operands =>
        {
            Tensor input = operands[0], indices = operands[1];
            int axes = window.SpatialAxes(input);
            long[] shape = [input.size(0), input.size(1), .. new long[axes]];
            Padding padding = window.PaddingOf(input, kernel);
            for (int i = 0; i < axes; i++)
                shape[i + 2] = (input.size(i + 2) - 1) * window.Strides(axes)[i] + kernel[i] - padding.Begin[i] - padding.End[i];
            Budget.Require(node, input.dtype, shape);
            long cells = new TensorShape(shape).Count;
            Tensor flat = indices.flatten(), values = input.flatten();
            if (flat.numel() != values.numel())
                throw operands.Fault($"has {flat.numel()} indices for {values.numel()} values");
            if (flat.numel() > 0 && (flat.min().item<long>() < 0 || flat.max().item<long>() >= cells))
                throw operands.Fault($"an index lies outside the {cells} cells before pooling");
            Tensor unpooled = zeros([cells], input.dtype, input.device).scatter(0, flat, values).reshape(shape);
            return [operands.Optional(2) is null ? unpooled : Fit(operands, unpooled, operands.Longs(2))];
        };
    }

    // Indices count in the map that the attributes give; a larger one that is asked for has more cells at its ends.
    private static Tensor Fit(Operands operands, Tensor map, long[] shape)
    {
        long[] found = map.shape;
        if (shape.Length != found.Length || shape[0] != found[0] || shape[1] != found[1])
            throw operands.Fault(
                $"output_shape is {new TensorShape(shape)}, expected [{found[0]}, {found[1]}, …] and {found.Length - 2} sizes");
        Budget.Require(operands.Node, map.dtype, shape);
        long[] more = [.. shape[2..].Zip(found[2..], (wanted, has) => wanted - has)];
        return functional.pad(map, new Padding(new long[more.Length], more).LastAxisFirst());
    }

    // p was a float in the first version.
    private static OperatorFunction LpPool1(OnnxNode node) => LpPool(node, node.Float("p", 2));

    // https://onnx.ai/onnx/operators/onnx__LpPool.html
    private static OperatorFunction LpPool2(OnnxNode node) => LpPool(node, node.Within("p", 2, 1));

    private static OperatorFunction LpPool(OnnxNode node, double p)
    {
        var window = new Window(node);
        long[] kernel = KernelOf(node, window);
        return operands =>
        {
            var place = PoolPlacement.Of(node, window, kernel, operands[0]);
            Tensor powers = place.Pad(operands[0].abs().pow(p), 0);
            return [LpNorm.Root(WindowSums.Sum(powers, kernel, place.Strides, window), p)];
        };
    }

    private static OperatorFunction GlobalAveragePool(OnnxNode node) => operands =>
    {
        operands.RequireRank(0, 3);
        return [operands[0].mean(SpatialAxes(operands[0]), keepdim: true)];
    };

    private static OperatorFunction GlobalMaxPool(OnnxNode node) => operands =>
    {
        operands.RequireRank(0, 3);
        return [operands[0].amax(SpatialAxes(operands[0]), keepdim: true)];
    };

    private static OperatorFunction GlobalLpPool1(OnnxNode node) => GlobalLpPool(node.Float("p", 2));

    private static OperatorFunction GlobalLpPool2(OnnxNode node) => GlobalLpPool(node.Within("p", 2, 1));

    private static OperatorFunction GlobalLpPool(double p) => operands =>
    {
        operands.RequireRank(0, 3);
        return [LpNorm.Root(operands[0].abs().pow(p).sum(SpatialAxes(operands[0]), keepdim: true), p)];
    };

    private static long[] SpatialAxes(Tensor input) => Axes.All(input.dim())[2..];

    private static long[] KernelOf(OnnxNode node, Window window) =>
        window.Kernel ?? throw node.Error("attribute 'kernel_shape' is missing");
}
