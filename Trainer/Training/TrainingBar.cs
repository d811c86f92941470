using CnnOnnx.Cli;
using CnnOnnx.Torch.Training;
using static TorchSharp.torch;

namespace CnnOnnx.Trainer.Training;

/// <summary>A training with a bar, a line for each epoch, and a line that says how to go on when it is stopped.</summary>
internal static class TrainingBar
{
    /// <param name="plan">Options, and where checkpoints go.</param>
    /// <param name="task">The task, whose network is trained in place.</param>
    /// <param name="data">The pictures.</param>
    /// <param name="device">Device of the network.</param>
    /// <param name="stopped">Checkpoint to go on from; null to begin.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TrainingPosition Train(TrainingPlan plan, TrainingTask task, TrainingData data, Device device,
        (Checkpoint Checkpoint, string Path)? stopped, Terminal terminal, CancellationToken cancel)
    {
        Progress? bar = null;
        void Tell(TrainingProgress now)
        {
            if (now.Done is { } epoch)
                bar!.Note($"epoch {epoch.Epoch,2}/{now.Epochs}  train {epoch.Train}  validation {epoch.Validation}");
            else
                bar!.Advance(now.Pictures, $"epoch {now.Epoch}/{now.Epochs}{(double.IsNaN(now.Loss) ? "" : $", loss {now.Loss:0.0000}")}");
        }

        using var run = new TrainingRun(plan, task, data, device) { OnProgress = Tell };
        TellRates(plan, run.Rates, terminal);
        if (stopped is { } at)
            run.Restore(at.Checkpoint, at.Path);
        try
        {
            using (bar = terminal.Start("training", run.PicturesLeft, "pictures"))
                run.Run(cancel);
        }
        catch (OperationCanceledException)
        {
            terminal.Note($"stopped in epoch {run.Position.Epoch + 1} of {plan.Options.Epochs}; "
                + $"go on with: trainer train --resume {plan.Files.LastCheckpoint}");
            throw;
        }

        if (run.IsStopped)
            terminal.Note($"stopped after epoch {run.Position.Epoch}: none of the last {plan.Options.Patience} was better "
                + $"({plan.Options.PatienceOn})");
        return run.Position;
    }

    private static void TellRates(TrainingPlan plan, LearningRates rates, Terminal terminal)
    {
        if (plan.Options.Rates.AreEqual)
            return;
        var table = new TextTable("group", "weights", ">numbers", ">rate");
        foreach (RateGroup group in rates.Groups)
            table.Add(group.Name, group.Title, $"{group.Numbers:N0}", $"{plan.Options.LearningRate * group.Factor:0.######}");
        foreach (string line in table.Lines())
            terminal.Note(line);
    }
}
