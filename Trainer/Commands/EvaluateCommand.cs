using System.CommandLine;
using CnnOnnx.Cli;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Graph;
using CnnOnnx.Torch.Training;
using CnnOnnx.Trainer.Evaluation;
using CnnOnnx.Trainer.Figures;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer evaluate: how well a model tells the classes of a data set apart.</summary>
internal sealed class EvaluateCommand : Command
{
    // A larger matrix fits no terminal; it is in --json.
    private const int MostClassesInMatrix = 20;

    private const int UsualBatch = 64;

    private readonly Argument<string> _model = new("model") { Description = "The model.", HelpName = "MODEL.onnx" };

    private readonly Option<string> _data = new("--data") { Description = "Folder of the data set.", HelpName = "DIR", Required = true };

    private readonly Option<string?> _part = new("--part")
    {
        Description = "The part of the set to measure with: test, val, train or all; when not given its test part, else val, "
            + "else what there is.",
        HelpName = "NAME",
    };

    private readonly Option<int?> _batch = CountOption.Create("--batch", "Pictures at once; 64 when not given, of a detector 1; as "
        + "many as the model is made for where it takes no other number.");

    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Folder for pictures of the result: NAME.confusion.png, and NAME.mistakes.png, the wrong answers that the model is "
            + "surest of; of a detector metrics.json, curves.png, worst.png and coco.json.",
        HelpName = "DIR",
    };

    private readonly Option<double?> _confidence = NumberOptions.Number("--confidence", "Of a detector: score that a box has to be above; "
        + $"{DetectorEvaluation.UsualConfidence} when not given, since the curves need the low ones, too.", n => n is >= 0 and <= 1,
        "from 0 to 1");

    private readonly Option<double?> _overlap = NumberOptions.Number("--overlap", "Of a detector: overlap (IoU) above which the box of the "
        + "lower score is dropped; what is usual for the head when not given.", n => n is >= 0 and <= 1, "from 0 to 1");

    private readonly LabelsOption _labels;
    private readonly PreprocessingOptions _preprocessing;

    public EvaluateCommand() : base("evaluate", "Measures a model on labelled pictures: accuracy, confusion matrix, and figures for "
        + "each class; of a detector mAP, precision and recall.")
    {
        Arguments.Add(_model);
        foreach (Option option in new Option[] { _data, _part, _batch, _out, _confidence, _overlap, CommonOptions.Device,
            CommonOptions.Threads })
            Options.Add(option);
        _preprocessing = new PreprocessingOptions(this);
        _labels = new LabelsOption(this);
        this.WithMostUsed("--data", "--part", "--out", "--preset", "--size", "--batch");
        this.WithExamples(
            "trainer evaluate models/lenet.onnx --data data/fashion-mnist",
            "trainer evaluate models/lenet.onnx --data data/fashion-mnist --out measured",
            "trainer evaluate resnet20.onnx --data cifar10 --preset imagenet --size 32x32 --json",
            "trainer evaluate yolo.onnx --data data/boxes --out measured",
            "trainer evaluate FastestDet.onnx --data val2017 --labels coco --out measured");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        // What the data is labelled with says what is measured.
        if (BoxFolder.Find(parsed.GetValue(_data)!) is { } boxes)
            return RunDetector(boxes, parsed, terminal, cancel);
        RequireClassifier(parsed);
        Device device = TorchDevice.Choose(ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!));
        if (parsed.GetValue(CommonOptions.Threads) is { } threads)
            set_num_threads(threads);
        if (OneDnn.EnsureCorrect() is { } remark)
            terminal.Note(remark);
        var source = new ModelSource(parsed.GetValue(_model)!);
        if (source.IsDetector)
            throw new BadInputException($"{parsed.GetValue(_model)}: finds boxes, and {parsed.GetValue(_data)} says a class for each "
                + "picture; expected pictures with labels of YOLO, COCO or VOC");
        Func<InputSpec, InputSpec>? change = _preprocessing.Of(parsed);
        InputSpec input = (change?.Invoke(source.Input) ?? source.Input).Checked("the preprocessing");
        string[]? given = _labels.Of(parsed);
        DataPart part = PictureLoading.Open(parsed.GetValue(_data)!, terminal).ForEvaluation(parsed.GetValue(_part));
        using Classifier opened = source.Open(device);
        Classifier classifier = opened with { Batch = opened.FindBatch(input, device) };
        if (source.GuessBehind(change) is { } guess)
            terminal.Note(Assumptions.Line(guess, input));
        ClassPairing names = source.PairClasses(classifier.CountClasses(input, device), part.Classes, given, terminal.Note);
        terminal.Note($"input {input}, on {device}{names.Remark}");
        if (classifier.Batch is { } batch && batch != opened.Batch)
            terminal.Note($"the model declares any batch and runs with {batch} only, which is folded into it: picture by picture");
        if (classifier is { HasIndependentScores: true, IsBinary: false })
            terminal.Note("the model ends in a sigmoid for each class: the highest score is taken as its answer, and the loss is that "
                + "of a softmax over the scores");
        using BatchSource pictures = PictureLoading.Load(part, input, terminal, cancel);
        Score score;
        using (Progress bar = terminal.Start("measuring", pictures.Count, "pictures"))
            score = new ClassificationTask(classifier, names.Labels) { ClassOf = names.ClassOf }
                .Measure(pictures, classifier.Batch ?? parsed.GetValue(_batch) ?? UsualBatch, device, count => bar.Advance(count), cancel);
        PictureLoading.TellLeftOut(terminal, pictures as PictureStream);

        ClassReport[] classes = score.Classes;
        string[] figures = parsed.GetValue(_out) is { } folder
            ? TrainingFigures.Write(Path.Combine(folder, Path.GetFileName(parsed.GetValue(_model)!)), score, pictures) : [];
        Print(score, classes, names.Labels, part, terminal);
        if (figures.Length > 0)
            terminal.Result($"figures  {string.Join(' ', figures)}");
        terminal.JsonResult(new
        {
            Model = parsed.GetValue(_model),
            Part = part.Name,
            Pictures = score.Confusion.Total,
            score.Accuracy,
            score.Loss,
            Input = input,
            Labels = names.Labels,
            Classes = classes,
            Confusion = score.Confusion.ToRows(),
            Figures = figures,
            pictures.Unreadable,
        });
        return ExitCode.Done;
    }

    private int RunDetector(BoxFolder boxes, ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        var model = OnnxModel.Read(parsed.GetValue(_model)!);
        var evaluation = new DetectorEvaluation(model, boxes, boxes.ForEvaluation(parsed.GetValue(_part)))
        {
            Batch = parsed.GetValue(_batch) ?? 1,
            Out = parsed.GetValue(_out),
        };
        evaluation.Run(new DetectorOptions
        {
            Confidence = parsed.GetValue(_confidence) ?? DetectorEvaluation.UsualConfidence,
            Overlap = parsed.GetValue(_overlap),
            EveryClass = true,
            Labels = _labels.Of(parsed),
            Preprocessing = _preprocessing.Of(parsed),
            Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
            Threads = parsed.GetValue(CommonOptions.Threads),
        }, terminal, cancel);
        return ExitCode.Done;
    }

    private void RequireClassifier(ParseResult parsed)
    {
        if (new Option[] { _confidence, _overlap }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } given)
            throw new BadInputException($"{given.Name} is for detectors, and {parsed.GetValue(_data)} says a class for each picture; "
                + "expected pictures with labels of YOLO, COCO or VOC");
    }

    private static void Print(Score score, ClassReport[] classes, string[] labels, DataPart part, Terminal terminal)
    {
        terminal.Result($"accuracy {score.Accuracy:0.0000}, loss {score.Loss:0.0000} on {score.Confusion.Total:N0} {part.Name} pictures");
        terminal.Result();
        var figures = new TextTable("class", ">precision", ">recall", ">F1", ">pictures");
        foreach (ClassReport row in classes.Where(c => c.Pictures > 0 || classes.Length <= MostClassesInMatrix))
            figures.Add(row.Class, $"{row.Precision:0.0000}", $"{row.Recall:0.0000}", $"{row.F1:0.0000}", $"{row.Pictures}");
        foreach (string line in figures.Lines())
            terminal.Result(line);
        if (labels.Length > MostClassesInMatrix)
            return;
        terminal.Result();
        var matrix = new TextTable(["actual \\ predicted", .. labels.Select((_, c) => $">{c}")]);
        for (int row = 0; row < labels.Length; row++)
            matrix.Add([$"{row} {labels[row]}", .. labels.Select((_, column) => $"{score.Confusion[row, column]}")]);
        foreach (string line in matrix.Lines())
            terminal.Result(line);
    }
}
