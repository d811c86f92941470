using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>If, Loop and Scan.</summary>
internal static class ControlFlowOperators
{
    public static Operator[] Rows { get; } =
    [
        new("If", 1, If) { AlsoReads = Captured },
        new("Loop", 1, Loop) { AlsoReads = Captured },
        new("Scan", 8, ScanBatches) { AlsoReads = Captured },
        new("Scan", 9, Scan) { AlsoReads = Captured },
    ];

    private static IEnumerable<string> Captured(OnnxNode node, OnnxGraph graph) => node.Captured;

    private static OperatorFunction If(OnnxNode node)
    {
        Body then = Body.Of(node, "then_branch"), otherwise = Body.Of(node, "else_branch");
        return operands => (operands.Long(0) != 0 ? then : otherwise).Run(operands, []);
    }

    // Body: iteration, condition, carried values → condition, carried values, elements of the scan outputs.
    private static OperatorFunction Loop(OnnxNode node)
    {
        Body body = Body.Of(node, "body");
        int carriedCount = node.Inputs.Length - 2, scanCount = body.Outputs.Count - 1 - carriedCount;
        if (carriedCount < 0 || scanCount < 0 || body.Inputs.Count != carriedCount + 2)
            throw Misfit(node, body);
        return operands =>
        {
            long trips = operands.Optional(0) is null ? long.MaxValue : operands.Long(0);
            bool goesOn = operands.Optional(1) is null || operands.Long(1) != 0;
            Tensor[] carried = [.. Enumerable.Range(2, carriedCount).Select(i => operands[i].Again())];
            var scans = new Accumulator(operands, body, carriedCount + 1, scanCount);
            for (long trip = 0; trip < trips && goesOn; trip++)
            {
                if (!operands.State.CountIteration())
                    throw operands.Fault($"still runs after {trip} iterations");
                Device device = operands.State.Device;
                Tensor iteration = body.AsDeclared(0, tensor(trip, ScalarType.Int64, device)),
                    condition = body.AsDeclared(1, tensor(true, device: device));
                Tensor[] results = body.Run(operands, [iteration, condition, .. carried]);
                goesOn = results[0].ToLongs()[0] != 0;
                foreach (Tensor old in carried)
                    old.Dispose();
                carried = results[1..(carriedCount + 1)];
                scans.Add(results[(carriedCount + 1)..]);
            }

            return [.. carried, .. scans.Results()];
        };
    }

    // Body: states, elements of the scanned inputs → states, elements of the scan outputs.
    private static OperatorFunction Scan(OnnxNode node)
    {
        Body body = Body.Of(node, "body");
        int scanned = (int)node.Within("num_scan_inputs", 0, 1), states = node.Inputs.Length - scanned, scans = body.Outputs.Count - states;
        if (states < 0 || scans < 0 || body.Inputs.Count != node.Inputs.Length)
            throw Misfit(node, body);
        ScanAxes inputs = ScanAxes.Of(node, "scan_input", scanned), outputs = ScanAxes.Of(node, "scan_output", scans);
        return operands => Scan(operands, body, [.. Enumerable.Range(0, node.Inputs.Length).Select(i => operands[i])], states, inputs,
            outputs);
    }

    // Version 8 has a batch axis in front of everything, and how long each sequence is as its first input.
    private static OperatorFunction ScanBatches(OnnxNode node)
    {
        Body body = Body.Of(node, "body");
        int scanned = (int)node.Within("num_scan_inputs", 0, 1), states = node.Inputs.Length - 1 - scanned;
        int scans = body.Outputs.Count - states;
        if (states < 0 || scans < 0 || node.HasInput(0))
            throw node.Error("has sequence lengths, or a body that does not fit; expected sequences of one length");
        ScanAxes inputs = ScanAxes.Of(node, "", scanned) with { Directions = node.Ints("directions") },
            outputs = ScanAxes.Of(node, "", scans);
        return operands =>
        {
            Tensor[] all = [.. Enumerable.Range(1, node.Inputs.Length - 1).Select(i => operands[i])];
            if (all.Any(t => t.Dimensions == 0 || t.shape[0] != all[0].shape[0]) || all[0].shape[0] == 0)
                throw operands.Fault(
                    $"has inputs {string.Join(", ", all.Select(t => new TensorShape(t.shape)))}, expected one number of batches");
            Tensor[][] results = [.. Enumerable.Range(0, (int)all[0].shape[0])
                .Select(batch => Scan(operands, body, [.. all.Select(t => t[batch])], states, inputs, outputs))];
            return [.. Enumerable.Range(0, results[0].Length).Select(i => stack(results.Select(r => r[i])))];
        };
    }

    private static OnnxException Misfit(OnnxNode node, Body body) => node.Error(
        $"has {node.Inputs.Length} inputs and a body of {body.Inputs.Count} inputs and {body.Outputs.Count} outputs");

    private static Tensor[] Scan(Operands operands, Body body, Tensor[] all, int stateCount, ScanAxes inputs, ScanAxes outputs)
    {
        Tensor[] states = [.. all[..stateCount].Select(t => t.Again())],
            sequences = [.. all[stateCount..].Select((t, i) => inputs.Forward(operands, t, i))];
        long length = sequences[0].shape[0];
        if (sequences.Any(s => s.shape[0] != length))
            throw operands.Fault(
                $"scans sequences of {string.Join(", ", sequences.Select(s => s.shape[0]))} elements, expected one length");
        var scans = new Accumulator(operands, body, stateCount, body.Outputs.Count - stateCount);
        for (long at = 0; at < length; at++)
        {
            if (!operands.State.CountIteration())
                throw operands.Fault($"still runs after {at} iterations");
            Tensor[] results = body.Run(operands, [.. states, .. sequences.Select(s => s[at])]);
            foreach (Tensor old in states)
                old.Dispose();
            states = results[..stateCount];
            scans.Add(results[stateCount..]);
        }

        return [.. states, .. scans.Results().Select((t, i) => outputs.Backward(operands, t, i))];
    }
}
