//===- ArtifactJson.cpp - what is in a file, for programs -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Version 1. Keys are only ever added within a version.
//
//===----------------------------------------------------------------------===//

#include "attnc/Inspect/Artifact.h"

using namespace attnc;
using Json = JsonNode::Json;

std::string attnc::emitArtifactJson(const Artifact &artifact) {
  Json manifests = Json::array();
  for (const Description &description : artifact.descriptions)
    manifests.push_back(description.json);
  Json json = {{"version", 1},
               {"kind", getKey(artifact.kind).str()},
               {"bytes", artifact.bytes}};
  if (!artifact.machine.empty())
    json["machine"] = artifact.machine;
  if (!artifact.digest.empty()) {
    Json fields = Json::object();
    for (const auto &[name, value] : artifact.fields)
      fields[name] = value;
    json["key"] = {{"digest", artifact.digest}, {"fields", fields}};
    json["not_here"] = artifact.restriction.empty()
                           ? Json(nullptr)
                           : Json(artifact.restriction);
  }
  json["manifests"] = std::move(manifests);
  return json.dump(2, ' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace) +
         "\n";
}
