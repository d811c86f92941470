using DuckDB.NET.Data;

namespace CnnOnnx.Tests.Support;

/// <summary>DuckDB, which reads files that are written here and shares no code with what writes them.</summary>
internal sealed class Duck : IDisposable
{
    private readonly DuckDBConnection _connection = new("Data Source=:memory:");

    public Duck() => _connection.Open();

    /// <summary>A table function over all Parquet files of a folder, with columns for the parts of its folders' names.</summary>
    public static string Parquet(string folder) => $"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)";

    /// <summary>Rows of a query.</summary>
    public List<object[]> Rows(string query)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.CommandText = query;
        using DuckDBDataReader reader = command.ExecuteReader();
        var rows = new List<object[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)]);
        return rows;
    }

    /// <summary>The one number that a query gives.</summary>
    public long Number(string query) => Convert.ToInt64(Rows(query).Single()[0]);

    /// <summary>Fails unless two queries give the same rows, each as often, in any order.</summary>
    public void AssertSameRows(string expected, string actual)
    {
        Assert.AreNotEqual(0, Number($"select count(*) from ({expected})"));
        AssertHasAll(expected, actual);
        AssertHasAll(actual, expected);
    }

    public void Dispose() => _connection.Dispose();

    private void AssertHasAll(string rows, string among) =>
        Assert.AreEqual(0, Number($"select count(*) from (({rows}) except all ({among}))"), $"rows of {rows} that are not in {among}");
}
