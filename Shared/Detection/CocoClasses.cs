using System.Collections.Immutable;

namespace CnnOnnx.Detection;

/// <summary>The 80 classes of the COCO data set, as Darknet and most detectors name and order them, and COCO's own numbers.</summary>
public static class CocoClasses
{
    // Numbers from 1 to 90 that COCO planned and does not use.
    private static readonly int[] Unused = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83];

    /// <summary>Names of the classes 0 to 79.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "person", "bicycle", "car", "motorbike", "aeroplane", "bus", "train", "truck", "boat", "traffic light", "fire hydrant",
        "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra",
        "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
        "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle", "wine glass", "cup", "fork",
        "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut",
        "cake", "chair", "sofa", "pottedplant", "bed", "diningtable", "toilet", "tvmonitor", "laptop", "mouse", "remote",
        "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
        "teddy bear", "hair drier", "toothbrush",
    ];

    /// <summary>COCO's number of each class, 1 to 90, in the order of <see cref="Names"/>.</summary>
    public static ImmutableArray<int> Ids { get; } = [.. Enumerable.Range(1, 90).Except(Unused)];

    /// <summary>
    /// Names of the numbers 1 to 90, for networks whose classes are COCO's numbers, such as torchvision's and TensorFlow's; unused ones
    /// are called "unused".
    /// </summary>
    public static ImmutableArray<string> NamesByNumber { get; } =
        [.. Enumerable.Range(1, 90).Select(id => Ids.IndexOf(id) is >= 0 and var index ? Names[index] : "unused")];

    /// <summary>Number of a class in result files: COCO's own where the names are COCO's, else the index from 1.</summary>
    /// <param name="index">Index of the class, from 0.</param>
    /// <param name="labels">Names of the detector's classes.</param>
    internal static int NumberOf(int index, IReadOnlyList<string> labels) =>
        index < Ids.Length && labels.SequenceEqual(Names) ? Ids[index] : index + 1;
}
