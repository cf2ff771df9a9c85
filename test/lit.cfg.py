# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# How lit runs attnc's tests. Loaded through the site configuration in the build
# tree, which knows where the tools are:
#
#   lit <build>/test                            everything
#   lit <build>/test/Dialect/Attn/invalid.mlir  one test
import glob
import os
import shutil
import sys

import lit.formats
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "attnc"
# lit's own shell: no test depends on what /bin/sh is.
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = {".mlir", ".test"}
config.excludes = ["Inputs", "Unit"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = os.path.join(config.attnc_binary_dir, "test")

# A test that hangs must not hang the suite. lit needs psutil to kill it.
supported, reason = lit_config.maxIndividualTestTimeIsSupported
if not supported:
    lit_config.note("tests run without a time limit: " + reason)
elif not lit_config.maxIndividualTestTime:
    lit_config.maxIndividualTestTime = 300

# The tools by name, for `not` and for whatever a test starts indirectly; the
# build's own first.
tool_dirs = [config.attnc_tools_dir, config.llvm_tools_dir]
llvm_config.with_environment("PATH", tool_dirs, append_path=True)
# lit already runs one test a core; two threads are enough to find a race.
llvm_config.with_environment(
    "OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "2")
)
# The rules of Structure/ leave no compiled files in the source tree.
llvm_config.with_environment("PYTHONDONTWRITEBYTECODE", "1")
if "asan" in config.available_features:
    # libMLIR is not instrumented, so containers it fills look overrun.
    llvm_config.with_environment(
        "ASAN_OPTIONS",
        os.environ.get("ASAN_OPTIONS", "detect_container_overflow=0:allow_user_poisoning=0"),
    )

# The environment that setup.sh --python makes, if it is there; else the Python
# that runs lit, the distribution's, for which setup.sh installs numpy.
venv_python = os.path.join(config.attnc_binary_dir, "venv", "bin", "python3")
python = venv_python if os.path.exists(venv_python) else sys.executable

# The assembler of the CUDA toolkit, where gpu-assemble-kernels looks for it.
if shutil.which("ptxas") or os.path.exists("/usr/local/cuda/bin/ptxas"):
    config.available_features.add("ptxas")

# What cpack makes packages for Debian with.
if all(map(shutil.which, ("cpack", "dpkg-deb", "dpkg-shlibdeps"))):
    config.available_features.add("debian")


def has_package(environment, package):
    """Whether an environment of the build tree has a package of Python."""
    return bool(
        glob.glob(
            os.path.join(
                config.attnc_binary_dir, environment, "lib", "*", "site-packages", package
            )
        )
    )


# PyTorch is large, so it is in no environment of setup.sh; bench/peers.sh makes one
# that has it, and Transformers.
torch_venv = next((v for v in ("venv", "peers-venv") if has_package(v, "torch")), None)
torch_python = None
if torch_venv:
    torch_python = os.path.join(config.attnc_binary_dir, torch_venv, "bin", "python3")
    config.available_features.add("torch")
    if has_package(torch_venv, "transformers"):
        config.available_features.add("transformers")

# Kernels for AArch64 run in an emulator, if it and the cross compiler's libraries
# are there: setup.sh --aarch64. A machine that is one runs every other test.
if any(map(shutil.which, ("qemu-aarch64", "qemu-aarch64-static"))) and os.path.isdir(
    "/usr/aarch64-linux-gnu/include/c++"
):
    config.available_features.add("qemu-aarch64")

config.substitutions += [
    # What the custom form prints parses back to the same module. Comparing
    # generic forms is what makes it a test of the printers: --verify-roundtrip
    # prints generically, and so does not run them.
    (
        "%roundtrip",
        "attn-opt --mlir-print-op-generic %s > %t.ref"
        " && attn-opt %s | attn-opt --mlir-print-op-generic | diff %t.ref -",
    ),
    ("%root", config.attnc_source_dir),
    ("%buildtree", config.attnc_binary_dir),
    ("%version", config.attnc_version),
    ("%examples", os.path.join(config.attnc_source_dir, "examples")),
    ("%python", python),
    ("%torch-python", torch_python or "torch-python-is-not-there"),
    ("%cc", os.path.join(config.llvm_tools_dir, "clang")),
    ("%cxx", os.path.join(config.llvm_tools_dir, "clang++")),
]
llvm_config.add_tool_substitutions(
    [
        # Absent before the first build, when only Structure/ can run; a test
        # that needs them then fails with "command not found".
        ToolSubst("attnc", unresolved="ignore"),
        ToolSubst("attn-opt", unresolved="ignore"),
        ToolSubst("FileCheck", unresolved="fatal"),
        ToolSubst("split-file", unresolved="fatal"),
    ],
    tool_dirs,
)
