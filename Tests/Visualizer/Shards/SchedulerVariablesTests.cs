using CnnOnnx.Visualizer.Shards;

namespace CnnOnnx.Tests.Shards;

/// <summary>Variables as the manuals of the schedulers describe them, for a plan of 8 shards.</summary>
[TestClass]
public sealed class SchedulerVariablesTests
{
    [TestMethod]
    [DataRow("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_STEP=1", 5)]
    [DataRow("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_STEP=1", 4)]
    [DataRow("SLURM_ARRAY_TASK_ID=30 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=10", 2)]
    // Two tasks of an array that are started again: --array=3,7.
    [DataRow("SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_STEP=1", 7)]
    // An array task is a job of one process.
    [DataRow("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=0 SLURM_PROCID=0 SLURM_NTASKS=1", 5)]
    [DataRow("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_MIN=0 SLURM_PROCID=0", 5)]
    [DataRow("SLURM_PROCID=3 SLURM_NTASKS=8", 3)]
    [DataRow("JOB_COMPLETION_INDEX=6", 6)]
    [DataRow("AWS_BATCH_JOB_ARRAY_INDEX=0", 0)]
    [DataRow("PBS_ARRAY_INDEX=8", 7)]
    [DataRow("SGE_TASK_ID=1 SGE_TASK_FIRST=1 SGE_TASK_STEPSIZE=1", 0)]
    [DataRow("SGE_TASK_ID=12 SGE_TASK_FIRST=10 SGE_TASK_STEPSIZE=2", 1)]
    [DataRow("SGE_TASK_ID=undefined RANK=2 WORLD_SIZE=8", 2)]
    [DataRow("LSB_JOBINDEX=8", 7)]
    [DataRow("LSB_JOBINDEX=0 JOB_COMPLETION_INDEX=1", 1)]
    [DataRow("RANK=4 WORLD_SIZE=8", 4)]
    [DataRow("JOB_COMPLETION_INDEX=4 RANK=4 WORLD_SIZE=8", 4)]
    public void Read_Variables_GiveTheShard(string environment, int shard) => Assert.AreEqual(shard, Read(environment).Shard);

    [TestMethod]
    [DataRow("", "--shard is auto, but no scheduler says which shard this is: expected one of SLURM_ARRAY_TASK_ID, SLURM_PROCID, "
        + "JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, PBS_ARRAY_INDEX, SGE_TASK_ID, LSB_JOBINDEX, RANK; or give --shard I/8")]
    [DataRow("RANK=1 WORLD_SIZE=4", "--shard is auto, but no scheduler says which shard this is: expected one of SLURM_ARRAY_TASK_ID, "
        + "SLURM_PROCID, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, PBS_ARRAY_INDEX, SGE_TASK_ID, LSB_JOBINDEX, RANK "
        + "(RANK is one of 4, not of 8); or give --shard I/8")]
    [DataRow("JOB_COMPLETION_INDEX=1 RANK=2 WORLD_SIZE=8", "--shard is auto, but two variables disagree: "
        + "JOB_COMPLETION_INDEX=1 is shard 1, RANK=2 is shard 2; give --shard I/8")]
    [DataRow("JOB_COMPLETION_INDEX=8", "JOB_COMPLETION_INDEX=8 is shard 8, but the plan has shards 0 to 7")]
    [DataRow("PBS_ARRAY_INDEX=0", "PBS_ARRAY_INDEX=0 is shard -1, but the plan has shards 0 to 7")]
    public void Read_NothingOrTwoThings_IsOneLine(string environment, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<BadInputException>(() => Read(environment)).Message);

    [TestMethod]
    public void Read_SaysWhichVariableItTook() => Assert.AreEqual("RANK=4", Read("RANK=4 WORLD_SIZE=8").Source);

    private static (int Shard, string Source) Read(string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return SchedulerVariables.Read(8, variables.GetValueOrDefault);
    }
}
