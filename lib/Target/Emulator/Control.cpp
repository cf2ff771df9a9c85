//===- Control.cpp - branches, calls and returns --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A branch that not all lanes take leaves the path to wait at the meeting point
// and puts a path for each side on top of it.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "Memory.h"

namespace attnc::emulator {

namespace {

/// Splits the running path: the lanes of `mask` go to `target`.
void split(Execution &x, uint32_t mask, uint32_t target) {
  Path &path = x.warp.paths.back();
  uint32_t rest = path.mask & ~mask;
  if (!rest) {
    path.pc = target;
    return;
  }
  uint32_t meeting = x.instruction.meeting, next = path.pc, frame = path.frame;
  uint32_t outer = path.meeting;
  if (meeting == noMeeting) {
    // They meet at the end of the function only.
    path.mask = rest;
    x.warp.paths.push_back({target, outer, mask, frame});
    return;
  }
  path.pc = meeting;
  if (next != meeting)
    x.warp.paths.push_back({next, meeting, rest, frame});
  if (target != meeting)
    x.warp.paths.push_back({target, meeting, mask, frame});
}

void branch(Execution &x) { split(x, x.mask, x.instruction.target); }

/// Slot 0: which of the targets. Lanes with the same one go first; the others
/// execute the branch again.
void branchByIndex(Execution &x) {
  const Instruction &instruction = x.instruction;
  const auto *index = x.lanes<uint32_t>(0);
  uint32_t first = index[x.firstLane()], same = 0;
  x.forCheckedLanes([&](unsigned lane) {
    if (index[lane] >= instruction.targets.size())
      x.fail("a branch by index has " +
             std::to_string(instruction.targets.size()) +
             " targets, the index is " + std::to_string(index[lane]));
    same |= uint32_t(index[lane] == first) << lane;
  });
  uint32_t target = instruction.targets[first];
  Path &path = x.warp.paths.back();
  uint32_t rest = path.mask & ~same;
  if (!rest) {
    path.pc = target;
    return;
  }
  uint32_t frame = path.frame, meeting = instruction.meeting;
  if (meeting == noMeeting) {
    meeting = path.meeting;
    path.mask = rest;
    path.pc = x.pc;
  } else {
    path.pc = meeting;
    x.warp.paths.push_back({x.pc, meeting, rest, frame});
  }
  if (target != meeting)
    x.warp.paths.push_back({target, meeting, same, frame});
}

/// Takes lanes off the paths of the frames from `frame` on.
void removeLanes(Warp &warp, uint32_t mask, uint32_t frame) {
  for (Path &path : warp.paths)
    if (path.frame >= frame)
      path.mask &= ~mask;
}

void copyLocal(Warp &warp, uint32_t mask, uint32_t to, uint32_t from,
               uint32_t bytes) {
  for (unsigned lane = 0; lane < 32; ++lane)
    if (mask >> lane & 1)
      memmove(warp.local[lane].data() + to, warp.local[lane].data() + from,
              bytes);
}

void returnLanes(Execution &x) {
  Warp &warp = x.warp;
  uint32_t frame = warp.paths.back().frame;
  const Frame &callee = warp.frames[frame];
  if (frame) {
    const auto &results = callee.function->results;
    const auto &places = callee.call->groups[0];
    for (size_t i = 0; i < results.size(); ++i)
      copyLocal(warp, x.mask, warp.frames[frame - 1].localBase + places[i],
                callee.localBase + results[i].offset, results[i].size);
  } else {
    warp.live &= ~x.mask;
  }
  removeLanes(warp, x.mask, frame);
}

void exitLanes(Execution &x) {
  x.warp.live &= ~x.mask;
  removeLanes(x.warp, x.mask, 0);
}

/// Groups: where results and parameters are in the caller's local memory.
void call(Execution &x) {
  Warp &warp = x.warp;
  const Instruction &instruction = x.instruction;
  const Function &callee = *instruction.callee;
  uint32_t caller = warp.paths.back().frame;
  pushFrame(x.block, warp, callee, x.mask, &instruction);
  for (size_t i = 0; i < callee.parameters.size(); ++i)
    copyLocal(warp, x.mask,
              warp.frames.back().localBase + callee.parameters[i].offset,
              warp.frames[caller].localBase + instruction.groups[1][i],
              callee.parameters[i].size);
}

/// The places of variables that a call names, checked when it is executed: the
/// function may be declared later.
std::vector<uint32_t> localPlaces(Decoder &decoder, const Operand &list) {
  std::vector<uint32_t> places;
  for (const Operand &element : list.elements) {
    Symbol *symbol = decoder.scopes.find(element.name);
    if (!symbol || symbol->kind != Symbol::Local)
      decoder.fail("'" + element.name + "' is no variable in .param space");
    places.push_back(uint32_t(symbol->value));
  }
  return places;
}

void trap(Execution &x) { x.fail("the kernel stops itself with trap"); }

void yieldWarp(Execution &x) { x.block.yield(x.warp, "what it polls"); }

} // namespace

bool isReturn(const Instruction &instruction) {
  return instruction.execute == returnLanes ||
         instruction.execute == exitLanes || instruction.execute == trap;
}

bool decodeControl(Decoder &decoder) {
  std::string_view name = decoder.part(0);
  Instruction &instruction = decoder.instruction;
  if (name == "bra") {
    instruction.execute = branch;
  } else if (name == "brx") {
    instruction.slots = {decoder.source(size_t(0), Type::U32)};
    instruction.execute = branchByIndex;
  } else if (name == "call") {
    instruction.groups = {localPlaces(decoder, decoder.operands[0]),
                          localPlaces(decoder, decoder.operands[1])};
    instruction.execute = call;
  } else if (name == "ret") {
    instruction.execute = returnLanes;
  } else if (name == "exit") {
    instruction.execute = exitLanes;
  } else if (name == "trap") {
    instruction.execute = trap;
  } else if (name == "nanosleep") {
    instruction.execute = yieldWarp;
  } else if (name == "griddepcontrol" || name == "pmevent" || name == "brkpt") {
    instruction.execute = doNothing;
  } else {
    return false;
  }
  return true;
}

} // namespace attnc::emulator
