#!/usr/bin/env bash
# One build for everyone: ./build.sh [build|cuda|demo|test [--all]|bench|pack|format] [options]. build.ps1 has the same verbs.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

trainer=artifacts/bin/Trainer/release/trainer
visualizer=artifacts/bin/Visualizer/release/visualizer

say() { printf '\n== %s\n' "$*"; }

# OpenCV's Linux build draws its windows with GTK 3 and does not load without it.
need_gtk() {
  # In whole: a grep that stops at its find breaks the pipe, and ldconfig with it. It is not in everyone's path.
  if [ "$(uname -s)" != Linux ] || [[ $(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null) == *libgtk-3.so.0* ]]; then return; fi
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
  say "Installing GTK 3, which OpenCV needs"
  if command -v apt-get >/dev/null; then
    $sudo apt-get update -qq
    # Its name since the 64-bit time change (Ubuntu 24.04, Debian 13), else the older one.
    $sudo apt-get -o DPkg::Lock::Timeout=300 install -y -qq libgtk-3-0t64 >/dev/null 2>&1 || $sudo apt-get -o DPkg::Lock::Timeout=300 install -y -qq libgtk-3-0 >/dev/null
  elif command -v dnf >/dev/null; then
    $sudo dnf install -y -q gtk3
  else
    echo "error: OpenCV needs GTK 3 (libgtk-3.so.0); install it with your package manager" >&2
    exit 2
  fi
}

# A browser and a display, for the tests that look at pages and windows, and Slurm, which runs for root alone; without them those are skipped.
need_test_tools() {
  if [ "$(uname -s)" != Linux ] || ! command -v apt-get >/dev/null; then return; fi
  if [ "$(id -u)" -eq 0 ] && ! { [ -x /usr/sbin/slurmctld ] && [ -x /usr/sbin/munged ]; }; then
    say "Installing Slurm, which a test of many machines starts on this one"
    apt-get update -qq
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
  fi
  if command -v chromium >/dev/null && command -v Xvfb >/dev/null && command -v xdotool >/dev/null; then return; fi
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
  say "Installing Chromium and Xvfb, which tests of pages and windows need"
  $sudo apt-get update -qq
  $sudo apt-get -o DPkg::Lock::Timeout=300 install -y -qq chromium xvfb xdotool openbox >/dev/null
}

need_dotnet() {
  command -v dotnet >/dev/null || { echo "error: the .NET SDK 10 is needed: https://dotnet.microsoft.com/download" >&2; exit 2; }
}

build() {
  need_dotnet
  need_gtk
  say "Building $1"
  dotnet build -c Release -v quiet "$@"
}

# The programs for an NVIDIA GPU, in a folder of their own: both packages of ONNX Runtime bring files of the same names.
cuda() {
  local out=$PWD/artifacts/cuda
  build Visualizer -p:Accelerator=cuda -p:ArtifactsPath="$out" "$@"
  printf '%s\n' "$out/bin/Visualizer/release/visualizer; '$out/bin/Visualizer/release/visualizer doctor --device cuda' says what it finds"
  if ! dotnet restore Trainer -v quiet -p:Accelerator=cuda -p:ArtifactsPath="$out" >/dev/null 2>&1; then
    echo "Trainer is not built for CUDA: the package TorchSharp-cuda-linux, or one that it needs, is not in the registries of this machine" >&2
    return
  fi
  build Trainer -p:Accelerator=cuda -p:ArtifactsPath="$out" "$@"
}

# Shows a real network on a cat and why it says so; draws circles and crosses, trains a network on them, and looks inside.
demo() {
  # The two programs alone: tests and benchmarks would each bring their own copy of libtorch.
  build Trainer
  build Visualizer
  rm -rf demo
  say "A real network: SqueezeNet on a cat"
  "$visualizer" dump models/squeezenet.onnx models/cat.jpg --out demo/cat
  "$trainer" explain models/squeezenet.onnx models/cat.jpg --method grad-cam,guided-backprop --target "tabby,kit fox" --out demo/cat-why
  say "Drawing a data set"
  "$trainer" data xo demo/xo --train 1500
  say "Training"
  "$trainer" train xo --data demo/xo --out demo/xo.onnx --optimizer adam --lr 0.001 --epochs "${DEMO_EPOCHS:-6}"
  say "Looking inside"
  picture=$(find demo/xo/test_data -path '*circles*' -name '*.*' | sort | head -n 1)
  "$visualizer" kernels demo/xo.onnx --out demo/kernels
  "$visualizer" dump demo/xo.onnx "$picture" --out demo/dump
  "$trainer" explain demo/xo.onnx "$picture" --method grad-cam,guided-backprop --out demo/why
  printf '\nOpen %s/demo/%s/index.html\n' "$PWD" cat "$PWD" cat-why "$PWD" dump "$PWD" why
}

# The tests; --all takes the long ones in. Anything else goes to the test programs: ./build.sh test --filter "FullyQualifiedName~Rendering"
tests() {
  local which=(--filter "TestCategory!=Long")
  if [ "${1:-}" = --all ]; then
    which=()
    shift
    need_test_tools
  fi
  [ $# -eq 0 ] || which=("$@")
  build CnnOnnx.sln
  say "Checking the format"
  dotnet format CnnOnnx.sln --verify-no-changes --no-restore
  local status=0 passed=0 failed=0 skipped=0 log
  for project in Shared Torch Trainer Visualizer Acceptance; do
    say "Testing $project"
    log=artifacts/$project.test.log
    # 8: no test of this project is meant.
    "artifacts/bin/$project.Tests/release/CnnOnnx.Tests.$project" --no-ansi --ignore-exit-code 8 --results-directory artifacts/TestResults "${which[@]}" 2>&1 | tee "$log" || status=$?
    count() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$log" | tail -n 1; }
    passed=$((passed + $(count succeeded))) failed=$((failed + $(count failed))) skipped=$((skipped + $(count skipped)))
  done
  printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  return "$status"
}

bench() {
  build CnnOnnx.sln
  say "Measuring"
  dotnet run --project Tests/Benchmarks -c Release --no-build -- "${@:---filter=*}"
}

format() {
  need_dotnet
  dotnet format CnnOnnx.sln "$@"
}

# The packages: libraries with symbols, and each tool once a system and once to choose among them.
pack() {
  need_dotnet
  local out=(-c Release -v quiet -o artifacts/packages "$@")
  for library in Shared Torch; do
    say "Packing $library"
    dotnet pack "$library" "${out[@]}"
  done
  for tool in Visualizer Trainer; do
    for system in linux-x64 win-x64; do
      say "Packing $tool for $system"
      dotnet pack "$tool" -r "$system" "${out[@]}"
    done
    dotnet pack "$tool" "${out[@]}"
  done
}

verb=${1:-build}
[ $# -eq 0 ] || shift
case "$verb" in
  build) build CnnOnnx.sln "$@" ;;
  cuda) cuda "$@" ;;
  gtk) need_gtk ;;
  demo) demo ;;
  test) tests "$@" ;;
  bench) bench "$@" ;;
  format) format "$@" ;;
  pack) pack "$@" ;;
  *) echo "error: '$verb' is not a verb; expected build, cuda, demo, test, bench, pack or format" >&2; exit 2 ;;
esac
