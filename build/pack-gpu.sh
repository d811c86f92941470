#!/usr/bin/env bash
# Packs the CUDA build of visualizer for a Linux machine that has a GPU and nothing else: no .NET, no packages, no network.
#
#   build/pack-gpu.sh [--arch sm_90] [--out DIR] [--models DIR] [--part MIB] [--bin DIR]
#
# Writes native.tar.xz (ONNX Runtime, OpenCV and what it links) and program.tar.xz (.NET, the program, models, scripts) into DIR, cut
# into parts of at most 40 MiB (or --part), and SHA256SUMS of the parts: after a change of the program only program.tar.xz.* go over again.
#   --arch sm_NN   only CUDA code for one generation of GPU, and only what networks of convolutions run: a tenth of the size
#   --models DIR   further .onnx files and pictures to measure
#   --bin DIR      packs what lies there in place of building it
# build/run-gpu.sh joins the parts on the other side.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/artifacts/gpu arch="" models="" part=40 bin=""
fail() { echo "error: $*" >&2; exit 2; }
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1 expects a value"
  case "$1" in
    --arch) arch=$2 ;;
    --out) out=$2 ;;
    --models) models=$2 ;;
    --part) part=$2 ;;
    --bin) bin=$2 ;;
    *) fail "'$1' is not an option; expected --arch, --out, --models, --part or --bin" ;;
  esac
  shift 2
done
[[ $part =~ ^[1-9][0-9]*$ ]] || fail "--part is '$part', expected a number of MiB"
[ -z "$models" ] || [ -d "$models" ] || fail "there is no folder $models"
for tool in xz ldd readelf; do command -v "$tool" >/dev/null || fail "there is no $tool, which packing needs"; done
mkdir -p "$out"
out=$(cd "$out" && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

work=$(mktemp -d "${TMPDIR:-/tmp}/pack-gpu.XXXXXX")
trap 'rm -rf "$work"' EXIT
say() { printf '== %s\n' "$*" >&2; }

if [ -z "$bin" ]; then
  say "Building"
  # A folder of its own: the CPU package and the GPU package of ONNX Runtime bring files of the same names.
  dotnet build "$root/Visualizer" -c Release -r linux-x64 --self-contained -v quiet -p:Accelerator=cuda \
    -p:ArtifactsPath="$root/artifacts/cuda" -p:RunAnalyzers=false >&2
  bin=$root/artifacts/cuda/bin/Visualizer/release_linux-x64
fi
for file in visualizer libonnxruntime.so libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so libOpenCvSharpExtern.so; do
  [ -f "$bin/$file" ] || fail "there is no $bin/$file"
done

native=$work/native/native program=$work/program/program
mkdir -p "$native/libs" "$native/std" "$program/bin" "$program/models" "$program/build"
cp "$bin"/libonnxruntime.so "$bin"/libonnxruntime_providers_shared.so "$bin"/libonnxruntime_providers_cuda.so \
  "$bin"/libOpenCvSharpExtern.so "$native/"
# A megabyte, for machines that have TensorRT.
[ ! -e "$bin/libonnxruntime_providers_tensorrt.so" ] || cp "$bin/libonnxruntime_providers_tensorrt.so" "$native/"
! command -v strip >/dev/null || strip --strip-unneeded "$native/libOpenCvSharpExtern.so"
if [ -n "$arch" ]; then
  say "Thinning CUDA code"
  dotnet run "$root/build/ThinCuda.cs" -- "$bin/libonnxruntime_providers_cuda.so" "$native/libonnxruntime_providers_cuda.so" \
    --arch "$arch" --common >&2
fi

# What OpenCV links, and OpenSSL, which .NET loads for its hashes. glibc is the machine's; its C++ library, too, where it has one.
copy_library() { cp -L "$1" "$2/$(basename "$1")"; }
openssl=$(ldconfig -p | awk '/lib(ssl|crypto)\.so\.3 / && /x86-64/ { print $NF }')
{ ldd "$native/libOpenCvSharpExtern.so"; for library in $openssl; do ldd "$library"; echo "x => $library"; done; } |
  awk '$2 == "=>" && $3 ~ /^\// { print $3 } $2 == "=>" && $3 == "not" { print "missing: " $1 > "/dev/stderr"; exit 1 }' | sort -u > "$work/linked"
while read -r library; do
  case "$(basename "$library")" in
    libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libresolv.so.* | ld-linux*) ;;
    libstdc++.so.* | libgcc_s.so.*) copy_library "$library" "$native/std" ;;
    libOpenCvSharpExtern.so) ;;
    *) copy_library "$library" "$native/libs" ;;
  esac
done < "$work/linked"
newest=$(for library in "$native"/*.so "$native"/libs/*; do readelf -V "$library"; done | grep -oE 'GLIBC_2\.[0-9]+' | sort -uV | tail -n 1)
say "$(find "$native/libs" -type f | wc -l) libraries; the machine needs ${newest/_/ } or newer"

# What of .NET a program without network, databases and scripts never loads.
unused=(Microsoft.CSharp.dll 'Microsoft.VisualBasic*.dll' 'System.Data*.dll' System.Linq.AsyncEnumerable.dll System.Linq.Parallel.dll
  'System.Net.*.dll' System.Private.DataContractSerialization.dll System.Reflection.Metadata.dll System.Text.Encoding.CodePages.dll
  'System.Transactions*.dll' 'System.Formats.*.dll')

# Of the build: no other system's files, no symbols, no debugger's helpers.
(cd "$bin" && set -f && find . -type f ! -name '*.pdb' ! -name '*.xml' ! -name 'libonnxruntime*' ! -name 'onnxruntime*.dll' \
  ! -name 'onnxruntime*.lib' ! -name 'libOpenCvSharpExtern.so' ! -name 'libmscordbi.so' ! -name 'libmscordaccore.so' \
  ! -name 'libclrgc*.so' $(printf "! -name %s " "${unused[@]}")! -name 'libcoreclrtraceptprovider.so' ! -name createdump -print0 | xargs -0 cp --parents -t "$program/bin")
cp "$root"/models/*.onnx "$root"/models/cat.jpg "$program/models/"
if [ -n "$models" ]; then
  find "$models" -maxdepth 1 -type f \( -name '*.onnx' -o -name '*.jpg' -o -name '*.png' \) -exec cp -t "$program/models" {} +
fi
cp "$root"/build/run-gpu.sh "$root"/build/gpu_*.py "$program/build/"

rm -f "$out"/native.tar.xz.* "$out"/program.tar.xz.* "$out/SHA256SUMS"
for archive in native program; do
  say "Compressing $archive: $(du -sm "$work/$archive" | cut -f 1) MB"
  # The same order and times for the same files, so that equal parts are equal to the byte.
  tar -C "$work/$archive" --sort=name --mtime=@0 --owner=0 --group=0 -c "$archive" | xz -T2 --x86 --lzma2="preset=${XZ_PRESET:-9}" |
    split -b "${part}M" -d - "$out/$archive.tar.xz."
done
(cd "$out" && sha256sum native.tar.xz.* program.tar.xz.* > SHA256SUMS)
(cd "$out" && du -b -- *.tar.xz.* | awk '{ printf "%7.1f MiB  %s\n", $1 / 1048576, $2; sum += $1 } END { printf "%7.1f MiB in %d parts\n", sum / 1048576, NR }')
