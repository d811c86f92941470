using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Import;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Detection;
using CnnOnnx.Torch.Graph;
using TorchSharp;
using static TorchSharp.torch;
using Size = OpenCvSharp.Size;

namespace CnnOnnx.Torch.Training;

/// <summary>A network that finds boxes: what goes in, and which of its tensors are heads.</summary>
/// <param name="Module">The network; disposed with this.</param>
/// <param name="Input">The input that takes the pictures.</param>
/// <param name="Heads">Heads in the layout of YOLOv3, with their anchors in pixels of the input.</param>
/// <param name="Classes">Number of classes.</param>
internal sealed record DetectorNetwork(OnnxModule Module, NetworkInput Input, IReadOnlyList<AnchoredHead> Heads, int Classes) : IDisposable
{
    private const string Layout = "yolov3";

    // Lin et al., https://arxiv.org/abs/1708.02002: nearly all slots have nothing to find, and a network that begins with saying so
    // need not learn it first.
    private const double FirstObjectness = 0.01, HeadSpread = 0.01;

    /// <summary>Pixels that both sides of a picture are multiples of.</summary>
    public int Step => Heads.Max(head => head.Stride);

    /// <summary>True for a model whose card describes heads that can be trained.</summary>
    public static bool IsTrainable(OnnxModel model) =>
        model.Card.Detection is { } card && card.Layout == Layout && card.Heads.All(head => !head.NewCoords);

    /// <summary>The network of a model whose card describes its heads.</summary>
    /// <param name="model">The model.</param>
    /// <param name="spec">Preprocessing of the pictures.</param>
    /// <param name="classes">Names of the data's classes.</param>
    /// <param name="device">Device of the network.</param>
    /// <exception cref="BadInputException">No such heads, other classes, or pictures of a size that it does not take.</exception>
    public static DetectorNetwork Of(OnnxModel model, InputSpec spec, IReadOnlyList<string> classes, Device device)
    {
        HeadCard card = (IsTrainable(model) ? HeadCard.Of(model.Card, model.Source) : null)
            ?? throw new OnnxException(model.Source, $"no heads that boxes can be learned with; expected a model card that describes those "
                + $"of {Layout} ({HeadCard.Key})");
        if (card.Classes != classes.Count || (model.Card.Labels is { } labels && !labels.SequenceEqual(classes)))
            throw new OnnxException(model.Source, $"tells {Some(model.Card.Labels, card.Classes)} apart, the data has "
                + $"{Some([.. classes], classes.Count)}; expected the same classes in the same order");
        int step = card.Heads.Max(head => head.Stride);
        RequireSize(model.Source, spec.Size, step);
        return new DetectorNetwork(new OnnxModule(model, device), NetworkInput.Of(model), card.Heads, card.Classes);
    }

    /// <exception cref="BadInputException">A side is no multiple of the step.</exception>
    public static void RequireSize(string network, Size size, int step)
    {
        if (size.Width % step != 0 || size.Height % step != 0 || size.Width < step || size.Height < step)
            throw new BadInputException($"{network}: pictures of {size.Height}x{size.Width} do not fit, each of its heads halves sides "
                + $"that the next ones double again; expected multiples of {step}, such as {Near(size.Height)}x{Near(size.Width)}")
            {
                Remedy = Remedy.GiveInputSize,
            };

        int Near(int side) => Math.Max(1, (int)Math.Round((double)side / step)) * step;
    }

    /// <summary>Itself, with first weights where it has none, those of a file, and those frozen that are to stay; disposed when it cannot
    /// be.</summary>
    /// <param name="options">Spread of the first weights, and what is frozen.</param>
    /// <param name="weights">Weights of a Darknet file; null for none.</param>
    /// <exception cref="BadInputException">Weights that are no numbers, or nothing left to train.</exception>
    public DetectorNetwork Started(TrainingOptions options, DarknetPlaces? weights)
    {
        try
        {
            HashSet<string> before = [.. Module.Model.Graph.Initializers.Where(i => i.HasData).Select(i => i.Name)];
            WeightInit.Fill(Module, options.Init);
            FillHeads(before);
            if (weights is not null)
                Load(weights);
            WeightCheck.RequireFinite(Module, Module.Model.Source, "before the training; expected finite numbers");
            Freezing.Apply(Module, options.Freeze);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => Module.Dispose();

    /// <summary>The heads' numbers; in the caller's scope.</summary>
    /// <param name="pictures">[N, C, H, W], sides multiples of <see cref="Step"/>.</param>
    public Tensor[] Run(Tensor pictures) => Module.Run([(Input.Name, Input.Fit(pictures))], [.. Heads.Select(head => head.Tensor)]);

    private void FillHeads(HashSet<string> filled)
    {
        using IDisposable noGradients = no_grad();
        foreach (AnchoredHead head in Heads)
        {
            OnnxNode node = Module.Model.Graph.Producer(head.Tensor)!;
            if (node.OpType != "Conv" || !node.HasInput(2) || filled.Contains(node.Inputs[1]) || filled.Contains(node.Inputs[2]))
                continue;
            Module.get_parameter(node.Inputs[1])!.normal_(0, HeadSpread);
            using Tensor objectness = Module.get_parameter(node.Inputs[2])!.view(head.Anchors.Length, -1).select(1, HeadBoxes.Fixed - 1);
            objectness.fill_(Math.Log(FirstObjectness / (1 - FirstObjectness)));
        }
    }

    private void Load(DarknetPlaces weights)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        foreach ((string name, Tensor value) in Module.named_parameters().Select(p => (p.name, (Tensor)p.parameter))
            .Concat(Module.named_buffers().Select(b => (b.name, b.buffer))))
            if (weights.Values(name) is { } numbers)
                value.copy_(tensor(numbers).view(value.shape));
    }

    private static string Some(IReadOnlyList<string>? names, int count)
    {
        const int most = 5;
        return names is null ? $"{count} classes"
            : $"{count} classes ({string.Join(", ", names.Take(most))}{(names.Count > most ? ", …" : "")})";
    }
}
