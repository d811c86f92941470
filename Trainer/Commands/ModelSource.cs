using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Detection;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Architectures;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Commands;

/// <summary>
/// The network that the argument ARCH|MODEL.onnx names: an architecture of the table, or an ONNX file that is trained on.
/// </summary>
internal sealed class ModelSource
{
    private readonly string _name;
    private readonly Architecture? _architecture;
    private readonly OnnxModel? _model;

    /// <param name="name">Name of an architecture, or path of an ONNX file.</param>
    /// <exception cref="BadInputException">It is neither.</exception>
    public ModelSource(string name)
    {
        _name = name;
        _architecture = ArchitectureTable.Find(name);
        if (_architecture is not null)
            return;
        if (!name.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) && !File.Exists(name))
            throw new BadInputException($"'{name}' is no architecture and no ONNX file; expected one of "
                + $"{string.Join(", ", ArchitectureTable.Rows.Select(r => r.Name))}, or a path that ends in .onnx");
        _model = OnnxModel.Read(name);
    }

    /// <summary>True for a file, whose weights are the start; false for an architecture, which starts from random ones.</summary>
    public bool IsFile => _model is not null;

    /// <summary>Usual options for this network.</summary>
    public TrainingOptions Recipe => _architecture?.Recipe
        ?? (IsDetector ? DetectorTraining.FineTuning : TrainingOptions.FineTuning);

    /// <summary>True for a network that finds boxes, with heads that can be trained.</summary>
    public bool IsDetector => _architecture?.IsDetector ?? DetectorNetwork.IsTrainable(_model!);

    /// <summary>Preprocessing as the architecture or the model card has it, or as is guessed from the file.</summary>
    public InputSpec Input => _architecture?.Input ?? ModelTrainer.UsualInput(_model!);

    /// <summary>The guess behind <see cref="Input"/>; null where the card says it, or options say everything.</summary>
    /// <param name="change">Changes that the options ask for; null for none.</param>
    public PreprocessingGuess? GuessBehind(Func<InputSpec, InputSpec>? change) =>
        _model is null ? null : InputBinder.GuessOf(_model, change);

    /// <summary>Pairs the classes of a data set with those of the file's network.</summary>
    /// <param name="outputs">Number of classes that the network tells apart.</param>
    /// <param name="classes">Names of the set's classes.</param>
    /// <param name="given">Names of the network's classes that the user gave; null for those that the file has.</param>
    /// <param name="note">Called with what was assumed about the names, in words.</param>
    /// <exception cref="BadInputException">There are not as many names as classes, or the classes cannot be paired.</exception>
    public ClassPairing PairClasses(int outputs, string[] classes, string[]? given, Action<string> note)
    {
        OutputNames? known = OutputNames.Of(_model!, given);
        OutputNames? names = given is null ? known : known!.For(outputs)
            ?? throw new BadInputException($"{_name}: {given.Length} class names were given, it tells {outputs} classes apart");
        // Names that are only assumed help where the data has them.
        if (given is null && known?.Remark is not null && !classes.All(known.Labels.Contains))
            names = null;
        if (names?.Remark is { } remark)
            note(remark);
        return ClassPairing.Match(_model!, names?.Labels, outputs, classes);
    }

    /// <summary>The network for these classes, with first weights where it has none. The caller disposes it.</summary>
    /// <exception cref="BadInputException">The model cannot be trained so: the message says why.</exception>
    public Classifier Build(InputSpec input, string[] classes, TrainingOptions options, Device device)
    {
        if (_model is not null)
            return ModelTrainer.Prepare(_model, input, classes, options, device);
        OnnxModel model = _architecture!.Build(input, classes.Length);
        if (options.Head is not null || options.Features is not null)
            return ModelTrainer.Prepare(model, input, classes, options, device);
        _ = manual_seed(options.Seed);
        return new Classifier(new OnnxModule(model, device), NetworkInput.Of(model), model.Graph.Outputs[0].Name)
        {
            Features = ClassifierHead.Find(model).Node.Inputs[0],
        }.Started(options);
    }

    /// <summary>The graph of a detector; that of a file has its own classes and anchors.</summary>
    /// <param name="input">Size and channels of the pictures.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="anchors">Anchors of an architecture; its paper's when not given.</param>
    /// <exception cref="BadInputException">Pictures of a size that does not fit.</exception>
    public OnnxModel BuildDetector(InputSpec input, int classes, IReadOnlyList<BoxSize>? anchors)
    {
        if (_model is null)
            return _architecture!.Build(input, classes, anchors);
        // every tensor of the file is declared with its size
        return _model.Card.Input is not { } own || own.Size == input.Size ? _model
            : throw new BadInputException($"{_name}: is made for pictures of {own.Height}x{own.Width}, got {input.Height}x{input.Width}; "
                + "expected its own size");
    }

    /// <summary>The model of a file as it is, to measure it. The caller disposes it.</summary>
    /// <exception cref="BadInputException">An architecture, which knows nothing yet, or a model that takes no single picture.</exception>
    public Classifier Open(Device device)
    {
        if (_model is null)
            throw new BadInputException($"'{_name}' is an architecture, which knows nothing yet; expected an ONNX file");
        var input = NetworkInput.Of(_model);
        OnnxModel model = _model.Inlined;
        string logits = ClassifierHead.LogitsOf(model);
        var classifier = new Classifier(new OnnxModule(model, device), input, logits) { Batch = PictureInput.Find(model.Graph)!.Batch };
        return TrainableModel.IsSigmoid(model, logits)
            ? classifier with { IsBinary = classifier.CountClasses(Input, device) == 1, HasIndependentScores = true }
            : classifier;
    }
}
