# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks packages for Debian, or extracts some.

check_packages.py FOLDER VERSION BUILD-TREE
check_packages.py FOLDER VERSION --extract TARGET runtime|all
"""

import re
import subprocess
import sys
from pathlib import Path

folder, version = Path(sys.argv[1]), sys.argv[2]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


packages = {path.name.split("_")[0]: path for path in folder.glob("*.deb")}
if set(packages) != {"attnc", "attnc-runtime"}:
    sys.exit(f"packages {sorted(packages)}")
if sys.argv[3:4] == ["--extract"]:
    for name in ["attnc-runtime", "attnc"][: 1 if sys.argv[5] == "runtime" else 2]:
        run("dpkg-deb", "-x", packages[name], sys.argv[4])
    sys.exit()


def get_fields(name):
    return {
        field: run("dpkg-deb", "-f", packages[name], field).strip()
        for field in ("Version", "Depends", "Recommends", "Description")
    }


def get_files(name):
    """The files and links of a package, without the versions of libraries."""
    lines = run("dpkg-deb", "-c", packages[name]).splitlines()
    for line in lines:
        mode, owner, *_ = line.split()
        if owner != "root/root" or (mode[0] != "l" and mode[8] == "w"):
            sys.exit(f"owner or mode: {line}")
    paths = [line.split()[5].removeprefix("./") for line in lines if line[0] != "d"]
    return {path.replace(version, "N") for path in paths}


runtime, compiler = get_fields("attnc-runtime"), get_fields("attnc")
for fields in (runtime, compiler):
    if fields["Version"] != version or "libc6" not in fields["Depends"]:
        sys.exit(f"version or dependencies: {fields}")
if re.search("llvm|mlir", runtime["Depends"], re.IGNORECASE):
    sys.exit(f"the runtime needs a compiler: {runtime['Depends']}")
OWNERS = {
    "libMLIR": "libmlir-22",
    "libLLVM": "libllvm22",
    "libomp": "libomp5-19",
    "libstdc++": "libstdc++6",
    "libgcc_s": "libstdc++6",  # which depends on its package
    "libattnc_rt": f"attnc-runtime (= {version})",
    **dict.fromkeys(("libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"), "libc6"),
}


def get_needed(path):
    """The libraries that a file of the build tree needs, without versions."""
    return [name.split(".so")[0] for name in re.findall(r"\(NEEDED\).*\[(.*)\]", run("llvm-readelf", "-d", path))]


build = Path(sys.argv[3])
needed = get_needed(build / "bin/attnc") + get_needed(build / "lib/libattnc_compiler.so")
if "libMLIR" not in needed:
    sys.exit(f"needed: {needed}")
for library in {"libattnc_rt", *needed}:
    if OWNERS[library] not in compiler["Depends"]:
        sys.exit(f"no {OWNERS[library]} in {compiler['Depends']}")
expected = {
    "usr/lib/libattnc.so.0",
    "usr/lib/libattnc.so.N",
    "usr/lib/libattnc_rt.so.1",
    "usr/lib/libattnc_rt.so.N",
}
if get_files("attnc-runtime") != expected:
    sys.exit(f"files of attnc-runtime: {sorted(get_files('attnc-runtime'))}")
files = get_files("attnc")
for path in (
    "bin/attnc",
    "lib/libattnc.so",
    "lib/libattnc_rt.so",
    "lib/libattnc_rt_static.a",
    "lib/libattnc_compiler.so.N",
    "lib/cmake/attnc/attncConfig.cmake",
    "lib/pkgconfig/attnc.pc",
    *(f"include/attnc-c/{name}" for name in ("attnc.h", "attnc.hpp", "runtime.h", "pool.h", "gpu.h", "dlpack.h")),
):
    if f"usr/{path}" not in files:
        sys.exit(f"no {path} in {sorted(files)}")
if files & expected:
    sys.exit(f"in both: {files & expected}")
