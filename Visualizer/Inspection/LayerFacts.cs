namespace CnnOnnx.Visualizer.Inspection;

/// <summary>One tensor that a node of the model makes.</summary>
/// <param name="Index">Of the tensor, in the order in which they are made; file names of dumps start with it.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="Op">Its type, with the domain when that is not ai.onnx.</param>
/// <param name="Output">Name of the tensor.</param>
/// <param name="Type">Of its elements; "?" when not known.</param>
/// <param name="Shape">As far as it is known without a run; null when not even the rank is.</param>
/// <param name="Parameters">Elements of the weights that the node is the first to use; given with its first tensor.</param>
/// <param name="Drawing">What a dump draws of it: maps, matrix, bars, number, or why nothing.</param>
internal sealed record LayerFacts(
    int Index, string Node, string Op, string Output, string Type, string[]? Shape, long Parameters, string Drawing);
