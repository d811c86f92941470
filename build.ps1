#!/usr/bin/env pwsh
# One build for everyone: ./build.ps1 [build|cuda|demo|test|bench|pack|format] [options]. build.sh has the same verbs.
param([string] $Verb = 'build', [Parameter(ValueFromRemainingArguments)] [string[]] $Rest = @())

$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

$exe = if ($IsLinux) { '' } else { '.exe' }
$trainer = "artifacts/bin/Trainer/release/trainer$exe"
$visualizer = "artifacts/bin/Visualizer/release/visualizer$exe"

function Say([string] $Text) { Write-Host "`n== $Text" }

# A native program that fails stops the build: PowerShell alone would go on.
function Invoke-Native([string] $Program, [string[]] $Arguments) {
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Build([string] $Project = 'CnnOnnx.sln', [string[]] $Options = @()) {
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
        Write-Error 'The .NET SDK 10 is needed: https://dotnet.microsoft.com/download'
    }
    # The one step that Linux needs more lives in build.sh.
    if ($IsLinux) { Invoke-Native bash @('./build.sh', 'gtk') }
    Say "Building $Project"
    Invoke-Native dotnet (@('build', $Project, '-c', 'Release', '-v', 'quiet') + $Options)
}

function Demo {
    # The two programs alone: tests and benchmarks would each bring their own copy of libtorch.
    Build Trainer
    Build Visualizer
    if (Test-Path demo) { Remove-Item demo -Recurse }
    Say 'A real network: SqueezeNet on a cat'
    Invoke-Native $visualizer @('dump', 'models/squeezenet.onnx', 'models/cat.jpg', '--out', 'demo/cat')
    Invoke-Native $trainer @('explain', 'models/squeezenet.onnx', 'models/cat.jpg', '--method', 'grad-cam,guided-backprop', '--target', 'tabby,kit fox', '--out', 'demo/cat-why')
    Say 'Drawing a data set'
    Invoke-Native $trainer @('data', 'xo', 'demo/xo', '--train', '1500')
    Say 'Training'
    $epochs = if ($env:DEMO_EPOCHS) { $env:DEMO_EPOCHS } else { '6' }
    Invoke-Native $trainer @('train', 'xo', '--data', 'demo/xo', '--out', 'demo/xo.onnx', '--optimizer', 'adam', '--lr', '0.001', '--epochs', $epochs)
    Say 'Looking inside'
    $picture = Get-ChildItem demo/xo/test_data -Recurse -File | Where-Object FullName -Match 'circles' | Sort-Object FullName | Select-Object -First 1
    Invoke-Native $visualizer @('kernels', 'demo/xo.onnx', '--out', 'demo/kernels')
    Invoke-Native $visualizer @('dump', 'demo/xo.onnx', $picture.FullName, '--out', 'demo/dump')
    Invoke-Native $trainer @('explain', 'demo/xo.onnx', $picture.FullName, '--method', 'grad-cam,guided-backprop', '--out', 'demo/why')
    foreach ($page in 'cat', 'cat-why', 'dump', 'why') { Write-Host "`nOpen $PSScriptRoot/demo/$page/index.html" }
}

# --all takes the long tests in. Anything else goes to the test programs.
function Test([string[]] $Options = @()) {
    $which = @('--filter', 'TestCategory!=Long')
    if ($Options.Count -gt 0 -and $Options[0] -eq '--all') {
        $which = @()
        $Options = @($Options | Select-Object -Skip 1)
    }
    if ($Options.Count -gt 0) { $which = $Options }
    Build
    Say 'Checking the format'
    Invoke-Native dotnet @('format', 'CnnOnnx.sln', '--verify-no-changes', '--no-restore')
    $status = 0
    $counts = @{ succeeded = 0; failed = 0; skipped = 0 }
    foreach ($project in 'Shared', 'Torch', 'Trainer', 'Visualizer', 'Acceptance') {
        Say "Testing $project"
        $log = "artifacts/$project.test.log"
        # 8: no test of this project is meant.
        & "artifacts/bin/$project.Tests/release/CnnOnnx.Tests.$project$exe" --no-ansi --ignore-exit-code 8 --results-directory artifacts/TestResults @which 2>&1 |
            Tee-Object -FilePath $log
        if ($LASTEXITCODE -ne 0) { $status = $LASTEXITCODE }
        foreach ($word in @($counts.Keys)) {
            $counts[$word] += [int](Select-String -Path $log -Pattern "^ *${word}: *(\d+)" | Select-Object -Last 1).Matches.Groups[1].Value
        }
    }
    Write-Host ('{0} passed, {1} failed, {2} skipped' -f $counts.succeeded, $counts.failed, $counts.skipped)
    exit $status
}

switch ($Verb) {
    'build' { Build -Options $Rest }
    'cuda' {
        # A folder of its own: both packages of ONNX Runtime bring files of the same names.
        $out = "-p:ArtifactsPath=$PSScriptRoot/artifacts/cuda"
        Build Visualizer (@('-p:Accelerator=cuda', $out) + $Rest)
        & dotnet restore Trainer -v quiet -p:Accelerator=cuda $out *> $null
        if ($LASTEXITCODE -eq 0) { Build Trainer (@('-p:Accelerator=cuda', $out) + $Rest) }
        else { Write-Host 'Trainer is not built for CUDA: the package TorchSharp-cuda-windows, or one that it needs, is not in the registries of this machine' }
    }
    'demo' { Demo }
    'test' { Test $Rest }
    'bench' {
        Build
        Say 'Measuring'
        $filter = if ($Rest) { $Rest } else { @('--filter=*') }
        Invoke-Native dotnet (@('run', '--project', 'Tests/Benchmarks', '-c', 'Release', '--no-build', '--') + $filter)
    }
    'pack' {
        $out = @('-c', 'Release', '-v', 'quiet', '-o', 'artifacts/packages') + $Rest
        foreach ($library in 'Shared', 'Torch') { Invoke-Native dotnet (@('pack', $library) + $out) }
        foreach ($tool in 'Visualizer', 'Trainer') {
            foreach ($system in 'linux-x64', 'win-x64') { Invoke-Native dotnet (@('pack', $tool, '-r', $system) + $out) }
            Invoke-Native dotnet (@('pack', $tool) + $out)
        }
    }
    'format' { Invoke-Native dotnet (@('format', 'CnnOnnx.sln') + $Rest) }
    default { Write-Host "error: '$Verb' is not a verb; expected build, cuda, demo, test, bench, pack or format"; exit 2 }
}
