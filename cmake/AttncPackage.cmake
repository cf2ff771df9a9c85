# What is installed, and how other projects find it: a CMake package with the
# targets attnc::attnc, attnc::rt, attnc::rt_static and attnc::compiler and the
# function attnc_add_kernel, and two files for pkg-config.
#
# Component `runtime` is what a program needs that has compiled kernels, or finds
# them in the cache; it has no LLVM. Component `development` is the rest: the
# compiler, headers, and what links. They are the packages for Debian.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)

set_target_properties(attnc_library PROPERTIES EXPORT_NAME attnc)
set_target_properties(attnc_rt PROPERTIES EXPORT_NAME rt)
set_target_properties(attnc_rt_static PROPERTIES EXPORT_NAME rt_static)
set_target_properties(attnc PROPERTIES EXPORT_NAME compiler)

install(TARGETS attnc_library EXPORT attncTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
                COMPONENT runtime NAMELINK_COMPONENT development)
install(TARGETS attnc EXPORT attncTargets
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS attnc_rt attnc_rt_static EXPORT attncTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
                COMPONENT runtime NAMELINK_COMPONENT development
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES "${PROJECT_SOURCE_DIR}/include/attnc-c/attnc.h"
              "${PROJECT_SOURCE_DIR}/include/attnc-c/attnc.hpp"
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/attnc-c)

set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/attnc")
install(EXPORT attncTargets NAMESPACE attnc:: DESTINATION "${folder}")
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/attncConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/package/attncConfig.cmake"
  INSTALL_DESTINATION "${folder}")
# Before 1.0 a minor version may break what uses it.
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/package/attncConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/package/attncConfig.cmake"
              "${PROJECT_BINARY_DIR}/package/attncConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/AttncAddKernel.cmake"
        DESTINATION "${folder}")

# From the folder of the files up to the prefix.
file(RELATIVE_PATH up "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/p")
foreach(package attnc attnc_rt)
  configure_file("${CMAKE_CURRENT_LIST_DIR}/${package}.pc.in"
                 "${PROJECT_BINARY_DIR}/package/${package}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/package/${package}.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
