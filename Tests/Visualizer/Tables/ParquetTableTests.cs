using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Tables;

namespace CnnOnnx.Tests.Tables;

[TestClass]
public sealed class ParquetTableTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly Duck _duck = new();

    [TestCleanup]
    public void DeleteFolder()
    {
        _duck.Dispose();
        _folder.Dispose();
    }

    /// <summary>Rows of several row groups; lists that are empty, and numbers that are none.</summary>
    [TestMethod]
    public void Rows_OfAnyLength_AreReadByDuckDb()
    {
        const int Count = 70_000;
        string path = _folder.File("part.parquet");
        (NumberColumn<long> number, TextColumn text, ListColumn<float> list, TextListColumn words) =
            (new("number"), new("text"), new("list"), new("words"));
        using (var table = new ParquetTable(path, number, text, list, words))
        {
            for (int i = 0; i < Count; i++)
            {
                number.Add(i);
                text.Add(i % 2 == 0 ? "" : $"ü {i % 100}");
                list.Add(new[] { i, float.NaN, -1 }.AsSpan(0, i % 4));
                words.Add(["a", .. Enumerable.Repeat("b", i % 3)]);
                table.EndRow();
            }

            Assert.IsFalse(File.Exists(path), "It is in its place when it is whole.");
            table.Commit();
        }

        Assert.AreEqual(3, _duck.Number($"select count(distinct row_group_id) from parquet_metadata('{path}')"));
        Assert.AreEqual(Count, _duck.Number($"select count(*) from '{path}' where "
            + "text = (case when number % 2 = 0 then '' else 'ü ' || (number % 100) end) and len(list) = number % 4 "
            + "and (number % 4 = 0 or list[1] = number::float) and (number % 4 < 2 or isnan(list[2])) and (number % 4 < 3 or list[3] = -1) "
            + "and words = list_concat(['a'], (case number % 3 when 0 then [] when 1 then ['b'] else ['b', 'b'] end))"));
        CollectionAssert.AreEqual(new object[] { "FLOAT[]", "VARCHAR[]", "BIGINT" },
            _duck.Rows($"select typeof(list), typeof(words), typeof(number) from '{path}' limit 1").Single());
    }

    [TestMethod]
    public void Rows_OfATableThatIsGivenUp_LeaveNothing()
    {
        var number = new NumberColumn<long>("number");
        using (var table = new ParquetTable(_folder.File("tables", "part.parquet"), number))
        {
            number.Add(1);
            table.EndRow();
        }

        Assert.IsFalse(Directory.Exists(_folder.File("tables")));
    }
}
