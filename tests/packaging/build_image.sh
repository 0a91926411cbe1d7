#!/usr/bin/env bash
# Build the image where there is no container engine and no registry: with buildah in a chroot, on a
# base made of Debian's packages instead of the one the Dockerfile names. It is built twice, which
# has to give the same. Needs root, and Debian's and Python's packages as this machine reaches them.
#
#   build_image.sh FOLDER      leaves FOLDER/root (the image's files) and FOLDER/image.json
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath "$1")
suite=bookworm # its Python is the 3.11 of the Dockerfile's base
[ "$(id -u)" -eq 0 ] || { echo "Building without a container engine needs root."; exit 1; }

have() { command -v "$1" > /dev/null; }
if ! have buildah || ! have mmdebstrap || ! have bwrap; then
  patient=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=5)
  apt-get "${patient[@]}" update -qq
  DEBIAN_FRONTEND=noninteractive apt-get "${patient[@]}" install -y -qq --no-install-recommends \
    buildah mmdebstrap bubblewrap > /dev/null
fi

store() { buildah --root "$folder/store" --runroot "$folder/store-run" "$@"; }
finish() {
  store umount --all > /dev/null || true
  umount "$folder/store/overlay" 2> /dev/null || true
  rm -rf "$folder/store" "$folder/store-run" "$folder/wheels" "$folder/base.tar" "$folder/context"
}
trap finish EXIT

begun=$SECONDS
step() { printf -- '-- %s (%s s)\n' "$1" $((SECONDS - begun)); }

# What is built is the tree at this moment, though someone may go on writing in it.
mkdir "$folder/context"
cp -r Dockerfile .dockerignore LICENSE requirements-server.lock app migrations "$folder/context"

step "Fetching packages"
.venv/bin/python -m pip download -qq --disable-pip-version-check --only-binary=:all: \
  --python-version 3.11 --require-hashes -r requirements-server.lock -d "$folder/wheels" &
wheels=$!
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' |
  grep -v security | head -n 1)
TMPDIR=$folder mmdebstrap --quiet --variant=minbase \
  --aptopt='Acquire::Retries "5"' --dpkgopt=force-unsafe-io \
  --include=python3,python3-venv,ca-certificates "$suite" "$folder/base.tar" ${mirror:+"$mirror"}
wait "$wheels"

step "Making the base"
printf '[global]\nno-index = true\nfind-links = /mnt\n' > "$folder/pip.conf"
base=$(store from scratch)
store add --quiet "$base" "$folder/base.tar" / > /dev/null
store add --quiet "$base" "$folder/pip.conf" /etc/pip.conf > /dev/null
store config --env PATH=/usr/bin "$base"
store commit --quiet --rm "$base" localhost/base > /dev/null

build() {
  store build --quiet --isolation chroot --format docker --timestamp 1700000000 \
    --build-arg BASE=localhost/base --volume "$folder/wheels:/mnt:ro" --tag "localhost/$1" \
    "$folder/context" > /dev/null
}
layers() { store inspect --type image --format '{{.OCIv1.RootFS.DiffIDs}}' "localhost/$1"; }

step "Building the image"
build council-feedback
step "Building it again"
build again
[ "$(layers council-feedback)" = "$(layers again)" ] || { echo "Two builds differ."; exit 1; }

step "Taking it apart"
store inspect --type image localhost/council-feedback > "$folder/image.json"
cp -a "$(store mount "$(store from localhost/council-feedback)")" "$folder/root"
step "Built"
