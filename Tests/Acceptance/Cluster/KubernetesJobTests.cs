using CnnOnnx.Tests.Support;
using k8s;
using k8s.Models;
using OpenCvSharp;

namespace CnnOnnx.Tests.Cluster;

/// <summary>The YAML of a plan, read strictly by Kubernetes' models, and what its pods do by the variables that it sets.</summary>
[TestClass]
public sealed class KubernetesJobTests
{
    private const string Index = "JOB_COMPLETION_INDEX";

    private readonly TemporaryFolder _folder = new();

    [TestInitialize]
    public void Plan()
    {
        string model = SmallNetworks.LeNet().SaveTo(_folder), pictures = Directory.CreateDirectory(_folder.File("pictures")).FullName;
        using var picture = new Mat(28, 28, MatType.CV_8UC1);
        for (int i = 0; i < 7; i++)
        {
            picture.SetTo(i * 30);
            Cv2.ImWrite(Path.Combine(pictures, $"{i}.png"), picture);
        }

        Run("plan", model, pictures, "--shards", "3", "--out", _folder.File("my Plan.json"), "--without", "mosaics,kernels,report");
    }

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Workers_AreAnIndexedJobOfOnePodAShard()
    {
        V1Job job = Read(Cluster("--out", "/data/shards: all", "--root", "/data/it's", "--parallel", "2", "--memory", "1GiB",
            "--cpus", "3"));
        Assert.AreEqual(("batch/v1", "Job", "dump-my-plan"), (job.ApiVersion, job.Kind, job.Metadata.Name));
        Assert.AreEqual(("Indexed", 3, 2, 3),
            (job.Spec.CompletionMode, job.Spec.Completions, job.Spec.Parallelism, job.Spec.BackoffLimitPerIndex));
        Assert.IsNull(job.Spec.BackoffLimit);
        V1PodSpec pod = job.Spec.Template.Spec;
        Assert.AreEqual("Never", pod.RestartPolicy, "a policy for failed pods needs it");
        CollectionAssert.AreEqual(new[] { "dump", "--plan", "/data/my Plan.json", "--shard", "auto", "--out", "/data/shards: all",
            "--root", "/data/it's", "--threads", "3" }, pod.Containers.Single().Args.ToArray());
        Assert.AreEqual(1L << 30, pod.Containers[0].Resources.Limits["memory"].ToInt64());
        Assert.AreEqual(3, pod.Containers[0].Resources.Requests["cpu"].ToInt64());
        Assert.AreEqual(pod.Volumes.Single().Name, pod.Containers[0].VolumeMounts.Single().Name);
    }

    [TestMethod]
    public void Workers_BadInputIsNotTriedAgainAndMovedPodsAreNoFailures()
    {
        V1PodFailurePolicyRule[] rules = [.. Read(Cluster("--out", "/data/shards")).Spec.PodFailurePolicy.Rules];
        Assert.AreEqual(("Ignore", "DisruptionTarget"), (rules[0].Action, rules[0].OnPodConditions.Single().Type));
        V1PodFailurePolicyOnExitCodesRequirement codes = rules[1].OnExitCodes;
        Assert.AreEqual(("FailIndex", "In", 2), (rules[1].Action, codes.OperatorProperty, codes.Values.Single()));
    }

    [TestMethod]
    public void Merge_IsAJobOfOnePod()
    {
        V1Job job = Read(Cluster("--out", "/data/shards", "--merge", "/data/merged", "--model", "/data/net.onnx"));
        Assert.AreEqual(("dump-my-plan-merge", (string?)null, 3), (job.Metadata.Name, job.Spec.CompletionMode, job.Spec.BackoffLimit));
        CollectionAssert.AreEqual(new[] { "merge", "/data/shards", "--out", "/data/merged", "--model", "/data/net.onnx" },
            job.Spec.Template.Spec.Containers.Single().Args.ToArray());
    }

    // Else the tests above would pass whatever stood there.
    [TestMethod]
    public void Reader_RefusesAMisspeltKey() => Assert.ThrowsExactly<YamlDotNet.Core.YamlException>(
        () => Read(Cluster("--out", "/data/shards").Replace("completionMode", "completionmode", StringComparison.Ordinal)));

    // A pod runs the words of the YAML with its index in the environment: here with paths of this machine.
    [TestMethod]
    [TestCategory("Long")]
    public void Pods_WithTheirIndicesMakeAllShards()
    {
        string yaml = Run("cluster", "k8s", "--plan", _folder.File("my Plan.json"), "--out", _folder.File("shards"),
            "--mount", _folder.Path);
        string[] words = [.. Read(yaml).Spec.Template.Spec.Containers[0].Args];
        for (int index = 0; index < 3; index++)
        {
            using var pod = VisualizerProcess.Start("dotnet", [VisualizerProcess.Program, .. words], (Index, $"{index}"));
            var run = pod.Finish();
            Assert.AreEqual(0, run.ExitCode, run.Error);
            Assert.Contains($"{Index}={index}", run.Error);
        }

        Run("plan", _folder.File("shards"), "--status", _folder.File("my Plan.json"));
        Run("merge", _folder.File("shards"), "--out", _folder.File("merged"));
    }

    private string Cluster(params string[] options) => Run(["cluster", "k8s", "--plan", _folder.File("my Plan.json"), .. options]);

    private static V1Job Read(string yaml) => KubernetesYaml.Deserialize<V1Job>(yaml, strict: true);

    private static string Run(params string[] args)
    {
        var run = ProgramRun.Visualizer(args);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return run.Output;
    }
}
