#!/usr/bin/env bash
# Checks and measures the packed CUDA build of visualizer (build/pack-gpu.sh) on a machine with a GPU.
#
#   run-gpu.sh PARTS_DIR OUT_DIR [--phase NAME[,NAME...]] [--work DIR] [--python PROGRAM] [--device NAME] [--memory-limit SECONDS]
#
# Joins and unpacks the parts once, finds the libraries of CUDA 13 and cuDNN 9, and writes OUT_DIR/gpu.json and gpu.log.
# Phases, all of them in this order when none is named: doctor, memory (1,000 pictures, or as many as the limit lets through; another
# call goes on behind them), swin (a network that has tensors without elements), models (networks that PyTorch exports here), check
# (every tensor against the CPU), bench, faults (libraries that are missing, a card that is full), peer (PyTorch with hooks). Without
# PyTorch (or with --python none) what needs it is left out, and gpu.json says so. A step that fails loses no other; the exit code is 0 only when all did what
# was expected. gpu.json is written behind every step and has those of earlier calls, too.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fail() { echo "error: $*" >&2; exit 2; }
[ $# -ge 2 ] || fail "run-gpu.sh expects PARTS_DIR OUT_DIR"
parts=$(cd "$1" 2>/dev/null && pwd) || fail "there is no folder $1"
mkdir -p "$2" && out=$(cd "$2" && pwd) || fail "$2 cannot be made"
shift 2
phases=doctor,memory,swin,models,check,bench,faults,peer work=/tmp/cnnonnx-gpu python="" device=cuda memory_limit=150
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1 expects a value"
  case "$1" in
    --phase) phases=$2 ;;
    --work) work=$2 ;;
    --python) python=$2 ;;
    --device) device=$2 ;;
    --memory-limit) memory_limit=$2 ;;
    *) fail "'$1' is not an option; expected --phase, --work, --python, --device or --memory-limit" ;;
  esac
  shift 2
done
for phase in ${phases//,/ }; do
  case $phase in doctor | memory | swin | models | check | bench | faults | peer) ;; *) fail "'$phase' is not a phase" ;; esac
done
[[ $memory_limit =~ ^[1-9][0-9]*$ ]] || fail "--memory-limit is '$memory_limit', expected a number of seconds"
mkdir -p "$work/steps"
tf32=$([ "$device" = cuda ] && echo cuda:tf32 || echo "$device")
log=$out/gpu.log
say() { printf '%s == %s\n' "$(date +%T)" "$*" | tee -a "$log" >&2; }

# ---- Unpack

unpack() {
  local archive=$1 sum
  ls "$parts/$archive".tar.xz.* >/dev/null 2>&1 || fail "$parts has no $archive.tar.xz.00"
  sum=$(grep -F " $archive.tar.xz." "$parts/SHA256SUMS" | sha256sum | cut -d ' ' -f 1)
  [ "$(cat "$work/$archive.sum" 2>/dev/null)" = "$sum" ] && return
  say "Unpacking $archive"
  (cd "$parts" && grep -F " $archive.tar.xz." SHA256SUMS | sha256sum -c --quiet -) || fail "a part of $archive is missing or broken"
  rm -rf "${work:?}/$archive"
  if command -v xz >/dev/null; then
    cat "$parts/$archive".tar.xz.* | xz -dc -T0 | tar -C "$work" -x || fail "$archive cannot be unpacked"
  else
    [ -n "$python" ] || fail "$archive cannot be unpacked: there is no xz, and no Python"
    cat "$parts/$archive".tar.xz.* | "$python" -c 'import sys,tarfile; tarfile.open(fileobj=sys.stdin.buffer, mode="r|xz").extractall(sys.argv[1])' \
      "$work" || fail "$archive cannot be unpacked by $python: there is no xz, and it may have no lzma"
  fi
  echo "$sum" > "$work/$archive.sum"
}

# The Python that has PyTorch; else any, which can unpack, and has_torch is false.
find_python() {
  local candidate
  [ "$python" != none ] || { python=""; return; }
  for candidate in "$python" /opt/torch/.venv/bin/python /opt/torch/.venv/bin/python3 python3 /usr/bin/python3; do
    [ -n "$candidate" ] && "$candidate" -c 'import torch' >/dev/null 2>&1 && { python=$candidate has_torch=true; return; }
  done
  python=$(command -v "${python:-python3}" || true)
}

# ---- Libraries: links to all of a folder's, so that a single one can be left out

has_torch=false
# leave_out WHAT WHY: what cannot be done on this machine is no failure, and is told.
leave_out() {
  say "left out: $1: $2"
  printf '%s: %s\n' "$1" "$2" >> "$work/left-out"
}

wanted="libcudart.so.13 libcublas.so.13 libcublasLt.so.13 libcurand.so.10 libcufft.so.12 libnvrtc.so.13 libnvJitLink.so.13 libcudnn.so.9"

link_cuda() {
  local cuda=$work/cuda roots=() library at root
  rm -rf "$cuda"
  mkdir -p "$cuda"
  for root in $(echo "${LD_LIBRARY_PATH:-}" | tr : ' ') ${CUDA_HOME:-} \
    $([ -n "$python" ] && "$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' 2>/dev/null) \
    /usr/local /opt /usr/lib/x86_64-linux-gnu /usr/lib64; do
    [ -d "$root" ] && roots+=("$root")
  done
  # shellcheck disable=SC2046 # one -name a word
  find "${roots[@]}" \( $(for library in $wanted; do printf -- '-o -name %s ' "$library"; done | cut -c 4-) \) \
    -not -path '*/stubs/*' -not -path '*/compat/*' 2>/dev/null > "$work/found"
  for library in $wanted; do
    at=$(grep -m 1 "/$library\$" "$work/found") || { say "not found: $library"; continue; }
    say "$at"
    for file in "$(dirname "$at")"/lib{cu,nv}*.so*; do
      [ -e "$cuda/$(basename "$file")" ] || ln -s "$file" "$cuda/"
    done
  done
  # The driver's own is the system's.
  rm -f "$cuda"/libcuda.so* "$cuda"/libnvidia-*
}

# In whole: a grep that stops at its find breaks the pipe, and ldconfig with it.
has_library() { [[ $(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null) == *"$1 "* ]]; }

library_path() {
  local path=$1:$work/native/libs folder
  has_library libstdc++.so.6 && has_library libgcc_s.so.1 || path=$path:$work/native/std
  for folder in /usr/local/nvidia/lib64 /usr/lib64-nvidia; do
    [ -d "$folder" ] && path=$path:$folder
  done
  echo "$path${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

# ---- Steps

# Text as a JSON string, without control characters; its last 6,000 characters.
quoted() {
  printf '"'
  tail -c 6000 | LC_ALL=C tr -d '\000-\010\013-\037\177' | LC_ALL=C sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/\t/\\t/g' | awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }'
  printf '"'
}

failed=0
# step PHASE-NAME SECONDS EXIT-CODES COMMAND...: runs it, and keeps what it printed, its exit code and its time.
step() {
  local name=$1 limit=$2 expected=$3 started ended code ok=false file=$work/steps/$1
  shift 3
  started=$(date +%s.%N)
  timeout -k 5 "$limit" "$@" > "$file.out" 2> "$file.err" < /dev/null
  code=$?
  ended=$(date +%s.%N)
  [[ $code =~ ^($expected)$ ]] && ok=true
  finish_step "$name" "$code" "$ok" "$(awk "BEGIN { printf \"%.3f\", $ended - $started }")" "$*"
  # What is made beside it is collected when all of that is there.
  [ "$BASHPID" != "$$" ] || collect
  $ok
}

finish_step() {
  local name=$1 code=$2 ok=$3 seconds=$4 command=$5 file=$work/steps/$1 first last
  {
    printf '{ "name": "%s", "ok": %s, "exit": %s, "seconds": %s, "command": ' "$name" "$ok" "$code" "$seconds"
    printf '%s' "$command" | quoted
    first=$(head -c 1 "$file.out") last=$(tail -c 2 "$file.out" | tr -d '\n' | tail -c 1)
    if [ "$first" = "{" ] && [ "$last" = "}" ]; then
      printf ', "result": '
      cat "$file.out"
    else
      printf ', "output": '
      quoted < "$file.out"
    fi
    printf ', "errors": '
    quoted < "$file.err"
    printf ' }\n'
  } > "$file.json"
  if $ok; then say "$name: $seconds s"; else say "$name: FAILED, exit $code, $seconds s: $({ [ -s "$file.err" ] && cat "$file.err" || cat "$file.out"; } | tail -n 1 | cut -c 1-400)"; echo "$name" >> "$work/failed"; fi
}

# Several steps at once, as many as the cores allow.
jobs_at_once=$(($(nproc) / 4 > 4 ? 4 : $(nproc) / 4 > 0 ? $(nproc) / 4 : 1))
beside() {
  while [ "$(jobs -rp | wc -l)" -ge "$jobs_at_once" ]; do wait -n; done
  "$@" &
}

collect() {
  local first=true file line
  {
    printf '{ "card": '
    { nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used,pcie.link.gen.max,pcie.link.width.max,compute_cap --format=csv,noheader \
      2>/dev/null || echo "no driver"; } | quoted
    printf ', "cores": %s, "processor": ' "$(nproc)"
    sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1 | quoted
    printf ', "leftOut": ['
    while read -r line; do
      $first || printf ', '
      first=false
      printf '%s' "$line" | quoted
    done < "$work/left-out"
    first=true
    printf '], "steps": [\n'
    for file in "$work"/steps/*.json; do
      [ -e "$file" ] || continue
      $first || printf ',\n'
      first=false
      cat "$file"
    done
    printf ']}\n'
  } > "$out/gpu.json.part" && mv "$out/gpu.json.part" "$out/gpu.json"
}

# ---- Phases

phase_doctor() {
  step doctor-words 60 0 "${run[@]}" doctor --device cuda
  step doctor-json 60 0 "${run[@]}" doctor --device cuda --json
  [ "$device" = cpu ] || step doctor-card 20 0 nvidia-smi
  # The doctor looks, and says no only when nothing can be drawn; whether the card is used is asked by using it.
  step doctor-first-run 60 0 "${run[@]}" bench "$models/lenet.onnx" --device "$device" --runs 3 --json
}

# export_models SECONDS [NAME...]: networks of PyTorch's as files; those that are there stay.
export_models() {
  local limit=$1
  shift
  $has_torch || { leave_out "models ${*:-of PyTorch}" "there is no Python with PyTorch"; return 1; }
  [ $# -gt 0 ] && [ -e "$work/exported/$1.onnx" ] && return
  step "models-${1:-export}" "$limit" 0 "$python" "$program/build/gpu_models.py" "$work/exported" "$@"
}

phase_models() { export_models 150; }

# Its slices of shapes have no elements: how such tensors come off a card.
phase_swin() {
  export_models 100 swin_t || return
  check_model "$work/exported/swin_t.onnx"
  step bench-swin_t-1-cuda 60 0 "${run[@]}" bench "$work/exported/swin_t.onnx" "$models/cat.jpg" --device "$device" --runs 5 --json
  step swin-dump 60 0 "${run[@]}" dump "$work/exported/swin_t.onnx" "$models/cat.jpg" --device "$device" --without report --out "$work/dump-swin" --json --quiet
  rm -rf "$work/dump-swin"
}

check_model() {
  local model=$1 name expected=0
  name=$(basename "$model" .onnx)
  # What a card rounds to 11 bits behind every node may drift further apart than is allowed; the table has how far.
  case $name in *_fp16) expected="0|1" ;; esac
  step "check-$name" 100 "$expected" "${run[@]}" compare "$model" "$models/cat.jpg" --device cpu --device-b "$device" --local 1 --threads 4 --json
}

phase_check() {
  local model
  for model in "$models"/*.onnx "$work"/exported/*.onnx; do
    [ -e "$model" ] || continue
    [[ ,$phases, == *,swin,* ]] && [ "$(basename "$model")" = swin_t.onnx ] && continue
    beside check_model "$model"
  done
  for model in mobilenet_v2 resnet18; do
    [ -e "$work/exported/$model.onnx" ] || continue
    # Rounded products are expected to be told from exact ones.
    beside step "check-$model-tf32" 100 "0|1" "${run[@]}" compare "$work/exported/$model.onnx" "$models/cat.jpg" --device cpu --device-b "$tf32" --local 1 --threads 4 --json
    beside step "check-$model-extended" 100 0 "${run[@]}" compare "$work/exported/$model.onnx" "$models/cat.jpg" --device cpu --device-b "$device" \
      --optimization-b extended --local 1 --threads 4 --json
  done
  wait
}

phase_bench() {
  local mobilenet=$work/exported/mobilenet_v2.onnx cat=$models/cat.jpg name where
  [ -e "$mobilenet" ] || mobilenet=$models/squeezenet.onnx
  step bench-mobilenet-1-cuda 60 0 "${run[@]}" bench "$mobilenet" "$cat" --device "$device" --runs 9 --json
  step bench-mobilenet-1-cpu 60 0 "${run[@]}" bench "$mobilenet" "$cat" --device cpu --runs 9 --json
  if [ "$mobilenet" != "$models/squeezenet.onnx" ]; then
    step bench-mobilenet-32-cuda 90 0 "${run[@]}" bench "$mobilenet" "$cat" --device "$device" --batch 32 --runs 5 --json
    step bench-mobilenet-32-cuda-pageable 90 0 env CNNONNX_PINNED=0 "${run[@]}" bench "$mobilenet" "$cat" --device "$device" --batch 32 --runs 3 --json
    step bench-mobilenet-32-cuda-tf32 90 0 "${run[@]}" bench "$mobilenet" "$cat" --device "$tf32" --batch 32 --runs 3 --json
    step bench-mobilenet-32-cpu 90 0 "${run[@]}" bench "$mobilenet" "$cat" --device cpu --batch 32 --runs 3 --json
  fi
  for name in mobilenet_v2_fp16 resnet50; do
    [ -e "$work/exported/$name.onnx" ] || continue
    step "bench-$name-1-cuda" 60 0 "${run[@]}" bench "$work/exported/$name.onnx" "$cat" --device "$device" --runs 5 --json
  done
  pictures 64
  for where in "$device" cpu; do
    step "bench-dump-64-$where" 90 0 "${run[@]}" dump "$mobilenet" "$work/pictures-64" --device "$where" --batch 32 --out "$work/dump-64" --json --quiet
    rm -rf "$work/dump-64"
  done
}

# The same picture under many names: what a dump costs does not depend on what it shows.
pictures() {
  [ -d "$work/pictures-$1" ] && return
  mkdir -p "$work/pictures-$1"
  seq -w 1 "$1" | xargs -P 8 -I '{}' ln "$models/cat.jpg" "$work/pictures-$1/{}.jpg"
}

finished() { find "$1" -maxdepth 2 -name manifest.json 2>/dev/null | wc -l; }

# Does memory grow with the pictures? A dump of 1,000 while somebody looks at it, until it ends or the limit comes; a later call goes
# on behind the pictures that are there.
phase_memory() {
  local model=$work/exported/mobilenet_v2.onnx file=$work/steps/memory-1000 dump=$work/dump-1000 pid code ok=false stopped=false before made started
  export_models 100 mobilenet_v2
  [ -e "$model" ] || model=$models/squeezenet.onnx
  pictures 1000
  before=$(finished "$dump")
  "${run[@]}" dump "$model" "$work/pictures-1000" --device "$device" --ops Conv --batch 8 --without report --resume --out "$dump" --quiet \
    > "$file.out" 2> "$file.err" < /dev/null &
  pid=$! started=$SECONDS
  : > "$file.csv"
  while kill -0 "$pid" 2>/dev/null; do
    if [ $((SECONDS - started)) -ge $((memory_limit + 20)) ]; then
      kill -KILL "$pid"
    elif ! $stopped && [ $((SECONDS - started)) -ge "$memory_limit" ]; then
      say "memory-1000: the limit of $memory_limit s is here"
      # Once: a second signal would not wait for the files that are being written.
      stopped=true
      kill -TERM "$pid" 2>/dev/null
    fi
    printf '%s %s %s\n' "$((SECONDS - started))" "$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status" 2>/dev/null)" \
      "$(timeout 5 nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits 2>/dev/null | head -n 1)" >> "$file.csv"
    sleep 0.5
  done
  wait "$pid"
  code=$? made=$(($(finished "$dump") - before))
  # Most MiB of each quarter of the run, host and card; nothing where there is no driver. Buffers grow while the first pictures come;
  # from the second quarter on, nothing does but what leaks: 500 pictures of 1 MiB are more than the tenth and 100 MiB that are let pass.
  if [ "$made" -gt 0 ]; then
    awk -v made="$made" -v before="$before" -v stopped="$stopped" 'NF >= 2 { n++; host[n] = $2; card[n] = $3; cards += NF >= 3; last = $1 } END {
      for (q = 0; q < 4; q++) {
        h = c = 0
        for (i = int(q * n / 4) + 1; i <= (q + 1) * n / 4; i++) { if (host[i] > h) h = host[i]; if (card[i] + 0 > c) c = card[i] + 0 }
        hosts[q] = h; oncard[q] = c
        hostlist = hostlist (q ? ", " : "") h; cardlist = cardlist (q ? ", " : "") c
      }
      grows = hosts[3] > 1.1 * hosts[1] + 100 || oncard[3] > 1.1 * oncard[1] + 100
      printf "{ \"pictures\": %d, \"before\": %d, \"stopped\": %s, \"seconds\": %d, \"samples\": %d, ", made, before, stopped, last, n
      printf "\"hostMebibytes\": [%s], \"cardMebibytes\": [%s], \"grows\": %s }\n", hostlist, cards ? cardlist : "", grows ? "true" : "false"
    }' "$file.csv" > "$file.out"
    # 130 and 143: it ended by itself when it was told to.
    if [[ $code =~ ^(0|130|143)$ ]]; then ok=true; fi
    if grep -q '"grows": true' "$file.out"; then ok=false; echo "error: memory grows with the pictures" >> "$file.err"; fi
  fi
  # Where it was stopped the pictures stay for the next call.
  [ "$code" -ne 0 ] || rm -rf "$dump"
  finish_step memory-1000 "$code" "$ok" "$((SECONDS - started))" "dump of 1,000 pictures, stopped after $memory_limit s"
}

# A folder of links without some libraries; where the system has them as well, files that are no libraries stand in their places.
without() {
  local folder=$work/without file
  rm -rf "$folder"
  cp -a "$work/cuda" "$folder"
  for file in "$folder"/$1; do
    [ -L "$file" ] || continue
    rm "$file"
    has_library "$(basename "$file")" && : > "$file"
  done
  echo "$folder"
}

phase_faults() {
  local what folder filler model=$work/exported/mobilenet_v2.onnx
  for what in cudnn cudnn_engines_precompiled cudnn_graph cublas cufft curand cudart; do
    folder=$(without "lib$what.so*")
    [ "$what" = cudnn ] && folder=$(without "libcudnn*")
    [ "$what" = cublas ] && folder=$(without "libcublas*")
    step "faults-no-$what" 60 0 env LD_LIBRARY_PATH="$(library_path "$folder")" "$program/bin/visualizer" doctor --device cuda
    step "faults-no-$what-bench" 60 "0|2" env LD_LIBRARY_PATH="$(library_path "$folder")" "$program/bin/visualizer" bench "$models/lenet.onnx" --device cuda --runs 1
  done
  step faults-no-card 60 0 env CUDA_VISIBLE_DEVICES=-1 "${run[@]}" doctor --device cuda
  step faults-no-card-auto 60 0 env CUDA_VISIBLE_DEVICES=-1 "${run[@]}" dump "$models/lenet.onnx" "$models/cat.jpg" --out "$work/dump-fault"
  step faults-no-such-card 60 2 "${run[@]}" bench "$models/lenet.onnx" --device cuda:9 --runs 1
  folder=$work/no-driver
  mkdir -p "$folder" && : > "$folder/libcuda.so.1"
  step faults-no-driver 60 0 env LD_LIBRARY_PATH="$folder:$(library_path "$work/cuda")" "$program/bin/visualizer" doctor --device cuda
  rm -rf "$work/dump-fault"

  step faults-tensorrt 60 "0|2" "${run[@]}" bench "$models/lenet.onnx" --device tensorrt --runs 1

  # A card that others have filled: first with room for one picture, then with hardly any.
  [ -e "$model" ] && $has_torch && "$python" -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null ||
    { leave_out "a card that is full" "PyTorch, which fills it, is not here or sees no card"; return; }
  pictures 64
  for room in 2500 300; do
    rm -f "$work/filler" && mkfifo "$work/filler"
    "$python" "$program/build/gpu_fill.py" "$room" < "$work/filler" > "$work/steps/faults-fill-$room.txt" 2>&1 &
    filler=$!
    exec 9> "$work/filler"
    for _ in $(seq 60); do grep -q 'are left' "$work/steps/faults-fill-$room.txt" && break; kill -0 $filler 2>/dev/null || break; sleep 0.5; done
    say "$(tail -n 1 "$work/steps/faults-fill-$room.txt")"
    if [ "$room" = 2500 ]; then
      step faults-full-batch-64 60 2 "${run[@]}" dump "$model" "$work/pictures-64" --device "$device" --batch 64 --without report --out "$work/dump-fault"
      rm -rf "$work/dump-fault"
      step faults-full-batch-64-memory 60 0 "${run[@]}" dump "$model" "$work/pictures-64" --device "$device" --batch 64 --memory 200MiB --ops Conv --without report --out "$work/dump-fault"
      rm -rf "$work/dump-fault"
      step faults-full-batch-1 60 0 "${run[@]}" dump "$model" "$models/cat.jpg" --device "$device" --out "$work/dump-fault"
    else
      step faults-fuller 60 "0|2" "${run[@]}" dump "$model" "$models/cat.jpg" --device "$device" --out "$work/dump-fault"
      step faults-fuller-doctor 60 0 "${run[@]}" doctor --device cuda
    fi
    rm -rf "$work/dump-fault"
    exec 9>&-
    wait $filler
  done
}

phase_peer() {
  $has_torch || { leave_out "PyTorch with hooks" "there is no Python with PyTorch"; return; }
  [ "$device" = cpu ] || step peer-cuda 90 0 "$python" "$program/build/gpu_peer.py" cuda 9
  step peer-cpu 90 0 "$python" "$program/build/gpu_peer.py" cpu 3
}

# Read as a whole, so that a newer copy of this file may take its place while it runs.
{
  find_python
  unpack native
  unpack program
  program=$work/program models=$work/program/models
  ln -f "$work"/native/*.so "$program/bin/" || fail "libraries cannot be put beside the program"
  # Scripts that came with this one are newer than those of the pack.
  cp "$here"/gpu_*.py "$program/build/" 2>/dev/null
  say "Python: ${python:-none}$($has_torch || printf ', no PyTorch')"
  link_cuda
  export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 OPENCV_LOG_LEVEL=ERROR
  run=(env LD_LIBRARY_PATH="$(library_path "$work/cuda")" "$program/bin/visualizer")
  : > "$work/failed"
  : > "$work/left-out"
  for phase in ${phases//,/ }; do
    say "Phase $phase"
    "phase_$phase"
    collect
  done
  failed=$(wc -l < "$work/failed")
  say "$failed steps failed$([ "$failed" -gt 0 ] && printf ': %s' "$(paste -sd ' ' "$work/failed")"); $out/gpu.json"
  exit $((failed > 0))
}
