namespace CnnOnnx.Visualizer.Live;

/// <summary>What a key means.</summary>
internal enum LiveKey
{
    NextLayer,
    PreviousLayer,
    NextChannel,
    PreviousChannel,
    AllChannels,
    Freeze,
    Colormap,
    Scaling,
    Larger,
    Smaller,
    NextPicture,
    Help,
    Quit,
}
