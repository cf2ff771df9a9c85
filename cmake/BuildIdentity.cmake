# Writes a header with what tells one build of the compiler from another:
#
#   cmake -DLIBRARY=<file> -DHEADER=<file> -P BuildIdentity.cmake

file(SHA256 "${LIBRARY}" digest)
string(SUBSTRING "${digest}" 0 32 identity)
file(CONFIGURE OUTPUT "${HEADER}" CONTENT
     "#define ATTNC_BUILD_IDENTITY \"@identity@\"\n" @ONLY)
