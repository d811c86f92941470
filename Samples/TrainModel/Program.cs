// Trains a network on pictures of other classes and exports it, with every tensor as an output.
//
//   TrainModel MODEL.onnx PICTURES OUT.onnx EPOCHS
//
// PICTURES has a folder for each class. Ctrl-C stops; OUT.last.ckpt is then where ModelTrainer.Resume goes on from.
using CnnOnnx.Onnx;
using CnnOnnx.Torch.Training;

if (args is not [string model, string pictures, string target, string number] || !int.TryParse(number, out int epochs))
{
    Console.Error.WriteLine("usage: TrainModel MODEL.onnx PICTURES OUT.onnx EPOCHS");
    return 2;
}

try
{
    using var cancel = new CancellationTokenSource();
    Console.CancelKeyPress += (_, key) =>
    {
        key.Cancel = true;
        cancel.Cancel();
    };
    var trainer = new ModelTrainer(OnnxModel.Read(model)) { Options = TrainingOptions.FineTuning with { Epochs = epochs } };
    var progress = new Progress<TrainingProgress>(now => Console.Error.Write($"\repoch {now.Epoch}, loss {now.Loss:0.000} "));
    TrainingReport report = trainer.Run(PictureFolder.Open(pictures), target, progress, cancel.Token);
    Console.WriteLine($"best epoch {report.Best.Epoch}: {report.Best.Validation}");
    Console.WriteLine($"{target}: {report.Proof.Tensors} tensors {(report.Proof.Holds ? "agree" : "do not agree")} with ONNX Runtime");
    return report.Proof.Holds ? 0 : 1;
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception fault) when (fault is CnnOnnx.BadInputException or FileNotFoundException)
{
    Console.Error.WriteLine($"error: {fault.Message}");
    return 2;
}
