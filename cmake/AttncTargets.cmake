# The vocabulary of this build: one function per kind of target.
#
# Every library links libMLIR.so and libLLVM.so and no static MLIR component:
# a component linked beside the shared library would duplicate type ids.

# add_attnc_library(NAME sources... [DEPENDS tablegen targets...] [LINK_LIBS libs...])
function(add_attnc_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# add_attnc_tool(NAME sources... [LINK_LIBS libs...])
function(add_attnc_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
endfunction()

# add_attnc_doc(NAME td_file generator [generator options...])
# Writes <build>/docs/NAME.md and adds it to the target `attnc-doc`.
function(add_attnc_doc name td_file generator)
  set(LLVM_TARGET_DEFINITIONS ${td_file})
  mlir_tablegen(${name}.md ${generator} ${ARGN}
                EXTRA_INCLUDES ${PROJECT_SOURCE_DIR}/dialects
                               ${PROJECT_SOURCE_DIR}/include)
  set(output "${PROJECT_BINARY_DIR}/docs/${name}.md")
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E copy "${CMAKE_CURRENT_BINARY_DIR}/${name}.md" ${output}
    DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/${name}.md")
  add_custom_target(${name}DocGen DEPENDS ${output})
  if(NOT TARGET attnc-doc)
    add_custom_target(attnc-doc)
  endif()
  add_dependencies(attnc-doc ${name}DocGen)
endfunction()
