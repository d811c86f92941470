using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>What is trained, on what and how: all that a stopped training needs to go on.</summary>
/// <param name="Model">Name of an architecture, or path of an ONNX file.</param>
/// <param name="Data">Folder of the data set.</param>
/// <param name="Out">Path of the ONNX file to write; everything else goes beside it.</param>
/// <param name="Input">How pictures come into the network.</param>
internal sealed record TrainingPlan(string Model, string Data, string Out, InputSpec Input, TrainingOptions Options);
