namespace CnnOnnx.Trainer.Data;

/// <summary>What drawing asks of random numbers.</summary>
internal static class RandomExtensions
{
    extension(Random random)
    {
        public double Between(double low, double high) => low + ((high - low) * random.NextDouble());

        public bool Chance(double probability) => random.NextDouble() < probability;
    }
}
