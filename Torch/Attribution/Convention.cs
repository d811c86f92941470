namespace CnnOnnx.Torch.Attribution;

/// <summary>
/// Whose numbers are computed where papers and tools differ: epsilons, defaults and the odd departure from a paper. Each is proven by
/// vectors that the tool itself gave.
/// </summary>
public enum Convention
{
    /// <summary>The formula of the method's paper; the default.</summary>
    Paper,

    /// <summary>The numbers of pytorch-grad-cam.</summary>
    PytorchGradCam,

    /// <summary>The numbers of torch-cam, as it executes and not as it documents.</summary>
    TorchCam,

    /// <summary>The numbers of Captum.</summary>
    Captum,

    /// <summary>The numbers of pytorch-cnn-visualizations.</summary>
    PytorchCnnVisualizations,
}
