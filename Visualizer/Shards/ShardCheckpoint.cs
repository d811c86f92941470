using System.Text;
using CnnOnnx.Files;
using CnnOnnx.Visualizer.Survey;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Visualizer.Shards;

/// <summary>
/// How far a shard is whose inputs get no folders: survey.part, written now and then at the end of a batch. Of a shard whose inputs get
/// folders these say it.
/// </summary>
/// <param name="folder">Folder of the shard.</param>
/// <param name="identity">See <see cref="ShardPlan.IdentityOf"/>.</param>
internal sealed class ShardCheckpoint(string folder, string identity)
{
    public const string FileName = "survey.part";

    // What is lost at most with a worker that is killed.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private DateTime _last = DateTime.UtcNow;

    /// <summary>True when some time has gone by since the last one.</summary>
    public bool IsDue => DateTime.UtcNow - _last >= Interval;

    /// <summary>Writes how far the shard is.</summary>
    /// <param name="next">Number of the first input that is still to be done.</param>
    /// <param name="lines">What became of those before it.</param>
    /// <param name="totals">What was found in those before it.</param>
    /// <param name="rows">What the tables have of them; null without tables.</param>
    public void Write(long next, ShardLines lines, SurveyTotals totals, RowSpool? rows)
    {
        IReadOnlyList<string> files = rows?.Seal(next) ?? [];
        AtomicFile.Write(Path.Combine(folder, FileName), file =>
        {
            using var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
            writer.Write(identity);
            writer.Write(next);
            writer.Write(files.Count);
            foreach (string name in files)
                writer.Write(name);
            lines.CopyTo(writer);
            totals.WriteTo(file);
        });
        _last = DateTime.UtcNow;
    }

    /// <summary>Goes on from where an earlier run ended.</summary>
    /// <param name="lines">Gets what became of the inputs that are done.</param>
    /// <param name="first">Number of the first input of the shard.</param>
    /// <param name="rows">Gets what the tables have of them; null without tables.</param>
    /// <returns>Number of the first input that is still to be done, and what was found; null when there is nothing to go on from.</returns>
    public (long Next, SurveyTotals Totals)? Read(ShardLines lines, long first, RowSpool? rows)
    {
        try
        {
            using var file = new BufferedStream(File.OpenRead(Path.Combine(folder, FileName)), 1 << 20);
            using var reader = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
            if (reader.ReadString() != identity)
                return null;
            long next = reader.ReadInt64();
            var files = new string[reader.ReadInt32()];
            for (int i = 0; i < files.Length; i++)
                files[i] = reader.ReadString();
            if (rows is not null && !rows.GoOn(files, next))
                return null;
            lines.CopyFrom(reader);
            return (next, SurveyTotals.ReadFrom(file, first));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Takes it away: the shard is done.</summary>
    public void Delete() => File.Delete(Path.Combine(folder, FileName));
}
