using CnnOnnx.Inputs;

namespace CnnOnnx.Tests.Inputs;

[TestClass]
public sealed class WorkAheadTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Ahead_SlowConsumer_NeverHasMoreInTheMaking(int ahead)
    {
        int made = 0, taken = 0, most = 0;
        IEnumerable<int> source = Enumerable.Range(0, 50).Select(i =>
        {
            most = Math.Max(most, Interlocked.Increment(ref made) - Volatile.Read(ref taken));
            return i;
        });
        var seen = new List<int>();
        foreach (int item in source.Ahead(ahead, CancellationToken.None))
        {
            seen.Add(item);
            Thread.Sleep(1);
            Interlocked.Increment(ref taken);
        }

        CollectionAssert.AreEqual(Enumerable.Range(0, 50).ToArray(), seen);
        // One is in use, the others are ahead of it.
        Assert.AreEqual(ahead + 1, most);
    }

    [TestMethod]
    public void Ahead_FaultInTheSource_ComesAfterTheItemsBeforeIt()
    {
        var seen = new List<int>();
        var fault = Assert.ThrowsExactly<BadInputException>(() => seen.AddRange(Failing().Ahead(2, CancellationToken.None)));
        Assert.AreEqual("third", fault.Message);
        CollectionAssert.AreEqual(new[] { 1, 2 }, seen);

        static IEnumerable<int> Failing()
        {
            yield return 1;
            yield return 2;
            throw new BadInputException("third");
        }
    }

    [TestMethod]
    public void Ahead_ConsumerThatStops_DisposesWhatNobodyTook()
    {
        var items = new List<Item>();
        foreach (Item item in Endless().Ahead(3, CancellationToken.None))
        {
            item.Dispose();
            if (items.Count >= 4)
                break;
            Thread.Sleep(1);
        }

        Assert.IsTrue(items.TrueForAll(i => i.IsDisposed), $"{items.Count(i => !i.IsDisposed)} of {items.Count} are left");

        IEnumerable<Item> Endless()
        {
            while (true)
            {
                var item = new Item();
                items.Add(item);
                yield return item;
            }
        }
    }

    [TestMethod]
    public void Ahead_Cancelled_Stops()
    {
        using var cancel = new CancellationTokenSource();
        int seen = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (int _ in Enumerable.Repeat(1, int.MaxValue).Ahead(1, cancel.Token))
                if (++seen == 3)
                    cancel.Cancel();
        });
        Assert.IsLessThan(6, seen);
    }

    private sealed class Item : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
