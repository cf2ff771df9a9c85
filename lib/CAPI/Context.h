//===- Context.h - where kernels are kept -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The cache of a context, on disk and in this process.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_CAPI_CONTEXT_H
#define ATTNC_LIB_CAPI_CONTEXT_H

#include "Module.h"
#include "attnc-c/attnc.h"
#include "attnc/Cache/CacheSettings.h"
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>

struct attnc_context {
  attnc::CacheSettings settings;

  /// The folder, opened at its first use; null without, and `whyNoFolder` then.
  attnc::CacheFolder *getFolder();
  const std::string &getWhyNoFolder();

  std::mutex lock;
  /// The modules of this process that are in use, by the digests of their keys.
  std::map<std::string, std::weak_ptr<attnc::capi::CompiledModule>> modules;
  /// The digests of what is being compiled: a second thread waits for the
  /// first.
  std::set<std::string> pending;
  std::condition_variable isDone;

private:
  void openFolder();

  std::once_flag opened;
  std::unique_ptr<attnc::CacheFolder> folder;
  std::string whyNoFolder;
};

#endif // ATTNC_LIB_CAPI_CONTEXT_H
