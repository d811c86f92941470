using System.Diagnostics;
using System.Globalization;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Attribution;
using CnnOnnx.Torch.Operators;
using OpenCvSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Explain;

/// <summary>Explains inputs one after another, with one session and one explainer for all of them.</summary>
internal sealed class PictureExplainer : IDisposable
{
    // More than the noisy copies of the paper add nothing but time.
    private const int MostBaselines = 64;

    private readonly ExplainRequest _request;
    private readonly TargetResolver _resolver;
    private readonly Explainer _explainer;
    private readonly string[] _expressions;
    private readonly IReadOnlyList<string> _tensors;
    private readonly IReadOnlyList<string>? _labels;
    private readonly OnnxModel _model;
    private readonly Tensor[] _baselines = [];

    /// <param name="model">The model.</param>
    /// <param name="request">Methods, targets and options.</param>
    /// <exception cref="BadInputException">The model cannot be run, or a method is unknown.</exception>
    public PictureExplainer(OnnxModel model, ExplainRequest request)
    {
        (_model, _request) = (model, request);
        DetectionReader? detector = DetectionReader.Find(model, new DetectorOptions { Labels = request.Labels });
        _labels = request.Labels ?? (detector is null ? OutputNames.Of(model, null)?.Labels
            : detector.Labels is { Count: > 0 } names ? names : null);
        _resolver = new TargetResolver(model, _labels);
        _expressions = [.. request.Targets.SelectMany(_resolver.Split)];
        foreach (string method in request.Methods.Where(name => name != ExplainRequest.All))
            _ = AttributionMethods.Find(method);
        _tensors = _resolver.Tensors(_expressions);
        Session = ActivationSession.Open(model, new ActivationOptions
        {
            Tensors = _tensors,
            WithOutputs = true,
            Device = ComputeDevice.Cpu,
            Threads = request.Options.Threads,
            Preprocessing = detector is null || model.Card.Input is not null ? request.Preprocessing
                : spec => request.Preprocessing is { } change ? change(detector.Preprocess(spec)) : detector.Preprocess(spec),
        });
        try
        {
            Walk = new InputWalk(Session) { Others = request.Others };
            if (request.Baselines is { } pictures)
                _baselines = BaselinesOf(pictures);
            _explainer = new Explainer(model, request.Options with { Baselines = _baselines });
        }
        catch
        {
            foreach (Tensor baseline in _baselines)
                baseline.Dispose();
            Session.Dispose();
            throw;
        }
    }

    /// <summary>Runs the model on what is to be explained.</summary>
    public ActivationSession Session { get; }

    /// <summary>Runs it on one input after another.</summary>
    public InputWalk Walk { get; }

    /// <summary>Called before the first map of an input is made, with what it will cost.</summary>
    public Action<ExplainPlan>? Planned { get; init; }

    /// <summary>Explains what was run. The caller disposes the result.</summary>
    /// <param name="run">A run of <see cref="Session"/> without a fault.</param>
    /// <param name="cancel">Stops between two methods.</param>
    /// <exception cref="BadInputException">A target, layer or method cannot be explained here.</exception>
    public Explained Explain(InputRun run, CancellationToken cancel)
    {
        using DisposeScope scope = NewDisposeScope();
        Activations seen = run.Seen!;
        Mat? given = run.Inputs[0].Input!.Picture;
        TargetScene scene = TargetScene.Of(Session.Model.Graph, seen, _tensors, given?.Size());
        if (given is not null && DetectedBoxes.Of(_model, _labels, seen, given.Size(), scene.ShapeOf) is { } found)
            scene = scene.With(found);
        (string Name, Tensor Value)[] inputs = [.. seen.Inputs.Select(input =>
            (input.Name, TorchTensors.From(input.ElementType, input.Shape, input.Raw, CPU)))];
        (string Expression, AttributionTarget Target)[] targets = [.. _expressions.SelectMany(expression =>
            _resolver.Resolve(expression, scene).Select(target => (expression, target)))];
        AttributionTarget[] wanted = [.. targets.Select(target => target.Target)];
        IReadOnlyList<string> layers = LayersFor(inputs, wanted);
        (string[] methods, LeftOutMethod[] leftOut) = MethodsFor(inputs, wanted, layers);
        IReadOnlyList<MethodCost> costs = _explainer.Cost(inputs, wanted, methods, layers);
        Planned?.Invoke(new ExplainPlan(run.Inputs[0].Item.Path, wanted, methods, layers, costs, leftOut)
        {
            ChecksCost = _request.Checks ? wanted.Sum(target =>
                new TrustChecks(_explainer, inputs) { InputSide = 1 }.Cost(target, methods, layers, wanted.Length > 1)) : 0,
        });

        long started = Stopwatch.GetTimestamp();
        List<AttributionMap> maps = [];
        foreach (string method in methods)
        {
            cancel.ThrowIfCancellationRequested();
            maps.AddRange(_explainer.Explain(inputs, wanted, [method], layers));
        }

        double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        ExplainedTarget[] explained = [.. targets.Select(target => new ExplainedTarget(target.Expression, target.Target,
            _explainer.Value(inputs, target.Target), Session.Model.Graph.Producer(target.Target.Terms[0].Tensor)?.OpType ?? "")
            { Box = BoxOf(target.Target, scene.Detected) })];
        ClassReading? classes = _resolver.Read(scene);
        return new Explained
        {
            Path = run.Inputs[0].Item.Path,
            Name = run.Inputs[0].Item.Name,
            Picture = given?.Clone() ?? TensorView.Of(seen.Inputs[0]),
            Spec = seen.Preprocessing ?? new InputSpec { Size = scene.InputSize },
            Classes = classes,
            Boxes = scene.Detected?.Boxes,
            Targets = explained,
            Methods = [.. methods.Select(name => new ExplainedMethod(AttributionMethods.Find(name),
                costs.FirstOrDefault(cost => cost.Method == name)?.ForwardPasses ?? 0))],
            LeftOut = leftOut,
            Maps = Named(maps, explained),
            Channels = ChannelsOf(inputs, wanted, maps),
            Trust = _request.Checks ? Check(inputs, explained, maps, classes, scene, cancel) : [],
            Remarks = seen.Remarks,
            Milliseconds = milliseconds,
        };
    }

    /// <summary>Frees session and explainer.</summary>
    public void Dispose()
    {
        _explainer.Dispose();
        Session.Dispose();
        foreach (Tensor baseline in _baselines)
            baseline.Dispose();
    }

    // As the model takes them; the caller disposes them.
    private Tensor[] BaselinesOf(string pictures)
    {
        List<Tensor> baselines = [];
        foreach (InputRun run in Walk.Runs(InputList.Of([pictures]).Items().Take(MostBaselines)))
            using (run)
                if (run.Seen is { } seen)
                {
                    Activation input = seen.Inputs.FirstOrDefault(one => one.Shape.Rank is 3 or 4, seen.Inputs[0]);
                    baselines.Add(TorchTensors.From(input.ElementType, input.Shape, input.Raw, CPU).DetachFromDisposeScope());
                }

        return baselines.Count > 0 ? [.. baselines]
            : throw new BadInputException($"--baselines {pictures} has no picture that could be read");
    }

    // Each target has its own last feature map; the explainer finds it.
    private IReadOnlyList<string> LayersFor((string, Tensor)[] inputs, AttributionTarget[] targets) =>
        _request.Layers is [ExplainRequest.Last] ? []
            : AttributionLayers.Resolve(_explainer.Model, _explainer.Shapes(inputs), _request.Layers,
                [.. targets.SelectMany(target => target.Terms).Select(term => term.Tensor).Distinct()]);

    private (string[] Methods, LeftOutMethod[] LeftOut) MethodsFor(
        (string, Tensor)[] inputs, AttributionTarget[] targets, IReadOnlyList<string> layers)
    {
        if (!_request.Methods.Contains(ExplainRequest.All))
            return ([.. _request.Methods], []);
        IReadOnlyList<(AttributionMethod Method, string? LeftOut)> all = _explainer.Available(inputs, targets, layers);
        return ([.. all.Where(row => row.LeftOut is null).Select(row => row.Method.Name)],
            [.. all.Where(row => row.LeftOut is not null)
                .Select(row => new LeftOutMethod(row.Method.Name, Reason(row.Method.Name, row.LeftOut!)))]);
    }

    // Neither the model, which the user has named, nor the method, which stands in front.
    private string Reason(string method, string reason) =>
        Without(Without(reason, $"{_model.Source}: "), $"{method} ");

    private static string Without(string text, string start) =>
        text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : text;

    private static ExplainedMap[] Named(List<AttributionMap> maps, ExplainedTarget[] targets)
    {
        HashSet<string> taken = [];
        List<ExplainedMap> named = [];
        foreach (AttributionMap map in maps)
        {
            string wanted = $"{map.Method}/{map.Layer}/{map.Target.Name}", key = wanted;
            for (int copy = 2; !taken.Add(key); copy++)
                key = $"{wanted}~{copy}";
            ExplainedTarget target = targets.First(explained => ReferenceEquals(explained.Target, map.Target));
            named.Add(new ExplainedMap(map, key, MapDiagnosis.Of(map, target.Operator, target.Value)));
        }

        return [.. named];
    }

    // Of each of the first two targets, at its deepest layer that a gradient method has explained: one more pass.
    private ChannelShares[] ChannelsOf((string, Tensor)[] inputs, AttributionTarget[] targets, List<AttributionMap> maps) =>
        [.. targets.Take(2).SelectMany(target => maps.LastOrDefault(map => ReferenceEquals(map.Target, target)
            && AttributionMethods.Find(map.Method) is { Kind: AttributionKind.Layer, Needs: AttributionNeeds.Gradient }) is { } map
                ? _explainer.Channels(inputs, [target], map.Layer) : [])];

    // A box is known by its name: "box 2 car", with a part of it or without.
    private static int? BoxOf(AttributionTarget target, DetectedScene? detected)
    {
        string[] words = target.Name.Split(' ', 3);
        return detected is not null && words is ["box", var number, _]
            && int.TryParse(number.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < detected.Boxes.Count && !target.Name.Contains(" − ", StringComparison.Ordinal) ? index : null;
    }

    private TrustReport[] Check((string, Tensor)[] inputs, ExplainedTarget[] targets, List<AttributionMap> maps, ClassReading? classes,
        TargetScene scene, CancellationToken cancel)
    {
        int side = Math.Max(1, Math.Max(scene.InputSize.Width, scene.InputSize.Height));
        var checks = new TrustChecks(_explainer, inputs) { InputSide = side };
        return [.. targets.Select(target =>
        {
            AttributionTarget? other = Other(target, targets, classes, scene);
            AttributionMap[] made = [.. maps.Where(map => ReferenceEquals(map.Target, other))];
            return checks.Run(target.Target, [.. maps.Where(map => ReferenceEquals(map.Target, target.Target))], other,
                made.Length > 0 ? made : null, cancel);
        })];
    }

    // Another target of the user's, or the class that comes next.
    private AttributionTarget? Other(ExplainedTarget target, ExplainedTarget[] targets, ClassReading? classes, TargetScene scene)
    {
        if (targets.FirstOrDefault(other => !ReferenceEquals(other, target)) is { } asked)
            return asked.Target;
        ReadClass? next = classes?.Ranked.FirstOrDefault(read => read.Label != target.Target.Name);
        return next is null ? null : _resolver.Resolve($"{next.Index}", scene)[0];
    }
}

/// <summary>Work on one input, before it is done.</summary>
/// <param name="Input">The input, for people.</param>
/// <param name="Targets">Targets that are explained.</param>
/// <param name="Methods">Names of the methods.</param>
/// <param name="Layers">Names of the layers; empty for the last feature map of each target.</param>
/// <param name="Costs">Predicted cost of each method.</param>
/// <param name="LeftOut">Methods that cannot be used here.</param>
internal sealed record ExplainPlan(string Input, IReadOnlyList<AttributionTarget> Targets, IReadOnlyList<string> Methods,
    IReadOnlyList<string> Layers, IReadOnlyList<MethodCost> Costs, IReadOnlyList<LeftOutMethod> LeftOut)
{
    /// <summary>Forward passes of the checks; 0 without them.</summary>
    public double ChecksCost { get; init; }
}
