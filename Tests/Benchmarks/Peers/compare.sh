#!/usr/bin/env bash
# The visualizer against PyTorch with hooks: ./compare.sh [PICTURES] [options of compare.py]. The tables go to stdout.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
pictures=${CNNONNX_DATA:-$root/../shared/data}/datasets/imagenet-samples
if [ $# -gt 0 ] && [ -d "$1" ]; then
  pictures=$1
  shift
fi

"$python" -c 'import torch, torchvision, onnx, cv2, matplotlib' || {
  echo "error: $python lacks a package; on Debian: apt install python3-torch python3-torchvision python3-onnx python3-opencv python3-matplotlib" >&2
  exit 2
}
visualizer=$root/artifacts/bin/Visualizer/release/visualizer
[ -x "$visualizer" ] || { echo "error: $visualizer is missing; ./build.sh makes it" >&2; exit 2; }

exec env PYTHONDONTWRITEBYTECODE=1 "$python" "$here/compare.py" --visualizer "$visualizer" --pictures "$pictures" "$@"
