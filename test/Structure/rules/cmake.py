# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How the build is written: shared MLIR only, and no guessed source lists.

attnc links libMLIR.so and libLLVM.so. A static MLIR or LLVM component beside
them would define every type id a second time, and `isa` would then answer
wrongly without any message.
"""

import re

from tree import run

# MLIRIR, MLIRFuncDialect, LLVMSupport...; but not the targets that mlir-tblgen
# rules define, which are named MLIR<file>IncGen.
STATIC_COMPONENT = re.compile(r"(?<![\w:./-])((?:MLIR|LLVM)[A-Z]\w*?)(?!\w)")
# Functions and variables of LLVM's CMake modules that link components.
LINKS_COMPONENTS = re.compile(
    r"\b(LLVM_LINK_COMPONENTS|LINK_COMPONENTS|llvm_map_components_to_libnames"
    r"|add_mlir_library|add_mlir_dialect_library|add_mlir_conversion_library"
    r"|add_mlir_translation_library|add_mlir_tool|add_llvm_executable"
    r"|add_llvm_tool|add_llvm_library)\b"
)
GLOB = re.compile(r"\bfile\s*\(\s*(GLOB\w*)\b", re.IGNORECASE)


def is_generated_target(name):
    return name.endswith(("IncGen", "DocGen"))


def check(tree):
    for path in tree.files("CMakeLists.txt", ".cmake"):
        for number, line in tree.lines(path):
            code = line.split("#", 1)[0]
            for name in STATIC_COMPONENT.findall(code):
                # MLIRConfig.cmake and the like are files, not libraries.
                if is_generated_target(name) or name.endswith("Config"):
                    continue
                tree.report(
                    path,
                    number,
                    f"links the static component '{name}': link MLIR or LLVM, the"
                    " shared libraries",
                )
            for name in LINKS_COMPONENTS.findall(code):
                tree.report(
                    path,
                    number,
                    f"'{name}' links static components: use add_attnc_library or"
                    " add_attnc_tool",
                )
            for name in GLOB.findall(code):
                tree.report(
                    path, number, f"file({name}) guesses the sources: list them"
                )


if __name__ == "__main__":
    run(check, __doc__)
