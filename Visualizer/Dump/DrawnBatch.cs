using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Visualizer.Dump;

/// <summary>
/// A batch whose tensors are drawn. What its folders still lack is known only at the end: report and manifest. Owns the batch.
/// </summary>
internal sealed class DrawnBatch(DumpBatch batch) : IDisposable
{
    public DumpBatch Batch { get; } = batch;

    /// <summary>One a target; none when the batch could not be run.</summary>
    public List<DumpFolder> Folders { get; } = [];

    /// <summary>One a target; null when there is no survey.</summary>
    public SurveyedPicture?[] Surveyed { get; } = new SurveyedPicture?[batch.Targets.Count];

    public void Dispose()
    {
        Folders.ForEach(folder => folder.Dispose());
        Batch.Dispose();
    }
}
