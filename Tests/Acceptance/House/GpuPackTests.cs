using CnnOnnx.Tests.Support;

namespace CnnOnnx.Tests.House;

/// <summary>Checks what goes to a machine with a GPU and nothing else: thinned CUDA code, and parts of a pack.</summary>
[TestClass]
public sealed class GpuPackTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void ThinCuda_TwoFatbins_KeepsHeadersAndTheCodeOfOneGeneration()
    {
        byte[] library = SyntheticFatbins.Library();
        File.WriteAllBytes(_folder.File("in.so"), library);

        (int code, string output, _) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", "sm_90");

        Assert.AreEqual(0, code, output);
        Assert.Contains("2 fatbins, 5 entries for sm_75, sm_90, sm_120: 56 of 136 bytes kept for sm_90", output);
        byte[] thin = File.ReadAllBytes(_folder.File("out.so"));
        AssertCode(library, thin, arch => arch == 90);
    }

    [TestMethod]
    public void ThinCuda_Common_LeavesOutWhatOneGenerationLacks()
    {
        byte[] library = SyntheticFatbins.Library();
        File.WriteAllBytes(_folder.File("in.so"), library);

        (int code, string output, _) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", "sm_90", "--common");

        Assert.AreEqual(0, code, output);
        Assert.Contains("32 of 136 bytes kept for sm_90", output);
    }

    [TestMethod]
    [DataRow("sm_80", "error: has no code for sm_80, only for sm_75, sm_90, sm_120")]
    [DataRow("90", "error: --arch is '90', expected sm_ and a number such as sm_90")]
    public void ThinCuda_UnknownGeneration_SaysWhichThereAre(string arch, string expected)
    {
        File.WriteAllBytes(_folder.File("in.so"), SyntheticFatbins.Library());

        (int code, _, string error) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", arch);

        Assert.AreEqual(2, code);
        Assert.AreEqual(expected, error.Trim());
        Assert.IsFalse(File.Exists(_folder.File("out.so")));
    }

    [TestMethod]
    public void ThinCuda_BrokenFatbin_IsRefused()
    {
        byte[] library = SyntheticFatbins.Library();
        // The size of the first entry's code, by 2 GiB.
        library[SyntheticFatbins.SectionStart + 16 + 8 + 3] = 0x7f;
        File.WriteAllBytes(_folder.File("in.so"), library);

        (int code, _, string error) = Thin(_folder.File("in.so"), _folder.File("out.so"), "--arch", "sm_90");

        Assert.AreEqual(2, code);
        Assert.AreEqual("error: .nv_fatbin has a broken entry at 0x10", error.Trim());
    }

    [TestMethod]
    public void PackGpu_BuiltFolder_IsCutIntoPartsThatRunGpuJoins()
    {
        GpuScripts.OnLinux();
        string bin = Directory.CreateDirectory(_folder.File("bin")).FullName, parts = _folder.File("parts");
        // Any library stands for all: what a pack asks of them is what they link.
        GpuScripts.Must("bash", "-c", $$"""
            set -e
            cd '{{bin}}'
            library=$(ldconfig -p | awk '/libz\.so\.1 .*x86-64/ { print $NF; exit }')
            for name in onnxruntime onnxruntime_providers_{shared,cuda,tensorrt} OpenCvSharpExtern; do
              cp -L "$library" "lib$name.so"
            done
            printf '#!/bin/sh\necho "a line"\n' > visualizer
            chmod +x visualizer
            head -c 3000000 /dev/urandom > program.dll
            touch program.pdb createdump System.Net.Http.dll
            """);

        GpuScripts.Must("env", "XZ_PRESET=0", "bash", GpuScripts.PathOf("pack-gpu.sh"), "--bin", bin, "--out", parts, "--part", "1");

        FileInfo[] cut = [.. new DirectoryInfo(parts).EnumerateFiles("*.tar.xz.*")];
        Assert.IsGreaterThan(4, cut.Length);
        Assert.IsLessThanOrEqualTo(1 << 20, cut.Max(part => part.Length));
        Assert.HasCount(cut.Length, File.ReadAllLines(Path.Combine(parts, "SHA256SUMS")));
        (int code, _, string error) = GpuScripts.Run(_folder, parts, "--phase", "doctor");
        Assert.AreEqual(0, code, error);
        string program = _folder.File("work/program/bin");
        foreach (string name in new[] { "visualizer", "program.dll", "libonnxruntime.so", "libonnxruntime_providers_tensorrt.so" })
            Assert.IsTrue(File.Exists(Path.Combine(program, name)), name);
        foreach (string name in new[] { "program.pdb", "createdump", "System.Net.Http.dll" })
            Assert.IsFalse(File.Exists(Path.Combine(program, name)), name);
        Assert.AreEqual(3_000_000, new FileInfo(Path.Combine(program, "program.dll")).Length);
    }

    [TestMethod]
    [DataRow("--part", "x", "error: --part is 'x', expected a number of MiB")]
    [DataRow("--bin", "{folder}/nowhere", "error: there is no {folder}/nowhere/visualizer")]
    [DataRow("--models", "{folder}/nowhere", "error: there is no folder {folder}/nowhere")]
    public void PackGpu_WrongUse_IsRefused(string option, string value, string expected)
    {
        GpuScripts.OnLinux();

        string Here(string text) => text.Replace("{folder}", _folder.Path, StringComparison.Ordinal);
        (int code, _, string error) =
            GpuScripts.Start("bash", GpuScripts.PathOf("pack-gpu.sh"), "--out", _folder.File("parts"), option, Here(value));

        Assert.AreEqual(2, code);
        Assert.AreEqual(Here(expected), error.Trim());
    }

    private static void AssertCode(byte[] before, byte[] after, Func<uint, bool> isKept)
    {
        byte[] expected = [.. before];
        foreach ((uint arch, int offset, int length) in SyntheticFatbins.Entries)
            if (!isKept(arch))
                expected.AsSpan(SyntheticFatbins.SectionStart + offset, length).Clear();
        CollectionAssert.AreEqual(expected, after);
    }

    private static (int Code, string Output, string Error) Thin(params string[] arguments) => GpuScripts.Script("ThinCuda.cs", arguments);
}
