using CnnOnnx.Imaging;

namespace CnnOnnx.Torch.Training;

/// <summary>Preprocessing and options that belong together, under a name, for any network.</summary>
/// <param name="Name">Name on a command line.</param>
/// <param name="Input">Preprocessing of the pictures.</param>
/// <param name="Options">Options of the training.</param>
internal sealed record Recipe(string Name, InputSpec Input, TrainingOptions Options)
{
    // Keras' learning rate 1e-5 · 0.99^(epoch + 50), of which the schedule is 0.99^epoch.
    private const double XrayRate = 1e-5, XrayDecay = 0.99;
    private const int XrayEpochsBefore = 50;

    public static Recipe[] Rows { get; } =
    [
        // Chest X-rays, as a Keras network with MobileNetV2 below was trained. Its last layer has a sigmoid, and TensorFlow's
        // sparse_categorical_crossentropy takes the values before that into a softmax; the sigmoid changes no answer and is left out.
        // Its l2(0.1) adds 0.1 · Σw² to the loss and so 0.2 · w to the gradient.
        new("xray", new InputSpec { Size = new(100, 100) }, new TrainingOptions
        {
            Epochs = 50,
            Batch = 32,
            Optimizer = "adam",
            LearningRate = XrayRate * Math.Pow(XrayDecay, XrayEpochsBefore),
            Schedule = "decay",
            Augment = "flip,flip-vertical,rotate=0.2,contrast=1,zoom=0.5:0.2,translate=0.3:0.5",
            Head = "xray",
            HeadDecay = 0.2,
            Patience = 10,
            PatienceOn = EarlyStopping.Training,
        }),
    ];

    public static Recipe? Find(string? name) => Array.Find(Rows, row => row.Name == name);
}
