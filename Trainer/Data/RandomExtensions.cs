namespace CnnOnnx.Trainer.Data;

/// <summary>Random numbers as drawing needs them.</summary>
internal static class RandomExtensions
{
    extension(Random random)
    {
        public double Between(double low, double high) => low + ((high - low) * random.NextDouble());

        public bool Chance(double probability) => random.NextDouble() < probability;
    }
}
