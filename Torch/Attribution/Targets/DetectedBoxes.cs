using CnnOnnx.Detection;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using OpenCvSharp;

namespace CnnOnnx.Torch.Attribution;

/// <summary>Finds the boxes of a detector in a run, with the elements that each is made of, for targets to speak of.</summary>
internal static class DetectedBoxes
{
    /// <summary>Reads the boxes of a run on a picture.</summary>
    /// <param name="model">The model.</param>
    /// <param name="labels">Class names; null for those that the model names.</param>
    /// <param name="seen">A run on one picture, with the outputs; has to live as long as the result is asked for a place.</param>
    /// <param name="picture">Width and height of the picture in pixels.</param>
    /// <param name="shapeOf">Gives the shape of a tensor of the run.</param>
    /// <returns>Null where the outputs are of no layout that is known.</returns>
    public static DetectedScene? Of(OnnxModel model, IReadOnlyList<string>? labels, Activations seen, Size picture,
        Func<string, TensorShape?> shapeOf)
    {
        if (DetectionReader.Find(model, new DetectorOptions { Labels = labels }, seen) is not { } reader)
            return null;
        BoxOrigin[] boxes = [.. reader.Read(seen, picture).Boxes.Select(box => OriginOf(box, shapeOf))];
        return new DetectedScene(boxes, (place, index) => reader.Closest(seen, picture, place, index) is { } cell
            ? OriginOf(cell, shapeOf) : null);
    }

    private static BoxOrigin OriginOf(DetectedBox box, Func<string, TensorShape?> shapeOf)
    {
        DetectionOrigin origin = box.Origin;
        var parts = new Dictionary<BoxPart, IReadOnlyList<TargetTerm>> { [BoxPart.Cls] = [Term(origin.Class, 0, 1, shapeOf)] };
        if (origin.Objectness is { } objectness)
            parts[BoxPart.Obj] = [Term(objectness, 0, 1, shapeOf)];
        foreach ((BoxPart part, (int Element, float Weight)[] sum) in Sums(origin.Coding))
            parts[part] = [.. sum.Select(term => Term(origin.Box, term.Element, term.Weight, shapeOf))];
        return new BoxOrigin(box.Label, box.Score, box.Box, parts);
    }

    /// <summary>Centre and size as sums of the elements of the place; none where they are no sums.</summary>
    private static IEnumerable<(BoxPart Part, (int Element, float Weight)[] Sum)> Sums(BoxCoding coding) => coding switch
    {
        BoxCoding.CentreSize =>
            [(BoxPart.X, [(0, 1)]), (BoxPart.Y, [(1, 1)]), (BoxPart.W, [(2, 1)]), (BoxPart.H, [(3, 1)])],
        BoxCoding.Corners => Centres(left: 0, top: 1, right: 2, bottom: 3),
        BoxCoding.CornersYx => Centres(left: 1, top: 0, right: 3, bottom: 2),
        _ => [],
    };

    private static IEnumerable<(BoxPart Part, (int Element, float Weight)[] Sum)> Centres(int left, int top, int right, int bottom) =>
    [
        (BoxPart.X, [(left, 0.5f), (right, 0.5f)]), (BoxPart.Y, [(top, 0.5f), (bottom, 0.5f)]),
        (BoxPart.W, [(right, 1), (left, -1)]), (BoxPart.H, [(bottom, 1), (top, -1)]),
    ];

    private static TargetTerm Term(TensorElements elements, int place, float weight, Func<string, TensorShape?> shapeOf)
    {
        TensorShape shape = shapeOf(elements.Tensor)
            ?? throw new BadInputException($"tensor '{elements.Tensor}' was not kept by the run, and boxes are made of it");
        long[] index = new long[shape.Rank];
        long left = elements.Elements[place];
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
            (left, index[axis]) = Math.DivRem(left, shape[axis]);
        return new TargetTerm(elements.Tensor, index, weight);
    }
}
