# Packages for Debian, by `cpack`: attnc-runtime has the component runtime, attnc
# the component development.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME attnc)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "the maintainers of attnc")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)

# Kernels with threads run on LLVM's OpenMP runtime, which is opened if a kernel
# has them. Debian 12 has one of release 19 for all of LLVM.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME attnc-runtime)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS
    "libomp5-19 | libomp-${LLVM_VERSION_MAJOR}-dev")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
    "runtime of compiled attention kernels\n\
Loads and calls kernels that attnc compiled, ahead of time or into its cache.\n\
Contains no compiler.")

# The runtime of the same build: the compiler writes what it loads. The others by
# hand: dpkg-shlibdeps reads all symbols of LLVM, and finds its package or not,
# for two have the library. A test compares them with what the files need.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME attnc)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "attnc-runtime (= ${PROJECT_VERSION}), libc6 (>= 2.34), libllvm${LLVM_VERSION_MAJOR}, \
libmlir-${LLVM_VERSION_MAJOR}, libomp5-19, libstdc++6 (>= 12)")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS
    "clang-${LLVM_VERSION_MAJOR} | c-compiler")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "compiler for attention and linear recurrences\n\
The program attnc, libattnc's compiler, headers, and files for CMake and\n\
pkg-config.")

include(CPack)
