using System.Collections;
using System.Text.Json.Serialization;

namespace CnnOnnx.Torch.Training;

/// <summary>Numbers with names, in an order: the loss and what else a task measures, such as the accuracy.</summary>
public sealed class Metrics : IReadOnlyList<KeyValuePair<string, double>>, IEquatable<Metrics>
{
    private readonly KeyValuePair<string, double>[] _values;

    internal Metrics(params ReadOnlySpan<(string Name, double Value)> values)
    {
        _values = new KeyValuePair<string, double>[values.Length];
        for (int i = 0; i < values.Length; i++)
            _values[i] = new(values[i].Name, values[i].Value);
    }

    /// <summary>Number of metrics.</summary>
    public int Count => _values.Length;

    /// <summary>Name and value by place.</summary>
    /// <param name="index">Place, from 0; the loss comes first.</param>
    public KeyValuePair<string, double> this[int index] => _values[index];

    /// <summary>A number by its name.</summary>
    /// <param name="name">Name such as loss or accuracy.</param>
    /// <exception cref="KeyNotFoundException">No number has this name.</exception>
    public double this[string name] => Has(name)
        ? _values.First(v => v.Key == name).Value
        : throw new KeyNotFoundException($"No metric '{name}', only {string.Join(", ", _values.Select(v => v.Key))}.");

    /// <summary>True when a number has this name.</summary>
    /// <param name="name">Name such as loss or accuracy.</param>
    public bool Has(string name) => _values.Any(v => v.Key == name);

    /// <summary>Names and values, in order.</summary>
    public IEnumerator<KeyValuePair<string, double>> GetEnumerator() => _values.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>True for the same names in the same order with the same values; NaN equals itself.</summary>
    /// <param name="other">Other metrics; never equal when null.</param>
    public bool Equals(Metrics? other) => other is not null && _values.SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Metrics);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_values.Length, _values.FirstOrDefault());

    /// <summary>Names and values in one line, such as "loss 0.1234 accuracy 0.9876".</summary>
    public override string ToString() => string.Join(' ', _values.Select(v => FormattableString.Invariant($"{v.Key} {v.Value:0.0000}")));
}

/// <summary>Metrics of a network after an epoch.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="LearningRate">Learning rate of the epoch's last step.</param>
/// <param name="Train">Means over the epoch's batches, while the network learned.</param>
/// <param name="Validation">Metrics of the validation pictures after the epoch.</param>
[JsonConverter(typeof(EpochResultConverter))]
public sealed record EpochResult(int Epoch, double LearningRate, Metrics Train, Metrics Validation);

/// <summary>Metrics of an epoch's weights on pictures that took no part in the training.</summary>
/// <param name="Epoch">Number of the epoch whose weights were measured, from 1.</param>
/// <param name="Metrics">Loss and what else the task measures, means over the pictures.</param>
[JsonConverter(typeof(EpochScoreConverter))]
public sealed record EpochScore(int Epoch, Metrics Metrics);

/// <summary>Choice of the best epoch: by one of the metrics, and where epochs are alike in it, by the smaller loss.</summary>
/// <param name="Metric">Name of a metric of the validation.</param>
/// <param name="HigherIsBetter">False for what is to become small.</param>
internal sealed record Criterion(string Metric, bool HigherIsBetter)
{
    /// <summary>Name of the metric that every task has.</summary>
    public const string Loss = "loss";

    /// <param name="epoch">The epoch in question.</param>
    /// <param name="other">The best epoch so far; null for none yet.</param>
    public bool Prefers(EpochResult epoch, EpochResult? other) => other is null || KeyOf(epoch).CompareTo(KeyOf(other)) > 0;

    private (double, double) KeyOf(EpochResult epoch)
    {
        double value = epoch.Validation[Metric];
        return (HigherIsBetter ? value : -value, -epoch.Validation[Loss]);
    }
}
