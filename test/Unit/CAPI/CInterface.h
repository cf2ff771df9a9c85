/*===- CInterface.h - The C side of the tests of libattnc ---------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Functions of the tests that are written in C.
|*
\*===----------------------------------------------------------------------===*/

#ifndef ATTNC_TEST_UNIT_CAPI_CINTERFACE_H
#define ATTNC_TEST_UNIT_CAPI_CINTERFACE_H

#ifdef __cplusplus
extern "C" {
#endif

/** Compiles a spec with a cache in `folder`, describes it, calls it. Returns 0,
    or the number of the step that failed. */
int attncTestCompileFromC(const char *folder, const char *spec);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* ATTNC_TEST_UNIT_CAPI_CINTERFACE_H */
