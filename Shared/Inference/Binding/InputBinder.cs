using System.Buffers;
using CnnOnnx.Imaging;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Inference;

/// <summary>
/// Makes a model's inputs of pictures and tensors: type, axes and batch as the model wants them. For several threads at once.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="change">Changes how a picture becomes the input; null for no change.</param>
/// <param name="convention">What networks of its kind are given, where somebody knows its kind; null to look at the file.</param>
internal sealed class InputBinder(OnnxModel model, Func<InputSpec, InputSpec>? change, PreprocessingGuess? convention = null) : IDisposable
{
    private readonly PictureInput? _pictureInput = PictureInput.Find(model.Graph);
    private readonly Lazy<PreprocessingGuess?> _guess = new(() => GuessOf(model, change) is { } own ? convention ?? own : null);
    private readonly Lock _tensorizing = new();
    private PictureTensorizer? _tensorizer;

    /// <summary>The input that takes pictures; null when none does.</summary>
    public PictureInput? PictureInput => _pictureInput;

    /// <summary>
    /// Guess by which pictures are made into the input; null where the card says how, or the options say everything, or no picture is
    /// taken.
    /// </summary>
    public PreprocessingGuess? Guess => _guess.Value;

    /// <summary>Names of the outputs; null where there are none.</summary>
    public OutputNames? Names { get; init; }

    /// <summary>Remarks that hold for every run of the model.</summary>
    public IReadOnlyList<string> Standing { get; init; } = [];

    /// <summary>How a picture of this size becomes the input.</summary>
    /// <exception cref="BadInputException">The model takes no pictures, or not of what the preprocessing makes.</exception>
    public InputSpec SpecFor(Size picture)
    {
        if (_pictureInput is null)
            throw new BadInputException(
                $"{model.Source}: takes no picture; its inputs are {string.Join(", ", model.Graph.Inputs)}; give .npy files");
        InputSpec spec = model.Card.Input ?? Guess?.Apply(_pictureInput, picture)
            ?? _pictureInput.Suggest(picture.Height, picture.Width);
        return (change?.Invoke(spec) ?? spec).Checked(model.Source);
    }

    /// <summary>Inputs of a batch of pictures, and of tensors for other inputs. The caller disposes them.</summary>
    /// <param name="pictures">Pictures of the batch.</param>
    /// <param name="others">Tensors for the other inputs; null for none.</param>
    /// <param name="fewest">Samples of the batch at least, where the model takes any number: the pictures are repeated.</param>
    public RunInputs OfPictures(IReadOnlyList<Mat> pictures, IReadOnlyDictionary<string, TensorData>? others, int fewest = 1)
    {
        if (pictures.Count == 0)
            throw new ArgumentException("No picture was given, expected at least one.", nameof(pictures));
        foreach (Mat picture in pictures)
            PictureTensorizer.Require(picture);
        InputSpec spec = SpecFor(pictures[0].Size());
        PictureInput input = _pictureInput!;
        if (!ElementWriter.CanWrite(input.Type))
            throw new BadInputException(
                $"{model.Source}: input '{input.Name}' is {input.Type.DisplayName()}, which pictures cannot be turned into");
        TensorShape one = input.Shape(spec, 1, model.Source);
        int batch = FullBatch(input.Name, input.Axes.Batch >= 0 ? input.Batch : 1, pictures.Count);
        bool isFilled = input is { Batch: null, Axes.Batch: >= 0 } && batch < fewest;
        batch = isFilled ? fewest : batch;

        var inputs = new RunInputs
        {
            Preprocessing = spec,
            Guess = Guess,
            Names = Names,
            Samples = pictures.Count,
            Batch = batch,
            IsBatchFree = input.Batch is null,
            TakenSize = TakenSize(input, spec, pictures[0].Size()),
        };
        try
        {
            OrtValue value = Allocate(input.Type, input.Shape(spec, batch, model.Source));
            inputs.Values.Add(input.Name, value);
            int sampleBytes = (int)input.Type.SizeInBytes(one.Count);
            Span<byte> bytes = value.GetTensorMutableRawData();
            for (int i = 0; i < pictures.Count; i++)
                Write(pictures[i], spec, input, bytes.Slice(i * sampleBytes, sampleBytes));
            Repeat(bytes, pictures.Count * sampleBytes);
            if (!isFilled)
                RemarkOnBatch(inputs, input.Name, batch, "picture");
            foreach ((string name, TensorData tensor) in others ?? new Dictionary<string, TensorData>())
                Add(inputs, name, tensor);
            FillRest(inputs);
            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>The input that a tensor without a name is for: the one that pictures go to, else the first.</summary>
    public string MainInput => _pictureInput?.Name ?? model.Graph.Inputs.FirstOrDefault()?.Name
        ?? throw new BadInputException($"{model.Source}: takes no input");

    /// <summary>Inputs of tensors by name; the model's other inputs are filled with zeros. The caller disposes them.</summary>
    public RunInputs OfTensors(IReadOnlyDictionary<string, TensorData> tensors)
    {
        var inputs = new RunInputs { Names = Names };
        try
        {
            foreach ((string name, TensorData tensor) in tensors)
                Add(inputs, name, tensor);
            FillRest(inputs);
            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The guess by which a model's pictures are made into its input; null where the card says how, or options that come to the same
    /// from the most different beginnings, or where no picture is taken.
    /// </summary>
    public static PreprocessingGuess? GuessOf(OnnxModel model, Func<InputSpec, InputSpec>? change)
    {
        if (model.Card.Input is not null || PictureInput.Find(model.Graph) is not { } input)
            return null;
        InputSpec one = input.Suggest(1, 1);
        double[] other = [.. Enumerable.Repeat(2.0, one.ChannelCount)];
        InputSpec another = one with
        {
            Channels = one.Channels == ChannelOrder.Gray ? ChannelOrder.Gray : ChannelOrder.Bgr,
            Resize = ResizeMode.Letterbox,
            Range = one.Range == 1 ? 255 : 1,
            Mean = [.. other],
            Std = [.. other],
        };
        return change is not null && change(one) == change(another) ? null : PreprocessingGuess.Of(model, input);
    }

    private string? TakenSize(PictureInput input, InputSpec spec, Size picture)
    {
        if (!input.NeedsPictureSize)
            return null;
        InputSpec suggested = Guess?.Apply(input, picture) ?? input.Suggest(picture.Height, picture.Width);
        string source = (suggested.Height, suggested.Width) == (spec.Height, spec.Width) && model.Card.Input is null
            ? $"was taken from the picture of {picture.Height}x{picture.Width}"
            : "was given";
        return $"input '{input.Name}' declares no size, and {spec.Height}x{spec.Width} (height x width) {source}";
    }

    private void Add(RunInputs inputs, string name, TensorData tensor)
    {
        OnnxValue input = model.Graph.Inputs.FirstOrDefault(i => i.Name == name)
            ?? throw new BadInputException(
                $"{model.Source}: has no input '{name}'; its inputs are {string.Join(", ", model.Graph.Inputs)}");
        TensorData given = TensorFitting.Fit(tensor, input, model.Source);
        int samples = given.Shape.Rank == 0 ? 1 : (int)given.Shape[0];
        int batch = input.Shape is [{ Size: { } declared }, ..] && declared > samples ? FullBatch(name, (int)declared, samples) : samples;
        TensorShape shape = given.Shape.Rank == 0 ? given.Shape : new TensorShape([batch, .. given.Shape.Dims.AsSpan()[1..]]);

        OrtValue value = Allocate(given.Type, shape);
        inputs.Values.Add(name, value);
        Span<byte> bytes = value.GetTensorMutableRawData();
        given.Bytes.Span.CopyTo(bytes);
        Repeat(bytes, given.Bytes.Length);
        if (batch != samples)
            inputs.Samples = samples;
        RemarkOnBatch(inputs, name, batch, "tensor");
    }

    public void Dispose()
    {
        lock (_tensorizing)
        {
            _tensorizer?.Dispose();
            _tensorizer = null;
        }
    }

    private void Write(Mat picture, InputSpec spec, PictureInput input, Span<byte> elements)
    {
        int length = checked(spec.ChannelCount * spec.Height * spec.Width);
        float[] nchw = ArrayPool<float>.Shared.Rent(length);
        try
        {
            Span<float> values = nchw.AsSpan(0, length);
            // It has buffers of its own.
            lock (_tensorizing)
            {
                if (_tensorizer?.Spec != spec)
                {
                    _tensorizer?.Dispose();
                    _tensorizer = new PictureTensorizer(spec);
                }

                _tensorizer.ToNchw(picture, values);
            }

            ElementWriter.Write(input.Axes.ChannelsLast ? ChannelsLast(values, spec.ChannelCount) : values, input.Type, elements);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(nchw);
        }
    }

    private static float[] ChannelsLast(ReadOnlySpan<float> nchw, int channels)
    {
        int plane = nchw.Length / channels;
        float[] nhwc = new float[nchw.Length];
        for (int c = 0; c < channels; c++)
            for (int i = 0; i < plane; i++)
                nhwc[i * channels + c] = nchw[c * plane + i];
        return nhwc;
    }

    private int FullBatch(string name, int? declared, int given) => declared is null ? given
        : given <= declared ? declared.Value
        : throw new BadInputException($"{model.Source}: input '{name}' takes batches of {declared}, got {given}");

    private static void RemarkOnBatch(RunInputs inputs, string name, int batch, string what)
    {
        if (batch > inputs.Samples)
            inputs.Remarks.Add($"input '{name}' takes batches of {batch}: the {what} is repeated");
    }

    /// <summary>Fills the rest of a batch with what it starts with, over and over.</summary>
    private static void Repeat(Span<byte> bytes, int given)
    {
        for (int at = given; at < bytes.Length; at += given)
            bytes[..Math.Min(given, bytes.Length - at)].CopyTo(bytes[at..]);
    }

    // Symbols that the given inputs have bound, such as N, hold for the others too.
    private void FillRest(RunInputs inputs)
    {
        var symbols = new Dictionary<string, long>();
        foreach (OnnxValue input in model.Graph.Inputs.Where(i => i.Shape is not null && inputs.Values.ContainsKey(i.Name)))
            foreach ((Dimension dim, long size) in input.Shape!.Value.Zip(inputs.Values[input.Name].GetTensorTypeAndShape().Shape))
                if (dim.Symbol is { Length: > 0 } symbol)
                    symbols[symbol] = size;

        foreach (OnnxValue input in model.Graph.Inputs.Where(i => !inputs.Values.ContainsKey(i.Name)))
        {
            if (input.Kind != OnnxValueKind.Tensor || input.Shape is null)
                throw new BadInputException(
                    $"{model.Source}: input '{input.Name}' ({input.Kind.ToString().ToLowerInvariant()}) declares no shape, so it has"
                        + $" to be given");
            var shape = new TensorShape([.. input.Shape.Value.Select(d => d.Size ?? symbols.GetValueOrDefault(d.Symbol ?? "", 1))]);
            inputs.Values.Add(input.Name, Allocate(input.ElementType, shape));
            inputs.Remarks.Add($"input '{input.Name}' is filled with zeros {shape}");
        }

        inputs.Remarks.AddRange(Standing);
    }

    private OrtValue Allocate(ElementType type, TensorShape shape)
    {
        // ONNX and ONNX Runtime number the element types alike.
        var dims = shape.Dims.ToArray();
        if (type == ElementType.String)
            return OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, dims);
        long bytes = type.SizeInBytes(shape.Count);
        if (bytes > Array.MaxLength)
            throw new BadInputException($"{model.Source}: an input of {shape} takes {bytes} bytes, more than one run can be given");
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)type, dims);
        if (bytes > 0)
            value.GetTensorMutableRawData().Clear();
        return value;
    }
}
