using System.CommandLine;
using System.Globalization;
using CnnOnnx.Cli;
using CnnOnnx.Import;
using CnnOnnx.Onnx;
using CnnOnnx.Trainer.Architectures;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer export: a network with weights from elsewhere as one ONNX file.</summary>
internal sealed class ExportCommand : Command
{
    private readonly Argument<string> _network = new("network")
    {
        Description = $"The network: a Darknet .cfg, an ONNX file that was exported from it, or {string.Join(", ",
            ArchitectureTable.Rows.Select(r => r.Name))}.",
        HelpName = "ARCH|CFG|MODEL.onnx",
    };

    private readonly Option<string> _weights = new("--weights")
    {
        Description = "The weights: a PyTorch checkpoint or safetensors; for a .cfg or yolov3, Darknet's .weights.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "The ONNX file to write.",
        HelpName = "FILE.onnx",
        Required = true,
    };

    private readonly Option<double?> _epsilon = NumberOptions.Number("--bn-epsilon", "What BatchNormalization adds to the variance: of a "
        + ".cfg 1e-6 when not given, as OpenCV reads it (1e-5 is what most weights were trained with); of a checkpoint only where it is "
        + "folded.", x => x is > 0 and <= 1, "above 0 and at most 1");

    private readonly Option<string?> _size = new("--size")
    {
        Description = "Height and width of a .cfg's or an architecture's input, such as 416x416; its own when not given.",
        HelpName = "HxW",
    };

    private readonly Option<string?> _entry = new("--entry")
    {
        Description = "Entry of a checkpoint with several sets of tensors, such as ema or generator.",
        HelpName = "KEY",
    };

    private readonly Option<bool> _byOrder = new("--by-order")
    {
        Description = "Take in order what no name identifies, where all shapes agree.",
    };

    private readonly LabelsOption _labels;

    public ExportCommand() : base("export", "Puts weights from elsewhere into a network and writes it as ONNX.")
    {
        Arguments.Add(_network);
        foreach (Option option in new Option[] { _weights, _out, _epsilon, _size, _entry, _byOrder })
            Options.Add(option);
        _labels = new LabelsOption(this);
        this.WithMostUsed("--weights", "--out", "--size", "--labels", "--bn-epsilon");
        this.WithExamples(
            "trainer export yolov3.cfg --weights yolov3.weights --out yolov3.onnx --labels coco.names",
            "trainer export yolov3 --weights yolov3.weights --out yolov3.onnx --size 608 --labels coco",
            "trainer export resnet18.onnx --weights resnet18-f37072fd.pth --out trained.onnx",
            "trainer export lenet --weights lenet.safetensors --out lenet.onnx");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        (string network, string weights, string target) =
            (parsed.GetValue(_network)!, parsed.GetValue(_weights)!, parsed.GetValue(_out)!);
        if (!target.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            throw new BadInputException($"--out is '{target}', expected a path that ends in .onnx");
        if (new[] { network, weights }.Any(given => Path.GetFullPath(given) == Path.GetFullPath(target)))
            throw new BadInputException($"--out is a file that is read ({target}), expected another one");
        string[]? labels = _labels.Of(parsed);
        using var source = WeightedNetwork.Open(network, weights, new WeightedNetworkOptions
        {
            Entry = parsed.GetValue(_entry),
            ByOrder = parsed.GetValue(_byOrder),
            BatchNormEpsilon = parsed.GetValue(_epsilon),
            Size = SizeOf(parsed),
            Labels = labels,
        }, terminal);
        WeightedModel model = source.Model;
        ModelCard card = labels is null ? model.Model.Card : model.Model.Card with { Labels = labels };
        model.Save(target, card);
        OnnxGraph graph = model.Model.Graph;
        Dictionary<string, TensorRole> roles = TensorRoles.Of(graph, graph.Nodes);
        OnnxTensor[] held = [.. graph.Initializers.Where(t => roles.GetValueOrDefault(t.Name) != TensorRole.Constant)];
        long parameters = held.Sum(t => t.Shape.Count);
        terminal.Result($"{target}: {parameters:N0} weights in {held.Length} tensors, {graph.Nodes.Length} nodes{Told(card)}");
        terminal.JsonResult(new
        {
            Network = network,
            Weights = weights,
            source.Format,
            Out = target,
            Parameters = parameters,
            model.Remarks,
            card.Input,
            Stages = card.Stages?.ToDictionary(s => s.Key, s => s.Value),
            card.Detection,
        });
        return ExitCode.Done;
    }

    private Size? SizeOf(ParseResult parsed)
    {
        if (parsed.GetValue(_size) is not { } text)
            return null;
        int[] sides = [.. text.Split('x', 'X').Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int side)
            ? side : -1)];
        return sides switch
        {
            [> 0] => new Size(sides[0], sides[0]),
            [> 0, > 0] => new Size(width: sides[1], height: sides[0]),
            _ => throw new BadInputException($"--size is '{text}', expected height and width such as 416x416"),
        };
    }

    private static string Told(ModelCard card) => string.Concat(
        card.Stages is { Count: > 0 } stages ? $", {stages.Count} stages" : "",
        card.Detection is { } heads ? $", {heads.Heads.Length} {heads.Layout} heads of {heads.Classes} classes" : "");
}
