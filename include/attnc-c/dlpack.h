/*===- dlpack.h - DLPack 1.x tensor exchange structures -----------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* The public DLPack 1.x ABI, declared from its specification so that users of
|* attnc need no further package. The definitions sit behind the guard macro of
|* the upstream header: whichever of the two is included first provides them,
|* and the layout assertions at the end check the winner. C99 and C++17.
|*
\*===----------------------------------------------------------------------===*/

#ifndef ATTNC_C_DLPACK_H
#define ATTNC_C_DLPACK_H

#include <stddef.h>
#include <stdint.h>

/* NOLINTBEGIN(readability-identifier-naming, modernize-use-using): C. */

#ifndef DLPACK_DLPACK_H_
#define DLPACK_DLPACK_H_

#ifdef __cplusplus
#define DLPACK_EXTERN_C extern "C"
#else
#define DLPACK_EXTERN_C
#endif

/* The structures need no import or export; upstream users expect the macro. */
#define DLPACK_DLL

#define DLPACK_MAJOR_VERSION 1
#define DLPACK_MINOR_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/** The version of the structures that a producer filled in. A consumer that
    finds another major version may only call the deleter. */
typedef struct {
  uint32_t major;
  uint32_t minor;
} DLPackVersion;

/** Where the memory of a tensor lives. */
#ifdef __cplusplus
typedef enum : int32_t {
#else
typedef enum {
#endif
  kDLCPU = 1,
  kDLCUDA = 2,
  kDLCUDAHost = 3,
  kDLOpenCL = 4,
  kDLVulkan = 7,
  kDLMetal = 8,
  kDLVPI = 9,
  kDLROCM = 10,
  kDLROCMHost = 11,
  kDLExtDev = 12,
  kDLCUDAManaged = 13,
  kDLOneAPI = 14,
  kDLWebGPU = 15,
  kDLHexagon = 16,
  kDLMAIA = 17,
  kDLTrn = 18
} DLDeviceType;

/** A device: its kind and its number among the devices of that kind. */
typedef struct {
  DLDeviceType device_type;
  int32_t device_id;
} DLDevice;

/** What the bits of an element mean. */
typedef enum {
  kDLInt = 0U,
  kDLUInt = 1U,
  kDLFloat = 2U,
  kDLOpaqueHandle = 3U,
  kDLBfloat = 4U,
  kDLComplex = 5U,
  kDLBool = 6U,
  kDLFloat8_e3m4 = 7U,
  kDLFloat8_e4m3 = 8U,
  kDLFloat8_e4m3b11fnuz = 9U,
  kDLFloat8_e4m3fn = 10U,
  kDLFloat8_e4m3fnuz = 11U,
  kDLFloat8_e5m2 = 12U,
  kDLFloat8_e5m2fnuz = 13U,
  kDLFloat8_e8m0fnu = 14U,
  kDLFloat6_e2m3fn = 15U,
  kDLFloat6_e3m2fn = 16U,
  kDLFloat4_e2m1fn = 17U
} DLDataTypeCode;

/** An element type in native byte order: a DLDataTypeCode, its width in bits,
    and the number of vector lanes (1 for scalars). */
typedef struct {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} DLDataType;

/** A view of a strided array; owns nothing. The first element is at
    `data + byte_offset` bytes. `shape` has `ndim` extents, `strides` as many
    strides counted in elements, or is NULL for a compact row-major array. */
typedef struct {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} DLTensor;

/** A tensor with an owner, in the exchange format before DLPack 1.0. */
typedef struct DLManagedTensor {
  DLTensor dl_tensor;
  void *manager_ctx;
  void (*deleter)(struct DLManagedTensor *self);
} DLManagedTensor;

/** Flags of DLManagedTensorVersioned. */
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)
#define DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED (1UL << 2UL)

/** A tensor with an owner and a version, the exchange format of DLPack 1.x.
    Everything up to `flags` keeps its place in every future version, so the
    deleter can always be called. */
typedef struct DLManagedTensorVersioned {
  DLPackVersion version;
  void *manager_ctx;
  void (*deleter)(struct DLManagedTensorVersioned *self);
  uint64_t flags;
  DLTensor dl_tensor;
} DLManagedTensorVersioned;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* DLPACK_DLPACK_H_ */

/* C99 has no static assertion; an array type of negative size serves. */
#if defined(__cplusplus)
#define ATTNC_STATIC_ASSERT(name, condition) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define ATTNC_STATIC_ASSERT(name, condition) _Static_assert(condition, #name)
#else
#define ATTNC_STATIC_ASSERT(name, condition)                                   \
  typedef char attnc_static_assert_##name[(condition) ? 1 : -1]
#endif

ATTNC_STATIC_ASSERT(pointers_have_64_bits, sizeof(void *) == 8);
ATTNC_STATIC_ASSERT(dldevice_size, sizeof(DLDevice) == 8);
ATTNC_STATIC_ASSERT(dldevice_id, offsetof(DLDevice, device_id) == 4);
ATTNC_STATIC_ASSERT(dldatatype_size, sizeof(DLDataType) == 4);
ATTNC_STATIC_ASSERT(dldatatype_bits, offsetof(DLDataType, bits) == 1);
ATTNC_STATIC_ASSERT(dldatatype_lanes, offsetof(DLDataType, lanes) == 2);
ATTNC_STATIC_ASSERT(dltensor_data, offsetof(DLTensor, data) == 0);
ATTNC_STATIC_ASSERT(dltensor_device, offsetof(DLTensor, device) == 8);
ATTNC_STATIC_ASSERT(dltensor_ndim, offsetof(DLTensor, ndim) == 16);
ATTNC_STATIC_ASSERT(dltensor_dtype, offsetof(DLTensor, dtype) == 20);
ATTNC_STATIC_ASSERT(dltensor_shape, offsetof(DLTensor, shape) == 24);
ATTNC_STATIC_ASSERT(dltensor_strides, offsetof(DLTensor, strides) == 32);
ATTNC_STATIC_ASSERT(dltensor_offset, offsetof(DLTensor, byte_offset) == 40);
ATTNC_STATIC_ASSERT(dltensor_size, sizeof(DLTensor) == 48);
ATTNC_STATIC_ASSERT(dlmanaged_context,
                    offsetof(DLManagedTensor, manager_ctx) == 48);
ATTNC_STATIC_ASSERT(dlmanaged_deleter,
                    offsetof(DLManagedTensor, deleter) == 56);
ATTNC_STATIC_ASSERT(dlmanaged_size, sizeof(DLManagedTensor) == 64);

/* An upstream header older than 1.0 has no versioned structure to check. */
#if defined(DLPACK_MAJOR_VERSION) && DLPACK_MAJOR_VERSION >= 1
ATTNC_STATIC_ASSERT(dlversioned_context,
                    offsetof(struct DLManagedTensorVersioned, manager_ctx) ==
                        8);
ATTNC_STATIC_ASSERT(dlversioned_deleter,
                    offsetof(struct DLManagedTensorVersioned, deleter) == 16);
ATTNC_STATIC_ASSERT(dlversioned_flags,
                    offsetof(struct DLManagedTensorVersioned, flags) == 24);
ATTNC_STATIC_ASSERT(dlversioned_tensor,
                    offsetof(struct DLManagedTensorVersioned, dl_tensor) == 32);
ATTNC_STATIC_ASSERT(dlversioned_size,
                    sizeof(struct DLManagedTensorVersioned) == 80);
#endif

/* NOLINTEND(readability-identifier-naming, modernize-use-using) */

#endif /* ATTNC_C_DLPACK_H */
