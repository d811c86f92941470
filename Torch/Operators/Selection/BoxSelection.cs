using CnnOnnx.Onnx;
using CnnOnnx.Tensors;
using static TorchSharp.torch;

namespace CnnOnnx.Torch.Operators;

/// <summary>
/// NonMaxSuppression: of each class the boxes with the best scores that do not overlap a better one of the same class.
/// Boxes [N, boxes, 4], scores [N, classes, boxes] → rows of (batch, class, box).
/// </summary>
internal static class BoxSelection
{
    public static OperatorFunction Prepare(OnnxNode node)
    {
        bool centered = node.Flag("center_point_box", false);
        return operands =>
        {
            long[] boxShape = operands[0].shape, scoreShape = operands[1].shape;
            if (boxShape.Length != 3 || scoreShape.Length != 3 || boxShape[2] != 4 || boxShape[0] != scoreShape[0]
                || boxShape[1] != scoreShape[2])
                throw operands.Fault(
                    $"has boxes {new TensorShape(boxShape)} and scores {new TensorShape(scoreShape)}, "
                    + "expected [N, boxes, 4] and [N, classes, boxes]");
            long most = operands.Optional(2) is null ? 0 : operands.Long(2);
            float overlap = operands.Optional(3) is null ? 0 : (float)operands.Number(3);
            float? leastScore = operands.Optional(4) is null ? null : (float)operands.Number(4);

            (int batches, int classes, int count) = ((int)boxShape[0], (int)scoreShape[1], (int)boxShape[1]);
            Box[] boxes = [.. operands[0].ToFloats().Chunk(4).Select(four => Box.Of(four, centered))];
            float[] scores = operands[1].ToFloats();
            var rows = new List<long>();
            for (int batch = 0; batch < batches; batch++)
                for (int label = 0; label < classes; label++)
                    foreach (int box in Choose(boxes.AsSpan(batch * count, count), scores.AsSpan((batch * classes + label) * count, count)))
                        rows.AddRange([batch, label, box]);
            return [tensor(rows.ToArray(), ScalarType.Int64, operands[0].device).reshape(-1, 3)];

            List<int> Choose(ReadOnlySpan<Box> boxes, ReadOnlySpan<float> scores)
            {
                var candidates = new List<(float Score, int Index)>();
                for (int i = 0; i < scores.Length && most > 0; i++)
                    if (leastScore is null || scores[i] > leastScore)
                        candidates.Add((-scores[i], i));
                candidates.Sort();
                var chosen = new List<int>();
                foreach ((_, int candidate) in candidates)
                {
                    if (chosen.Count >= most)
                        break;
                    bool isFree = true;
                    foreach (int better in chosen)
                        isFree = isFree && !(boxes[candidate].Overlap(boxes[better]) > overlap);
                    if (isFree)
                        chosen.Add(candidate);
                }

                return chosen;
            }
        };
    }

    private readonly record struct Box(float Top, float Left, float Bottom, float Right)
    {
        // Corners y1, x1, y2, x2 come in any order; the other form is x and y of the centre, width, height.
        public static Box Of(float[] four, bool centered) => centered
            ? new(four[1] - four[3] / 2, four[0] - four[2] / 2, four[1] + four[3] / 2, four[0] + four[2] / 2)
            : new(Math.Min(four[0], four[2]), Math.Min(four[1], four[3]), Math.Max(four[0], four[2]), Math.Max(four[1], four[3]));

        private float Area => (Bottom - Top) * (Right - Left);

        /// <summary>Intersection over union; 0 where there is no intersection.</summary>
        public float Overlap(Box other)
        {
            float height = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
            float width = Math.Min(Right, other.Right) - Math.Max(Left, other.Left);
            float common = height * width;
            return height <= 0 || width <= 0 || Area <= 0 || other.Area <= 0 ? 0 : common / (Area + other.Area - common);
        }
    }
}
