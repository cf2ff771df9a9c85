/*===- CInterface.h - The C side of the runtime's tests -----------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* Functions compiled as C99 and called by the tests in C++.
|*
\*===----------------------------------------------------------------------===*/

#ifndef ATTNC_TEST_UNIT_RUNTIME_CINTERFACE_H
#define ATTNC_TEST_UNIT_RUNTIME_CINTERFACE_H

#ifdef __cplusplus
extern "C" {
#endif

/** Binds a 2x3 tensor in C; 1 when the descriptor is as it should be. */
int attncTestBindFromC(void);

/** Binds a tensor declared by a DLPack header older than 1.0, which was
    included before attnc's; 1 when the descriptor is as it should be. */
int attncTestBindFromUpstreamDLPack(void);

#ifdef __cplusplus
}
#endif

#endif /* ATTNC_TEST_UNIT_RUNTIME_CINTERFACE_H */
