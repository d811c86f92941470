using System.Text.Json;
using CnnOnnx.Inference;
using CnnOnnx.Onnx;
using CnnOnnx.Statistics;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using CnnOnnx.Visualizer.Survey;

namespace CnnOnnx.Tests.Statistics;

[TestClass]
public sealed class ChannelSurveyTests
{
    private const int Side = 5, Area = Side * Side;

    [TestMethod]
    public void Result_OfKnownChannels_NamesEachKind()
    {
        // 0 noise, 1 dead, 2 constant, 3 = 0, 4 noise, 5 = 2·(0) + 1, 6 = −(4), 7 noise that only now and then differs from 0
        SurveyRecord result = Survey("Identity", 8, pictures: 6, (random, map, picture) =>
        {
            Noise(random, map[0]);
            map[2].AsSpan().Fill(0.5f);
            map[0].CopyTo(map[3], 0);
            Noise(random, map[4]);
            for (int i = 0; i < Area; i++)
                (map[5][i], map[6][i]) = (2 * map[0][i] + 1, -map[4][i]);
            if (picture == 4)
                map[7][3] = 0.1f;
        }, out ChannelHealth[] _);

        SurveyRecord.Layer layer = result.Layers.Single(l => l.Name == "y");
        CollectionAssert.AreEqual(new[] { 1 }, layer.Dead);
        CollectionAssert.AreEqual(new[] { 2 }, layer.Constant);
        CollectionAssert.AreEqual(new[] { 3, 5, 6 }, layer.Duplicate);
        Assert.IsEmpty(layer.Saturated);
        Assert.IsNull(result.FirstNonFinite);
        Assert.AreEqual("survey of 6 pictures: of 8 channels 1 dead, 1 constant, 0 saturated, 3 duplicate; no NaN, no infinity",
            result.ToString());
    }

    [TestMethod]
    public void Judge_OfDuplicates_TellsWhichAndHow()
    {
        Survey("Identity", 4, pictures: 3, (random, map, _) =>
        {
            Noise(random, map[0]);
            map[0].CopyTo(map[1], 0);
            for (int i = 0; i < Area; i++)
                (map[2][i], map[3][i]) = (100 - 3 * map[0][i], 0.25f * map[0][i]);
        }, out ChannelHealth[] channels);

        Assert.AreEqual((0, "identical"), (channels[1].DuplicateOf, channels[1].Relation));
        Assert.AreEqual((0, "anticorrelated"), (channels[2].DuplicateOf, channels[2].Relation));
        Assert.AreEqual((0, "correlated"), (channels[3].DuplicateOf, channels[3].Relation));
        Assert.IsNull(channels[0].DuplicateOf);
    }

    [TestMethod]
    public void Judge_OfManyDifferentChannels_FindsNoDuplicate()
    {
        Survey("Identity", 512, pictures: 2, (random, map, _) =>
            Array.ForEach(map, own => Noise(random, own)), out ChannelHealth[] channels);
        Assert.IsTrue(channels.All(c => c.State == "ok"));
    }

    // 1 % of noise: correlation 0.99995 is high, and still not the same.
    [TestMethod]
    public void Judge_OfAlmostEqualChannels_FindsNoDuplicate()
    {
        Survey("Identity", 2, pictures: 4, (random, map, _) =>
        {
            Noise(random, map[0]);
            for (int i = 0; i < Area; i++)
                map[1][i] = map[0][i] + 0.01f * random.NextSingle();
        }, out ChannelHealth[] channels);
        Assert.IsNull(channels[1].DuplicateOf);
    }

    // Equal in one picture, different in the next: the sum over pictures alone would not tell.
    [TestMethod]
    public void Judge_OfChannelsThatSwapPictures_FindsNoDuplicate()
    {
        float[] a = new float[Area], b = new float[Area];
        Noise(new Random(1), a);
        Noise(new Random(2), b);
        Survey("Identity", 2, pictures: 2, (_, map, picture) =>
            (map[0], map[1]) = picture == 0 ? (a, b) : (b, a), out ChannelHealth[] channels);
        Assert.IsNull(channels[1].DuplicateOf);
    }

    [TestMethod]
    public void Result_OfClip_CountsItsUpperBoundAsSaturated()
    {
        SurveyRecord result = Survey("Clip", 3, pictures: 2, (random, map, _) =>
        {
            map[0].AsSpan().Fill(9);
            map[0][4] = 1;
            map[1][0] = 7;
            Noise(random, map[2]);
        }, out ChannelHealth[] channels);

        CollectionAssert.AreEqual(new[] { 0 }, result.Layers.Single(l => l.Name == "y").Saturated);
        Assert.AreEqual((Area - 1.0) / Area, channels[0].Saturated, 1e-12);
        Assert.AreEqual(1.0 / Area, channels[1].Saturated, 1e-12);
        Assert.AreEqual(0, channels[2].Saturated);
    }

    [TestMethod]
    public void Result_WithNaN_NamesTheFirstTensorAndPicture()
    {
        SurveyRecord result = Survey("Sqrt", 2, pictures: 3, (random, map, picture) =>
        {
            Array.ForEach(map, own => Noise(random, own));
            if (picture == 1)
                map[1][7] = -10;
        }, out ChannelHealth[] channels);

        Assert.AreEqual(new NonFiniteRecord("picture 1", 0, "y", 1, 0), result.FirstNonFinite);
        Assert.AreEqual(1, result.PicturesWithNonFinite);
        Assert.AreEqual("nonfinite", channels[1].State);
        Assert.AreEqual("ok", channels[0].State);
    }

    [TestMethod]
    public void Write_MakesATableAndASummary()
    {
        using var folder = new TemporaryFolder();
        using var session = Session("Identity", 2);
        var survey = new ChannelSurvey(session.Model.Graph);
        using (Activations seen = session.Run(TensorData.FromArray(new float[2 * Area], new TensorShape(1, 2, Side, Side))))
            survey.Add("x", seen);

        survey.Write(folder.Path);

        string[] lines = File.ReadAllLines(folder.File("channels.csv"));
        Assert.AreEqual("tensor,op,channel,state,values,min,max,mean,std,zeros,saturated,nan,inf,duplicate_of,relation,comes_from",
            lines[0]);
        Assert.AreEqual("y,Identity,0,dead,25,0,0,0,0,1,0,0,0,,,", lines[1]);
        Assert.AreEqual("z,Relu,0,dead,25,0,0,0,0,1,0,0,0,,,y", lines[3]);
        Assert.HasCount(1 + 2 + 2, lines);
        JsonElement summary = JsonDocument.Parse(File.ReadAllText(folder.File("survey.json"))).RootElement;
        Assert.AreEqual((2, 2), (summary.GetProperty("dead").GetInt32(), summary.GetProperty("copies").GetInt32()));
    }

    private static SurveyRecord Survey(string op, int channels, int pictures, Action<Random, float[][], int> fill,
        out ChannelHealth[] health)
    {
        var random = new Random(11);
        using var session = Session(op, channels, chosen: "y");
        var survey = new ChannelSurvey(session.Model.Graph);
        var layer = new LayerSurvey(0, "y", op, channels);
        SaturationBounds bounds = SaturationBounds.Of(session.Model.Graph, "y");
        for (int picture = 0; picture < pictures; picture++)
        {
            float[][] maps = [.. Enumerable.Range(0, channels).Select(_ => new float[Area])];
            fill(random, maps, picture);
            using Activations seen = session.Run(TensorData.FromArray([.. maps.SelectMany(m => m)],
                new TensorShape(1, channels, Side, Side)));
            survey.Add($"picture {picture}", seen);
            layer.Add(SurveyedMaps.Of("y", op, seen["y"].Values, seen["y"].Shape, 0, TensorNumbers.Of(seen["y"]).Channels, bounds),
                picture);
        }

        health = layer.Judge();
        return survey.Result();
    }

    // x → op → y → Relu → z
    private static ActivationSession Session(string op, int channels, string? chosen = null)
    {
        var graph = new GraphBuilder("survey");
        string x = graph.Input("x", ElementType.Float, 1, channels, Side, Side);
        string[] bounds = op != "Clip" ? []
            : [graph.Initializer("low", TensorData.FromArray([0f], TensorShape.Scalar)),
                graph.Initializer("high", TensorData.FromArray([6f], TensorShape.Scalar))];
        string y = graph.Node(op, "y", [x, .. bounds]);
        string z = graph.Node("Relu", "z", [y]);
        graph.Output(z, ElementType.Float, 1, channels, Side, Side);
        return ActivationSession.Open(graph.Build(), new ActivationOptions { Tensors = chosen is null ? [] : [chosen] });
    }

    private static void Noise(Random random, float[] map)
    {
        for (int i = 0; i < map.Length; i++)
            map[i] = random.NextSingle();
    }
}
