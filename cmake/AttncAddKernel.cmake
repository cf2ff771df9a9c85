# attnc_add_kernel(NAME SPEC file [TARGET target] [TUNING file] [NO_THREADS])
#
# Compiles a spec when the project is built. NAME becomes a library to link with,
# and NAME.h its header. TARGET is that of `attnc compile --target=`, "cpu" without:
# the machine that builds. NO_THREADS makes kernels for the calling thread alone,
# which need no OpenMP.
function(attnc_add_kernel name)
  cmake_parse_arguments(ARG "NO_THREADS" "SPEC;TARGET;TUNING" "" ${ARGN})
  if(NOT ARG_SPEC OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "attnc_add_kernel(${name} SPEC file [TARGET target] "
                        "[TUNING file] [NO_THREADS])")
  endif()
  if(NOT ARG_TARGET)
    set(ARG_TARGET cpu)
  endif()
  get_filename_component(spec "${ARG_SPEC}" ABSOLUTE)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}.attnc")
  set(object "${folder}/${name}.o")
  set(header "${folder}/${name}.h")
  set(options "--target=${ARG_TARGET}")
  set(depends "${spec}")
  if(ARG_TUNING)
    get_filename_component(tuning "${ARG_TUNING}" ABSOLUTE)
    list(APPEND options "--tuning=${tuning}")
    list(APPEND depends "${tuning}")
  endif()
  if(ARG_NO_THREADS)
    list(APPEND options --no-threads)
  elseif(NOT ATTNC_OPENMP_LIBRARY)
    message(FATAL_ERROR "the kernel ${name} needs LLVM's OpenMP runtime, which is "
                        "not found: set ATTNC_OPENMP_LIBRARY, or use NO_THREADS")
  endif()
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(
    OUTPUT "${object}" "${header}" "${folder}/${name}.json"
    COMMAND attnc::compiler compile "${spec}" ${options} -o "${object}"
    DEPENDS attnc::compiler ${depends}
    COMMENT "Compiling the kernel ${name}"
    VERBATIM)
  add_library(${name} STATIC "${object}" "${header}")
  set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT ON
                                                     GENERATED ON)
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  target_include_directories(${name} INTERFACE "${folder}")
  target_link_libraries(${name} INTERFACE attnc::rt m)
  if(NOT ARG_NO_THREADS)
    target_link_libraries(${name} INTERFACE "${ATTNC_OPENMP_LIBRARY}")
  endif()
endfunction()
