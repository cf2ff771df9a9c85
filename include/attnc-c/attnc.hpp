//===- attnc.hpp - The compiler as a library, for C++ -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A wrapper of attnc-c/attnc.h in C++17: objects that own their handles, and
// exceptions in the place of statuses. Header only; nothing of LLVM is needed.
//
//   attnc::Context context;
//   attnc::Module module = context.compileFile("causal.mlir");
//   attnc::Kernel causal = module.kernel();
//   causal(q, k, v, out);   // attnc::Tensor or DLTensor
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_C_ATTNC_HPP
#define ATTNC_C_ATTNC_HPP

#include "attnc-c/attnc.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace attnc {

/// One message about a place in a spec.
struct Diagnostic {
  int32_t severity = ATTNC_SEVERITY_ERROR;
  /// The number of the diagnostic that a note belongs to, or -1.
  int32_t parent = -1;
  int32_t line = 0, column = 0;
  std::string file, message;
};

/// Why a function failed.
class Error : public std::runtime_error {
public:
  Error(int32_t status, const std::string &message,
        std::vector<Diagnostic> diagnostics = {})
      : std::runtime_error(message), code(status),
        list(std::move(diagnostics)) {}

  int32_t status() const { return code; }
  const std::vector<Diagnostic> &diagnostics() const { return list; }

private:
  int32_t code;
  std::vector<Diagnostic> list;
};

namespace detail {

template <auto Destroy>
struct Deleter {
  template <typename Handle>
  void operator()(Handle *handle) const {
    Destroy(handle);
  }
};

template <typename Handle, auto Destroy>
using Owner = std::unique_ptr<Handle, Deleter<Destroy>>;

/// Reads diagnostics with a function of the C interface.
template <typename Handle, typename Get>
std::vector<Diagnostic> readDiagnostics(const Handle *handle, size_t count,
                                        Get get) {
  std::vector<Diagnostic> list;
  for (size_t i = 0; i < count; ++i) {
    attnc_diagnostic each = {};
    if (get(handle, i, &each) == ATTNC_OK)
      list.push_back({each.severity, each.parent, each.line, each.column,
                      each.file, each.message});
  }
  return list;
}

/// Throws; a program without exceptions ends with the message.
[[noreturn]] inline void raise(Error error) {
#if defined(__cpp_exceptions)
  throw std::move(error);
#else
  std::fprintf(stderr, "attnc: error: %s\n", error.what());
  std::abort();
#endif
}

inline void check(int32_t status, attnc_error *error) {
  if (status == ATTNC_OK)
    return;
  Owner<attnc_error, attnc_error_destroy> owner(error);
  if (!error)
    raise(Error(status, attnc_last_error()));
  raise(Error(status, attnc_error_message(error),
              readDiagnostics(error, attnc_error_num_diagnostics(error),
                              attnc_error_get_diagnostic)));
}

inline void check(int32_t status) {
  if (status != ATTNC_OK)
    raise(Error(status, attnc_last_error()));
}

} // namespace detail

/// A DLTensor of host memory that it does not own, with a shape that it does.
class Tensor {
public:
  /// A view of row-major elements.
  template <typename Element>
  Tensor(Element *data, std::vector<int64_t> shape)
      : Tensor(const_cast<std::remove_const_t<Element> *>(data),
               dtypeOf<std::remove_const_t<Element>>(), std::move(shape)) {}
  /// A view of elements of any dtype; strides, in elements, may be empty.
  Tensor(void *data, DLDataType dtype, std::vector<int64_t> shape,
         std::vector<int64_t> strides = {})
      : extents(std::move(shape)), steps(std::move(strides)), address(data),
        dtype(dtype) {}

  /// Points into this object.
  DLTensor view() const {
    DLTensor tensor = {};
    tensor.data = address;
    tensor.device.device_type = kDLCPU;
    tensor.ndim = static_cast<int32_t>(extents.size());
    tensor.dtype = dtype;
    tensor.shape = const_cast<int64_t *>(extents.data());
    tensor.strides =
        steps.empty() ? nullptr : const_cast<int64_t *>(steps.data());
    return tensor;
  }

  template <typename Element>
  static constexpr DLDataType dtypeOf() {
    static_assert(std::is_arithmetic_v<Element>,
                  "give the dtype of elements that C++ has no type for");
    uint8_t code = std::is_same_v<Element, bool>       ? kDLBool
                   : std::is_floating_point_v<Element> ? kDLFloat
                   : std::is_signed_v<Element>         ? kDLInt
                                                       : kDLUInt;
    return {code, static_cast<uint8_t>(8 * sizeof(Element)), 1};
  }

private:
  std::vector<int64_t> extents, steps;
  void *address;
  DLDataType dtype;
};

/// One tensor that a kernel takes.
struct Argument {
  std::string name, dtypeName;
  DLDataType dtype = {};
  int32_t role = ATTNC_ROLE_INPUT;
  /// An extent >= 0, or -1 - n for the symbol number n.
  std::vector<int64_t> dims;
};

/// A function in executable memory. Copies share it.
class Kernel {
public:
  Kernel(attnc_module *module, const char *function) {
    attnc_kernel *created = nullptr;
    attnc_error *error = nullptr;
    detail::check(attnc_kernel_create(module, function, &created, &error),
                  error);
    handle.reset(created, attnc_kernel_destroy);
  }

  std::string name() const { return attnc_kernel_name(get()); }

  std::vector<Argument> arguments() const {
    std::vector<Argument> list;
    for (size_t i = 0, e = attnc_kernel_num_arguments(get()); i < e; ++i) {
      attnc_argument each = {};
      detail::check(attnc_kernel_get_argument(get(), i, &each));
      list.push_back({each.name, each.dtype_name, each.dtype, each.role,
                      std::vector<int64_t>(each.dims, each.dims + each.rank)});
    }
    return list;
  }

  std::vector<std::string> symbols() const {
    std::vector<std::string> list;
    for (size_t i = 0, e = attnc_kernel_num_symbols(get()); i < e; ++i)
      list.push_back(attnc_kernel_symbol_name(get(), i));
    return list;
  }

  /// Calls it on tensors in the order of its arguments.
  void call(const DLTensor *const *tensors, size_t count) const {
    detail::check(attnc_kernel_call(get(), tensors, count));
  }
  template <typename... Tensors>
  void operator()(const Tensors &...tensors) const {
    const DLTensor views[] = {asView(tensors)...};
    const DLTensor *pointers[sizeof...(tensors)];
    for (size_t i = 0; i < sizeof...(tensors); ++i)
      pointers[i] = &views[i];
    call(pointers, sizeof...(tensors));
  }

  attnc_kernel *get() const { return handle.get(); }

private:
  static DLTensor asView(const DLTensor &tensor) { return tensor; }
  static DLTensor asView(const Tensor &tensor) { return tensor.view(); }

  std::shared_ptr<attnc_kernel> handle;
};

/// A compiled spec.
class Module {
public:
  explicit Module(attnc_module *module) : handle(module) {}

  /// A function by its name; without one, the only one.
  Kernel kernel(const char *function = nullptr) const {
    return Kernel(get(), function);
  }
  std::vector<std::string> functions() const {
    std::vector<std::string> names;
    for (size_t i = 0, e = attnc_module_num_functions(get()); i < e; ++i)
      names.push_back(attnc_module_function_name(get(), i));
    return names;
  }
  bool wasCached() const { return attnc_module_was_cached(get()) != 0; }
  std::string manifest() const { return attnc_module_manifest(get()); }
  /// The object file; valid while the module is.
  std::string_view object() const {
    size_t size = 0;
    const void *bytes = attnc_module_object(get(), &size);
    return {static_cast<const char *>(bytes), size};
  }
  std::vector<Diagnostic> diagnostics() const {
    return detail::readDiagnostics(get(), attnc_module_num_diagnostics(get()),
                                   attnc_module_get_diagnostic);
  }

  attnc_module *get() const { return handle.get(); }

private:
  detail::Owner<attnc_module, attnc_module_destroy> handle;
};

/// How to compile; the keys are those of attnc_options_set.
class Options {
public:
  Options() {
    attnc_options *created = nullptr;
    attnc_error *error = nullptr;
    detail::check(attnc_options_create(&created, &error), error);
    handle.reset(created);
  }

  Options &set(const char *key, const std::string &value) {
    attnc_error *error = nullptr;
    detail::check(attnc_options_set(get(), key, value.c_str(), &error), error);
    return *this;
  }

  attnc_options *get() const { return handle.get(); }

private:
  detail::Owner<attnc_options, attnc_options_destroy> handle;
};

/// Where kernels are kept, and whether they may be compiled.
class Context {
public:
  Context() {
    attnc_context *created = nullptr;
    attnc_error *error = nullptr;
    detail::check(attnc_context_create(&created, &error), error);
    handle.reset(created);
  }

  Context &set(const char *key, const std::string &value) {
    attnc_error *error = nullptr;
    detail::check(attnc_context_set(get(), key, value.c_str(), &error), error);
    return *this;
  }

  /// Compiles a spec, or takes it from the cache.
  Module compile(std::string_view source, const Options &options = {}) const {
    attnc_module *module = nullptr;
    attnc_error *error = nullptr;
    detail::check(attnc_compile(get(), source.data(), source.size(),
                                options.get(), &module, &error),
                  error);
    return Module(module);
  }
  Module compileFile(const std::string &path,
                     const Options &options = {}) const {
    attnc_module *module = nullptr;
    attnc_error *error = nullptr;
    detail::check(
        attnc_compile_file(get(), path.c_str(), options.get(), &module, &error),
        error);
    return Module(module);
  }

  /// What `attnc compile --emit=kind` writes, as bytes or to a file.
  std::string emit(std::string_view source, const char *kind,
                   const Options &options = {}) const {
    attnc_buffer *buffer = nullptr;
    attnc_error *error = nullptr;
    detail::check(attnc_emit(get(), source.data(), source.size(), options.get(),
                             kind, &buffer, &error),
                  error);
    detail::Owner<attnc_buffer, attnc_buffer_destroy> owner(buffer);
    return std::string(attnc_buffer_data(buffer), attnc_buffer_size(buffer));
  }
  void emitToFile(std::string_view source, const char *kind,
                  const std::string &path, const Options &options = {}) const {
    attnc_error *error = nullptr;
    detail::check(attnc_emit_to_file(get(), source.data(), source.size(),
                                     options.get(), kind, path.c_str(), &error),
                  error);
  }

  attnc_context *get() const { return handle.get(); }

private:
  detail::Owner<attnc_context, attnc_context_destroy> handle;
};

} // namespace attnc

#endif // ATTNC_C_ATTNC_HPP
