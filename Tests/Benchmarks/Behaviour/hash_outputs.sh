#!/usr/bin/env bash
# Hashes every file that the programs write: proof that a change of the code's form changes nothing that users see.
# hash_outputs.sh VISUALIZER TRAINER DATA OUT: the two programs' folders, the folder of test data, and the list to write.
# Run it with the programs from before and after, and diff the two lists. Times are blanked; everything else counts.
set -euo pipefail
visualizer=$1/visualizer trainer=$2/trainer data=$(cd "$3" && pwd) list=$(realpath -m "$4")
root=$(cd "$(dirname "$0")/../../.." && pwd)
# A place that is the same for both runs: checkpoints name it.
work=/tmp/cnnonnx-behaviour
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT
cd "$work"
cat="$data/images/caffe_cat.jpg"
models=(
  "$root/models/lenet.onnx"
  "$data/onnx-models/classification/SqueezeNet_fp16.onnx"
  "$data/onnx-models/classification/mobilenet_v2_torchvisionV2_qdq_int8.onnx"
  "$data/onnx-models/classification/resnet20_cifar10.onnx"
  "$data/onnx-models/classification/lenet5_mnist_lenet.onnx"
  "$data/onnx-models/detection/FastestDet.onnx"
  "$data/onnx-models/detection/ultraface_version-RFB-320.onnx"
  "$data/onnx-models/super-resolution/pytorch_super_resolution.onnx"
)
for model in "${models[@]}"; do
  name=$(basename "$model" .onnx)
  picture=$cat
  [ "$name" = lenet ] && picture=$root/docs/boot.png
  "$visualizer" dump "$model" "$picture" --out "$name/dump" --raw npz --interchange --pca true --quiet
  "$visualizer" kernels "$model" --out "$name/kernels" --quiet
  "$visualizer" expose "$model" --out "$name/exposed.onnx" --quiet
  "$visualizer" inspect "$model" --json > "$name/inspect.json"
done
"$visualizer" dump "${models[0]}" "$data/datasets/cifar10-jpg/test" --recursive --out folder --batch 8 --each-channel --npy --quiet > folder.txt 2>&1 || true
"$visualizer" dump "${models[3]}" "$data/datasets/hymenoptera/val" --recursive --out parts --memory 1MB --ops Relu --scale layer --quiet
"$trainer" data xo xo --train 120 --seed 3 --quiet
"$trainer" train xo --data xo --out train/xo.onnx --optimizer adam --lr 0.001 --epochs 2 --batch 16 --seed 5 --threads 1 --device cpu --quiet
"$trainer" train "${models[3]}" --data "$data/datasets/hymenoptera" --out train/ants.onnx --epochs 1 --batch 16 --seed 5 --threads 1 --device cpu --quiet
"$trainer" evaluate train/xo.onnx --data xo --json --quiet > train/evaluate.json
"$trainer" parity "${models[3]}" --json --quiet > train/parity.json
# Times, and memory.
find . -type f \( -name '*.json' -o -name '*.html' -o -name '*.txt' \) -print0 | xargs -0 -n 500 sed -E -i \
  's/"(created|date|[a-zA-Z]*([sS]econds|Ms|MemoryMb))": *[^,}]*/"\1":0/g; s/[0-9.]+ (ms|s)\b/0 \1/g'
find . -type f -print0 | sort -z | xargs -0 sha256sum > "$list"
echo "$(wc -l < "$list") files"
