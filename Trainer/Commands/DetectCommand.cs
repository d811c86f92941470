using System.CommandLine;
using System.Diagnostics;
using CnnOnnx.Cli;
using CnnOnnx.Detection;
using CnnOnnx.Imaging;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Onnx;
using OpenCvSharp;

namespace CnnOnnx.Trainer.Commands;

/// <summary>trainer detect: the boxes that a detector finds, drawn and as files.</summary>
internal sealed class DetectCommand : Command
{
    // More inputs are told by their number; boxes.json has each.
    private const int MostTold = 10;

    private const int MostNamed = 5;

    private readonly Argument<string> _model = new("model") { Description = "The detector.", HelpName = "MODEL.onnx" };

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Pictures, videos, camera:N, folders or patterns.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "The folder for boxes.json, labels, coco.json and drawn pictures.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<double?> _confidence = Share("--confidence", "Score that a box has to be above; what is usual for the head "
        + "when not given.");

    private readonly Option<double?> _overlap = Share("--overlap", "Overlap (IoU) above which the box of the lower score is dropped; what "
        + "is usual for the head when not given.");

    private readonly Option<int?> _maxBoxes = CountOption.Create("--max-boxes", "Most boxes of a picture; 300 when not given.");

    private readonly Option<bool> _acrossClasses = new("--across-classes") { Description = "Boxes of different classes drop one another." };

    private readonly Option<bool> _everyClass = new("--every-class")
    {
        Description = "A box for each class of a place that scores, not for its best class only.",
    };

    private readonly Option<int?> _batch = CountOption.Create("--batch", "Pictures in a run, as far as the model takes so many; 1 when "
        + "not given.");

    private readonly Option<bool> _recursive = new("--recursive", "-r") { Description = "Look for inputs in the folders of folders, too." };

    private readonly Option<int?> _every = CountOption.Create("--every", "Of a video or camera only every N-th frame.");

    private readonly Option<int?> _frames = CountOption.Create("--frames", "Of a video or camera no more than N frames.");

    private readonly Option<DetectionParts> _without = Without();

    private readonly LabelsOption _labels;
    private readonly PreprocessingOptions _preprocessing;

    public DetectCommand() : base("detect", "Finds boxes with any detector whose head is known, and draws and lists them.")
    {
        Arguments.Add(_model);
        Arguments.Add(_inputs);
        foreach (Option option in new Option[] { _out, _confidence, _overlap, _maxBoxes, _acrossClasses, _everyClass, _batch,
            _recursive, _every, _frames, _without, CommonOptions.Device, CommonOptions.Threads })
            Options.Add(option);
        _labels = new LabelsOption(this);
        _preprocessing = new PreprocessingOptions(this);
        this.WithMostUsed("--out", "--labels", "--confidence", "--overlap", "--without");
        this.WithExamples(
            "trainer detect yolo.onnx street.jpg --out found",
            "trainer detect FastestDet.onnx pictures --out found --labels coco --confidence 0.4",
            "trainer detect faces.onnx clip.mp4 --out found --every 5 --without labels,coco",
            "trainer detect yolox.onnx val2017 --out found --labels coco --confidence 0.001 --every-class --without drawn");
        this.Does(Run);
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken cancel)
    {
        string folder = parsed.GetValue(_out)!;
        InputList inputs = InputList.Of(parsed.GetValue(_inputs)!, parsed.GetValue(_recursive), folder) with
        {
            Every = parsed.GetValue(_every) ?? 1,
            Frames = parsed.GetValue(_frames),
        };
        if (inputs.LeftOut.Count > 0)
            terminal.Note($"left out of the folders: {string.Join(", ", inputs.LeftOut.Select(kind => $"{kind.Key} ({kind.Value})"))}");
        var model = OnnxModel.Read(parsed.GetValue(_model)!);
        using var detector = Detector.Open(model, OptionsOf(parsed));
        Describe(detector, model, terminal);
        var told = new DetectionTally(detector.Reader.Labels);
        using var results = new DetectionFolder(folder, model.Source, detector.Reader, DetectionParts.All & ~parsed.GetValue(_without));
        long started = Stopwatch.GetTimestamp();
        using (Progress bar = terminal.Start("detecting", inputs.Count(), "pictures"))
        {
            foreach (DetectedInput input in detector.Walk(inputs.Items(bar.Note), parsed.GetValue(_batch) ?? 1, cancel))
            {
                if (input.Fault is { } fault && !inputs.IsSingle)
                    bar.Note($"error: {fault}");
                results.Add(input);
                told.Add(input);
                bar.Advance();
            }
        }

        // A folder of nothing but faults would look like a result.
        if (told.Pictures == 0)
            throw new BadInputException(
                inputs.IsSingle ? told.FirstFault! : $"none of the {told.Faults} inputs could be used; the first: {told.FirstFault}");
        results.Complete();
        Print(told, Stopwatch.GetElapsedTime(started), folder, detector, terminal);
        return told.Faults > 0 ? ExitCode.BadInput : ExitCode.Done;
    }

    private DetectorOptions OptionsOf(ParseResult parsed) => new()
    {
        Confidence = parsed.GetValue(_confidence),
        Overlap = parsed.GetValue(_overlap),
        MaxBoxes = parsed.GetValue(_maxBoxes) ?? new DetectorOptions().MaxBoxes,
        AcrossClasses = parsed.GetValue(_acrossClasses) ? true : null,
        EveryClass = parsed.GetValue(_everyClass),
        Labels = _labels.Of(parsed),
        Preprocessing = _preprocessing.Of(parsed),
        Device = ComputeDevice.Parse(parsed.GetValue(CommonOptions.Device)!),
        Threads = parsed.GetValue(CommonOptions.Threads),
    };

    private static void Describe(Detector detector, OnnxModel model, Terminal terminal)
    {
        DetectionReader reader = detector.Reader;
        terminal.Note($"device: {detector.Device}{(detector.DeviceRemark is { } remark ? $" ({remark})" : "")}");
        string classes = reader.Classes is { } count ? $"{count} {(count == 1 ? "class" : "classes")}" : "classes by number";
        string nameless = reader.Labels.Count > 0 ? "" : ", without names: --labels gives them";
        terminal.Note($"head: {reader.Layout}, {classes}{nameless}");
        string overlap = reader.Overlap is { } limit ? $"overlap {limit}" : "suppression in the graph";
        terminal.Note($"boxes: score above {reader.Confidence}, {overlap}{(reader.AcrossClasses ? " across classes" : "")}");
        InputSpec input = detector.PreprocessingFor(new Size(640, 640));
        bool isOpen = PictureInput.Find(model.Graph) is { NeedsPictureSize: true };
        terminal.Note($"input: {input}{(isOpen ? ", or of the picture's size" : "")} "
            + $"({(model.Card.Input is null ? "usual for this head" : "as the model card says")}, if no option says otherwise)");
        foreach (string unseen in reader.Remarks)
            terminal.Note($"note: {unseen}");
    }

    private static void Print(DetectionTally told, TimeSpan time, string folder, Detector detector, Terminal terminal)
    {
        foreach (string line in told.Lines.Take(MostTold))
            terminal.Result(line);
        if (told.Pictures > MostTold)
            terminal.Result($"… {told.Pictures - MostTold} more pictures");
        string most = string.Join(", ", told.Classes.Take(MostNamed).Select(c => $"{c.Count} {c.Label}"));
        string others = told.Classes.Count > MostNamed ? $" and {told.Classes.Count - MostNamed} more classes" : "";
        terminal.Result($"{told.Boxes} boxes in {told.Pictures} {(told.Pictures == 1 ? "picture" : "pictures")}"
            + $"{(told.Boxes > 0 ? $": {most}{others}" : "")}");
        double seconds = Math.Max(1e-3, time.TotalSeconds);
        terminal.Result($"{told.Pictures / seconds:0.#} pictures/s with files, {told.Milliseconds / told.Pictures:0.0} ms a picture in the "
            + $"network on {detector.Device}");
        terminal.Result($"written to {folder}");
        terminal.JsonResult(new
        {
            detector.Reader.Layout,
            detector.Reader.Classes,
            detector.Reader.Confidence,
            detector.Reader.Overlap,
            detector.Device,
            told.Pictures,
            told.Boxes,
            told.Faults,
            PicturesPerSecond = told.Pictures / seconds,
            NetworkMilliseconds = told.Milliseconds / told.Pictures,
            Found = told.Classes.Select(c => new { c.Label, c.Count }),
            Folder = folder,
        });
    }

    private static Option<double?> Share(string name, string description) =>
        NumberOptions.Number(name, description, number => number is >= 0 and <= 1, "from 0 to 1");

    private static Option<DetectionParts> Without()
    {
        DetectionParts[] parts = [DetectionParts.Labels, DetectionParts.Coco, DetectionParts.Drawn];
        string names = string.Join(", ", parts).ToLowerInvariant();
        return new Option<DetectionParts>("--without")
        {
            Description = $"Files to leave out: {names}.",
            HelpName = "PART,PART",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                DetectionParts without = DetectionParts.None;
                foreach (string word in result.Tokens.SelectMany(token =>
                    token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
                {
                    DetectionParts part = parts.FirstOrDefault(p => p.ToString().Equals(word, StringComparison.OrdinalIgnoreCase));
                    if (part == DetectionParts.None)
                        result.AddError($"--without has '{word}', expected some of {names}.");
                    without |= part;
                }

                return without;
            },
        };
    }
}
