using CnnOnnx.Formats;
using CnnOnnx.Inference;
using CnnOnnx.Inputs;
using CnnOnnx.Tensors;
using CnnOnnx.Tests.Support;
using OpenCvSharp;

namespace CnnOnnx.Tests.Inputs;

/// <summary>The walk as a program of its own uses it: no command line, no folder of results.</summary>
[TestClass]
public sealed class InputWalkTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly ActivationSession _session = ActivationSession.Open(SmallNetworks.LeNet());

    [TestCleanup]
    public void DeleteFolder()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void Runs_Folder_GivesEachInputsTensorsInOrder()
    {
        string folder = Pictures(3);
        NpyFile.Write(Path.Combine(folder, "x.npy"), TensorData.FromArray(new float[28 * 28], new TensorShape(1, 1, 28, 28)));
        var seen = new List<string>();
        foreach (InputRun run in new InputWalk(_session).Runs(InputList.Of([folder]).Items()))
        {
            using InputRun done = run;
            Assert.IsNull(run.Fault);
            ReadInput read = run.Inputs.Single();
            using Activations expected = read.Input!.Picture is { } picture ? _session.Run(picture) : _session.Run(read.Input.Tensor!);
            CollectionAssert.AreEqual(expected["logits"].Values.ToArray(), run.Seen!["logits"].Values.ToArray(), read.Item.Path);
            Assert.IsGreaterThan(0, run.Milliseconds);
            seen.Add(read.Item.Name);
        }

        Assert.AreEqual("0 1 2 x", string.Join(' ', seen));
    }

    [TestMethod]
    public void Runs_WhatCannotBeReadOrRun_SaysSoInItsPlace()
    {
        string folder = Pictures(3);
        File.WriteAllText(Path.Combine(folder, "1.png"), "no picture");
        NpyFile.Write(Path.Combine(folder, "wrong.npy"), TensorData.FromArray(new float[7], new TensorShape(1, 7)));
        string clip = _folder.File("gone.avi");
        var faults = new List<string?>();
        foreach (InputRun run in new InputWalk(_session) { Batch = 2 }.Runs(InputList.Of([folder, clip]).Items()))
        {
            using InputRun done = run;
            Assert.AreEqual(run.Fault is null, run.Seen is not null);
            Assert.HasCount(1, run.Inputs, "Neighbours of what cannot be read are run without it.");
            faults.Add(run.Fault);
        }

        Assert.HasCount(5, faults);
        Assert.IsNull(faults[0]);
        Assert.StartsWith($"{Path.Combine(folder, "1.png")}: ", faults[1]);
        Assert.IsNull(faults[2]);
        Assert.Contains("[1, 7]", faults[3]!);
        Assert.AreEqual($"{clip}: no such file, expected a video", faults[4]);
    }

    [TestMethod]
    public void Runs_Batch_RunsPicturesTogetherAsAlone()
    {
        string folder = Pictures(5);
        var alone = new List<float[]>();
        var together = new List<float[]>();
        var sizes = new List<int>();
        foreach ((int batch, List<float[]> found) in new[] { (1, alone), (2, together) })
            foreach (InputRun run in new InputWalk(_session) { Batch = batch }.Runs(InputList.Of([folder]).Items()))
            {
                using InputRun done = run;
                sizes.Add(run.Inputs.Count);
                float[] logits = run.Seen!["logits"].Values.ToArray();
                found.AddRange(logits.Chunk(logits.Length / run.Inputs.Count));
            }

        Assert.AreEqual("1 1 1 1 1 2 2 1", string.Join(' ', sizes));
        for (int i = 0; i < 5; i++)
            for (int k = 0; k < 10; k++)
                Assert.AreEqual(alone[i][k], together[i][k], 1e-4f * Math.Max(1, Math.Abs(alone[i][k])));
    }

    [TestMethod]
    public void Runs_StoppedOnTheWay_DisposesWhatNobodyTook()
    {
        var opened = new List<Mat>();
        IEnumerable<InputItem> items = Enumerable.Range(0, 20).Select(i => new InputItem($"{i}", $"{i}", "", () =>
        {
            using Mat noise = TestPictures.Noise(28, 28, i);
            ModelInput input = ModelInput.OfPicture($"{i}", noise);
            opened.Add(input.Picture!);
            return input;
        }));
        foreach (InputRun run in new InputWalk(_session).Runs(items))
        {
            run.Dispose();
            break;
        }

        Assert.IsTrue(opened.Count is > 0 and < 20, $"{opened.Count} were opened");
        Assert.IsTrue(opened.TrueForAll(picture => picture.IsDisposed));
    }

    [TestMethod]
    public void Runs_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        int runs = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (InputRun run in new InputWalk(_session).Runs(InputList.Of([Pictures(20)]).Items(), cancel.Token))
            {
                run.Dispose();
                runs++;
                cancel.Cancel();
            }
        });
        Assert.IsTrue(runs is > 0 and < 5, $"{runs} runs");
    }

    [TestMethod]
    public void Items_VideoEveryNth_AreNamedByTheirFrame()
    {
        string clip = _folder.File("clip.avi");
        using (var writer = new VideoWriter(clip, FourCC.MJPG, 10, new Size(32, 32)))
            for (int i = 0; i < 7; i++)
            {
                using Mat frame = TestPictures.Noise(32, 32, i);
                writer.Write(frame);
            }

        InputList inputs = InputList.Of([clip]) with { Every = 3, Frames = 2 };
        Assert.AreEqual($"{clip}#0 clip_000000|{clip}#3 clip_000003", string.Join('|', inputs.Items().Select(i => $"{i.Path} {i.Name}")));
        Assert.AreEqual((2L, false, 10.0 / 3), (inputs.Count(), inputs.IsSingle, inputs.FrameRate()));
    }

    [TestMethod]
    public void Every_LessThanOne_IsRefused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => InputList.Of(["a.png"]) with { Every = 0 });

    private string Pictures(int count)
    {
        for (int i = 0; i < count; i++)
            TestPictures.Write(_folder.File("in", $"{i}.png"), seed: i);
        return _folder.File("in");
    }
}
