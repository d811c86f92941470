using CnnOnnx.Visualizer.Dump;

namespace CnnOnnx.Tests.Dump;

[TestClass]
public sealed class MemoryPlanTests
{
    [TestMethod]
    [DataRow(100, "a b c d", 10, DisplayName = "everything fits")]
    [DataRow(10, "a b c d", 10, DisplayName = "exactly")]
    [DataRow(9, "a b c|d", 6, DisplayName = "the last one is too much")]
    [DataRow(4, "a b|c|d", 4, DisplayName = "one that is as large as the budget")]
    [DataRow(1, "a|b|c|d", 4, DisplayName = "larger ones are alone")]
    public void For_Budget_FillsGroupsInOrder(int budget, string groups, int largest)
    {
        MemoryPlan plan = MemoryPlan.For([("a", 1), ("b", 2), ("c", 3), ("d", 4)], budget);
        Assert.AreEqual(groups, string.Join('|', plan.Groups.Select(g => string.Join(' ', g))));
        Assert.AreEqual((10L, (long)largest), (plan.Total, plan.Largest));
    }

    [TestMethod]
    public void For_AnySizes_LosesAndDoublesNothing()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            (string Name,
                long Bytes)[] tensors = [.. Enumerable.Range(0, random.Next(1, 40)).Select(i => ($"t{i}", random.NextInt64(0, 1000)))];
            long budget = random.NextInt64(1, 3000);
            MemoryPlan plan = MemoryPlan.For(tensors, budget);
            CollectionAssert.AreEqual(tensors.Select(t => t.Name).ToArray(), plan.Groups.SelectMany(g => g).ToArray());
            var bytes = tensors.ToDictionary(t => t.Name, t => t.Bytes);
            Assert.IsTrue(plan.Groups.All(g => g.Count == 1 || g.Sum(name => bytes[name]) <= budget));
        }
    }

    [TestMethod]
    [DataRow(19, false)]
    [DataRow(20, true)]
    public void LeavesRoomFor_TwoRuns_NeedsTwice(int budget, bool room) =>
        Assert.AreEqual(room, MemoryPlan.For([("a", 4), ("b", 6)], budget).LeavesRoomFor(budget));

    [TestMethod]
    public void Describe_SeveralGroups_SaysTotalBudgetAndRuns() => Assert.AreEqual(
        "memory: the tensors of a run take 3 KiB, the budget is 2 KiB: 2 runs of up to 2 KiB",
        MemoryPlan.For([("a", 1024), ("b", 1024), ("c", 1024)], 2048).Describe(2048));
}
