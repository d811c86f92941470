using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CnnOnnx.Tests.Support;

/// <summary>
/// Slurm with nodes of one processor each, all of them this machine: a controller, and a daemon a node, with keys, ports and files of its
/// own, so that it disturbs no Slurm that is here already. Disposing it ends all of its processes.
/// </summary>
internal sealed class SlurmCluster : IDisposable
{
    private static readonly string[] Daemons = ["munged", "slurmctld", "slurmd"];

    // Beyond that a node counts as failed, and what ran there is queued again.
    private const int SecondsUntilFailed = 5;

    private const string Place = "NodeAddr=127.0.0.1 CPUs=1 RealMemory=2000";

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _nodes;
    private readonly List<Process> _processes = [];

    private SlurmCluster(int nodes) => _nodes = [.. Enumerable.Range(1, nodes).Select(i => $"n{i}")];

    /// <summary>Says what is missing for a cluster; null where nothing is.</summary>
    public static string? Missing()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "Slurm on one machine needs Linux and root";
        string[] missing = [.. Daemons.Where(name => Find(name) is null)];
        return missing.Length == 0 ? null : $"{string.Join(", ", missing)}: not installed (Debian's slurm-wlm and munge)";
    }

    /// <summary>Starts a cluster, and waits until its nodes are there.</summary>
    public static SlurmCluster Start(int nodes)
    {
        var cluster = new SlurmCluster(nodes);
        try
        {
            cluster.Start();
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Runs one of Slurm's programs to its end, and gives what it printed.</summary>
    public string Run(string program, params string[] args)
    {
        using Process process = Begin(program, args);
        string output = process.StandardOutput.ReadToEnd(), error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Trim()
            : throw new InvalidOperationException($"{program} {string.Join(' ', args)}: exit code {process.ExitCode}: {error}{output}");
    }

    /// <summary>Pulls the plug of a node: its daemon and all that it runs are gone at once.</summary>
    public void Kill(string node)
    {
        int daemon = int.Parse(File.ReadAllText(_folder.File($"{node}.pid")), CultureInfo.InvariantCulture);
        int[] steps = [.. StepsOf(node)];
        // What watches a step would tell the controller that it has failed, which is another thing than a node that is gone.
        IEnumerable<int> watchers = steps.Select(ParentOf).Where(id => Read(id, "comm").StartsWith("slurmstepd", StringComparison.Ordinal));
        foreach (int process in (int[])[daemon, .. watchers.Distinct(), .. Below(daemon), .. steps])
            Signal(process);
    }

    public void Dispose()
    {
        foreach (int process in Running())
            Signal(process);
        foreach (Process process in _processes)
        {
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Dispose();
    }

    private void Start()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        string host = Dns.GetHostName().Split('.')[0], munge = _folder.File("munge");
        Directory.CreateDirectory(munge, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllBytes(Path.Combine(munge, "key"), RandomNumberGenerator.GetBytes(1024));
        File.SetUnixFileMode(Path.Combine(munge, "key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        int[] ports = [.. Enumerable.Range(0, _nodes.Length + 1).Select(_ => FreePort())];
        File.WriteAllText(_folder.File("slurm.conf"), $"""
            ClusterName=one
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={ports[^1]}
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket={munge}/socket
            CredType=cred/munge
            StateSaveLocation={_folder.File("state")}
            SlurmdSpoolDir={_folder.File("spool")}/%n
            SlurmctldPidFile={_folder.File("slurmctld.pid")}
            SlurmdPidFile={_folder.File("%n.pid")}
            SlurmctldLogFile={_folder.File("slurmctld.log")}
            SlurmdLogFile={_folder.File("%n.log")}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SlurmdParameters=config_overrides
            MpiDefault=none
            SlurmdTimeout={SecondsUntilFailed}
            ReturnToService=2
            {string.Join('\n', _nodes.Select((node, i) => $"NodeName={node} NodeHostname={host} {Place} Port={ports[i]}"))}
            PartitionName=all Nodes={string.Join(',', _nodes)} Default=YES MaxTime=INFINITE State=UP

            """);
        Directory.CreateDirectory(_folder.File("state"));
        Run("munged", "--force", $"--key-file={munge}/key", $"--socket={munge}/socket", $"--pid-file={munge}/pid",
            $"--log-file={munge}/log", $"--seed-file={munge}/seed");
        StartDaemon("slurmctld", "-D");
        foreach (string node in _nodes)
        {
            Directory.CreateDirectory(_folder.File("spool", node));
            StartDaemon("slurmd", "-D", "-N", node);
        }

        WaitUntil(() => Idle() == _nodes.Length, "the nodes are not up");
    }

    /// <summary>Waits until something is so, for two minutes at most.</summary>
    public void WaitUntil(Func<bool> isSo, string otherwise)
    {
        for (var watch = Stopwatch.StartNew(); !isSo(); Thread.Sleep(200))
            if (watch.Elapsed > TimeSpan.FromMinutes(2))
                throw new TimeoutException(
                    $"{otherwise}\n{Run("sinfo")}\n{Run("squeue")}\n{File.ReadAllText(_folder.File("slurmctld.log"))}");
    }

    // The controller may not listen yet.
    private int Idle()
    {
        try
        {
            return Run("sinfo", "--noheader", "--Node", "--states=idle", "--format=%N")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    private void StartDaemon(string program, params string[] args)
    {
        Process process = Begin(program, args);
        // Nobody reads what they say beside their log, and a full pipe would stop them.
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        _processes.Add(process);
    }

    private Process Begin(string program, string[] args)
    {
        var start = new ProcessStartInfo(Find(program)!, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = _folder.File("slurm.conf");
        return Process.Start(start)!;
    }

    // Of this cluster, and no other: by the path of its folder, on the command line or in the environment.
    private IEnumerable<int> Running() => Processes().Where(id => id != Environment.ProcessId
        && (Read(id, "environ").Contains(_folder.Path, StringComparison.Ordinal)
            || Read(id, "cmdline").Contains(_folder.Path, StringComparison.Ordinal)));

    private IEnumerable<int> StepsOf(string node) => Processes().Where(id =>
        Read(id, "environ").Split('\0') is var variables && variables.Contains($"SLURMD_NODENAME={node}")
        && variables.Contains($"SLURM_CONF={_folder.File("slurm.conf")}"));

    private static int ParentOf(int process) => Read(process, "status").Split('\n')
        .Where(line => line.StartsWith("PPid:", StringComparison.Ordinal))
        .Select(line => int.Parse(line["PPid:".Length..], CultureInfo.InvariantCulture)).FirstOrDefault();

    private static IEnumerable<int> Below(int parent) => Processes().Where(id => ParentOf(id) == parent)
        .SelectMany(id => Below(id).Prepend(id));

    private static IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out int id) ? id : 0).Where(id => id > 0).ToArray();

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Signal(int process)
    {
        try
        {
            using var running = Process.GetProcessById(process);
            running.Kill();
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private static string? Find(string program) => ProgramPath.Folders.Concat(["/usr/sbin", "/usr/local/sbin"])
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
