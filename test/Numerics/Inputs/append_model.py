# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks attn.append against a model of caches in numpy.

Each case appends random tokens to a cache of random contents, by `attnc run`,
and compares every byte of the cache with what the definition says, and what the
cache reads as with the tokens, within the error of the element type.
"""

import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HEADS, DIM, BATCH, NEW = 2, 16, 3, 7
LAYOUTS = {"": None, "paged<4>": 4, "paged<5, hnd>": 5, "rolling<6>": 6}
ELEMENTS = {
    "f32": [""],
    "f16": [""],
    "i8": ["token", "token, zeros", "channel", "tensor", "group = 8"],
    "i4": ["token", "group = 8", "group = 4, zeros", "channel"],
    "f8E4M3FN": ["", "token", "token, zeros"],
    "f8E5M2": ["", "group = 8"],
}
RANGES = {"i8": (-128, 127), "i4": (-8, 7), "f8E4M3FN": (-448, 448)}
RANGES["f8E5M2"] = (-57344, 57344)
# The largest error of a number within the range, in units of the scale.
ERRORS = {"i8": 0.5, "i4": 0.5, "f8E4M3FN": 16.0, "f8E5M2": 4096.0}


def decode_f8(mantissa_bits, bias, special):
    """The numbers of all bytes, as f64; NaN for what is none."""
    numbers = np.empty(256)
    for byte in range(256):
        exponent = byte >> mantissa_bits & (1 << 7 - mantissa_bits) - 1
        mantissa = byte & (1 << mantissa_bits) - 1
        if exponent == 0:
            value = mantissa * 2.0 ** (1 - bias - mantissa_bits)
        else:
            value = (1 + mantissa / 2**mantissa_bits) * 2.0 ** (exponent - bias)
        numbers[byte] = np.nan if special(exponent, mantissa) else value
        numbers[byte] *= -1 if byte & 128 else 1
    return numbers


F8 = {
    "f8E4M3FN": decode_f8(3, 7, lambda e, m: e == 15 and m == 7),
    "f8E5M2": decode_f8(2, 15, lambda e, m: e == 31),
}


def encode(numbers, element):
    """f32 numbers as int8: the nearest element, of two the one of even bits."""
    low, high = RANGES[element]
    clamped = np.clip(numbers, low, high)
    if element in F8:
        table = F8[element]
        bytes_ = np.flatnonzero(~np.isnan(table))
        distance = np.abs(clamped[..., None].astype(np.float64) - table[bytes_])
        # Ties go to even bits, zeros keep their sign.
        cost = distance * 4 + 0.0
        order = np.lexsort(
            (
                np.broadcast_to(bytes_ & 1, cost.shape),
                np.signbit(clamped)[..., None] != (bytes_ >= 128),
                cost,
            )
        )
        return bytes_[order[..., 0]].astype(np.uint8).view(np.int8)
    return np.rint(clamped).astype(np.int8)


def decode(elements, element):
    if element in F8:
        return F8[element][elements.view(np.uint8)]
    return elements.astype(np.float64)


def pack(elements, element):
    if element != "i4":
        return elements
    halves = elements.astype(np.uint8) & 15
    return (halves[..., 0::2] | halves[..., 1::2] << 4).view(np.int8)


class Case:
    def __init__(self, layout, element, scale, seed):
        self.layout, self.element, self.scale = layout, element, scale
        self.random = np.random.default_rng(seed)
        self.is_paged = layout.startswith("paged")
        self.is_hnd = "hnd" in layout
        self.size = LAYOUTS[layout]
        self.kind = scale.split(",")[0].split(" ")[0]
        self.group = int(scale.split("=")[1].split(",")[0]) if "group" in scale else DIM
        self.has_zeros = "zeros" in scale
        self.make_inputs()

    def make_inputs(self):
        blocks = 5 if self.is_paged else 1
        tokens = self.size if self.layout.startswith("rolling") else 20
        place = [BATCH, HEADS, tokens]
        if self.is_paged:
            page = [HEADS, self.size] if self.is_hnd else [self.size, HEADS]
            place = [BATCH * blocks + 2, *page]
        dtype = {"f32": np.float32, "f16": np.float16}.get(self.element, np.int8)
        width = DIM // 2 if self.element == "i4" else DIM
        self.place = place
        self.data = self.random.integers(-100, 100, [*place, width]).astype(dtype)
        most = blocks * self.size if self.is_paged else 20
        # One shorter than its new tokens, one full, one of none.
        self.lengths = np.array([3, most, 0], np.int32)
        self.counts = np.array([7, 5, 0], np.int32)
        self.tokens = self.random.standard_normal([BATCH, HEADS, NEW, DIM], np.float32)
        self.tokens[1, 0, 2] = 0
        self.table = None
        if self.is_paged:
            pages = self.random.permutation(place[0])[: BATCH * blocks]
            self.table = pages.astype(np.int32).reshape(BATCH, blocks)
        shapes = {
            "tensor": [],
            "channel": [HEADS, DIM],
            "token": place,
            "group": [*place, DIM // self.group],
        }
        self.scales = self.zeros = None
        if self.scale:
            shape = shapes[self.kind]
            self.scales = self.random.uniform(0.02, 0.03, shape).astype(np.float32)
            if self.has_zeros:
                self.zeros = self.random.uniform(-3, 3, shape).astype(np.float32)

    def inputs(self):
        named = {
            "x": self.tokens,
            "m": self.counts,
            "d": self.data,
            "t": self.table,
            "n": self.lengths,
            "s": self.scales,
            "z": self.zeros,
        }
        return {name: array for name, array in named.items() if array is not None}

    def write_spec(self):
        def spell(array):
            fixed = array is self.scales or array is self.zeros or array is self.data
            element = {"float32": "f32", "float16": "f16", "int8": "i8"}
            dims = [str(n) if fixed or n == DIM or n == HEADS else "?" for n in array.shape]
            return f"tensor<{'x'.join([*dims, element.get(array.dtype.name, 'i32')])}>"

        types = {name: spell(array) for name, array in self.inputs().items()}
        kv = ", ".join(
            p
            for p in (
                f"{HEADS}x{DIM}x{self.element}",
                self.layout,
                f"scale<{self.scale}>" if self.scale else "",
            )
            if p
        )
        words = {"t": "table", "n": "lengths", "s": "scales", "z": "zeros"}
        used = [name for name in ("d", "t", "n", "s", "z") if name in types]
        operands = "%d " + " ".join(f"{words[n]}(%{n})" for n in used if n != "d")
        return (
            f"func.func @f({', '.join(f'%{n}: {t}' for n, t in types.items())}) {{\n"
            f"  %c = attn.cache {operands} : ({', '.join(types[n] for n in used)})"
            f" -> !attn.kv<{kv}>\n"
            f"  attn.append %x to %c counts(%m : {types['m']})"
            f" : {types['x']}, !attn.kv<{kv}>\n"
            f"  return\n}}\n"
        )

    def rows(self):
        """Where each new token that is kept goes: (batch, head, token), place."""
        for b in range(BATCH):
            for i in range(self.counts[b]):
                position = self.lengths[b] - self.counts[b] + i
                ring = self.layout.startswith("rolling")
                if position < 0 or (ring and position < self.lengths[b] - self.size):
                    continue
                slot = position % self.size if self.size else position
                block = self.table[b, position // self.size] if self.is_paged else b
                for h in range(HEADS):
                    at = (block, h, slot)
                    if self.is_paged and not self.is_hnd:
                        at = (block, slot, h)
                    yield (b, h, i), tuple(int(n) for n in at)

    def measure(self, group):
        """The scale and zero point of some f32 numbers, in f32."""
        low, high = (np.float32(n) for n in RANGES[self.element])
        extent, steps = np.abs(group).max(), high
        if self.has_zeros:
            extent, steps = group.max() - group.min(), high - low
        scale = np.float32(extent) / np.float32(steps)
        if scale < np.finfo(np.float32).tiny:
            scale = np.float32(1)
        zero = np.float32(low) - group.min() / scale if self.has_zeros else np.float32(0)
        return scale, zero

    def expect(self):
        """The tensors after the append, and the largest error of a number."""
        data = self.data.copy()
        scales = None if self.scales is None else self.scales.copy()
        zeros = None if self.zeros is None else self.zeros.copy()
        worst = 0.0
        for source, at in self.rows():
            row = self.tokens[source]
            if self.element in ("f32", "f16"):
                data[at] = row.astype(data.dtype)
                continue
            elements = np.empty(DIM, np.int8)
            for first in range(0, DIM, self.group):
                part = slice(first, first + self.group)
                scale, zero = np.float32(1), np.float32(0)
                if self.kind in ("token", "group"):
                    scale, zero = self.measure(row[part])
                    where = at if self.kind == "token" else (*at, first // self.group)
                    scales[where] = scale
                    if self.has_zeros:
                        zeros[where] = zero
                elif self.scale:
                    where = (source[1], part) if self.kind == "channel" else ()
                    scale = scales[where]
                    zero = zeros[where] if self.has_zeros else zero
                number = row[part] / scale + (zero if self.has_zeros else 0)
                number = number.astype(np.float32)
                elements[part] = encode(number, self.element)
                back = (decode(elements[part], self.element) - zero) * scale
                inside = np.clip(number, *RANGES[self.element]) == number
                error = np.abs(back - row[part]) / scale * inside
                worst = max(worst, float(error.max()))
            data[at] = pack(elements, self.element)
        return {"d": data, "s": scales, "z": zeros}, worst

    def run(self, folder, target):
        command = ["attnc", "run", "-", f"--target={target}"]
        for name, array in self.inputs().items():
            np.save(folder / f"{name}.npy", array)
            command.append(f"--in={name}={folder / name}.npy")
        expected, worst = self.expect()
        changed = ["d"]
        if self.kind in ("token", "group"):
            changed += ["s"] + ["z"] * self.has_zeros
        command += [f"--out={name}={folder / name}_out.npy" for name in changed]
        spec = self.write_spec()
        subprocess.run(command, input=spec, text=True, check=True)
        for name in changed:
            actual = np.load(folder / f"{name}_out.npy")
            if not np.array_equal(actual.view(np.int8), expected[name].view(np.int8)):
                wrong = np.argwhere(actual != expected[name])[0]
                sys.exit(
                    f"{spec}\n{name} differs at {wrong}: {actual[tuple(wrong)]}, and not"
                    f" {expected[name][tuple(wrong)]}"
                )
        # Rounding of the quotient adds a little.
        if worst > ERRORS.get(self.element, 0) * 1.0001:
            sys.exit(f"{spec}\nan error of {worst} scales")


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else "cpu"
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for layout, (element, scales) in itertools.product(LAYOUTS, ELEMENTS.items()):
            for scale in scales:
                Case(layout, element, scale, count).run(Path(folder), target)
                count += 1
    print(f"{count} caches, as the model says")


if __name__ == "__main__":
    main()
