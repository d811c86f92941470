namespace CnnOnnx.Detection;

/// <summary>A layout of heads, and how it is recognised.</summary>
/// <param name="Name">Name of the layout, for people.</param>
/// <param name="Recognise">Finds the head in a model's facts; null where it is another's.</param>
internal sealed record LayoutRow(string Name, Func<HeadFacts, RecognisedHead?> Recognise);

/// <summary>
/// All layouts that are known. What says most about itself is asked first: a card, names that only one family uses, metadata; then
/// shapes that only one layout has. What two layouts could be is no layout's: it is never guessed.
/// </summary>
internal static class LayoutTable
{
    /// <summary>The layouts in the order in which they are asked.</summary>
    public static IReadOnlyList<LayoutRow> Rows { get; } =
    [
        new("YOLOv2, v3 and v4 with a model card", DarknetLayouts.OfCard),
        new("tiny-yolov2 (VOC, model zoo)", DarknetLayouts.OfTinyYolov2),
        new("yolov4 (TensorFlow, model zoo)", DarknetLayouts.OfTensorFlow),
        new("yolov3 (Keras, model zoo)", DarknetLayouts.OfKeras),
        new("YOLOv4 with boxes and confs (PyTorch)", DarknetLayouts.OfBoxesAndConfidences),
        new("ultralytics v3 and v5, YOLOv7", UltralyticsLayouts.OfRows),
        new("ultralytics v8, v9, v11, v12", UltralyticsLayouts.OfPlanes),
        new("ultralytics end to end (v10, v26, nms=True)", UltralyticsLayouts.OfEndToEnd),
        new("YOLOv7 end to end", UltralyticsLayouts.OfYolov7EndToEnd),
        new("RT-DETR (ultralytics)", UltralyticsLayouts.OfTransformer),
        new("YOLOX", AnchorFreeLayouts.OfYolox),
        new("YOLOv6", AnchorFreeLayouts.OfYolov6),
        new("NanoDet-Plus", AnchorFreeLayouts.OfNanoDetPlus),
        new("NanoDet", AnchorFreeLayouts.OfNanoDet),
        new("FastestDet", AnchorFreeLayouts.OfFastestDet),
        new("YuNet", FaceLayouts.OfYuNet),
        new("UltraFace", FaceLayouts.OfUltraFace),
        new("SSD300 (torchvision's priors)", SuppressedLayouts.OfSsd300),
        new("TensorFlow Object Detection", SuppressedLayouts.OfTensorFlow),
        new("SSD with NMS inside (model zoo)", SuppressedLayouts.OfSsdZoo),
        new("torchvision detectors (Faster R-CNN, RetinaNet, SSD) with NMS inside", SuppressedLayouts.OfTorchvision),
        new("Faster R-CNN (maskrcnn-benchmark, model zoo)", SuppressedLayouts.OfMaskRcnnBenchmark),
    ];

    // What comes near a layout and is none: why, and what helps.
    private static readonly Func<HeadFacts, string?>[] Hints =
        [UltralyticsLayouts.Hint, DarknetLayouts.Hint, AnchorFreeLayouts.Hint, SuppressedLayouts.Hint];

    /// <summary>Finds the head of a model; null when it is of no layout that is known.</summary>
    public static RecognisedHead? Find(HeadFacts facts) =>
        UltralyticsLayouts.OtherTask(facts) is not null ? null
        : Rows.Select(row => row.Recognise(facts)).FirstOrDefault(head => head is not null);

    /// <summary>Makes the refusal of a model whose head is not known: what its outputs are, and what would be known.</summary>
    public static OnnxException Unknown(HeadFacts facts)
    {
        string known = $"known are {string.Join("; ", Rows.Select(row => row.Name))}";
        string? reason = UltralyticsLayouts.OtherTask(facts) ?? Hints.Select(hint => hint(facts)).FirstOrDefault(h => h is not null);
        return new OnnxException(facts.Model.Source, $"its outputs {facts.Describe()} are of no detection head that is known: "
            + (reason ?? known));
    }
}
