# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels read and write arrays in place, whatever their strides, and refuse what
they cannot read, naming it."""

import sys
import unittest
from pathlib import Path

import attnc
import numpy as np
from reference import attention, draw

SPECS = Path(sys.argv.pop(1))
# Both specs in one module, which is compiled once.
TEXT = attnc.attention(16, mask=attnc.masks.causal(), name="f", return_lse=False)
TEXT += attnc.attention(16, name="two", return_lse=True)
module = attnc.compile(TEXT, name="two_functions")
f = module.f


def causal(q, k, h, b):
    return k <= q


class Exporter:
    """An array that has __dlpack__ and nothing else."""

    def __init__(self, array, **fields):
        self.array, self.fields = array, fields

    def __dlpack_device__(self):
        return self.fields.get("device", (1, 0))

    def __dlpack__(self, **options):
        if self.fields.get("legacy") and options:
            raise TypeError("no max_version")
        return self.array.__dlpack__(**options)


class Description(unittest.TestCase):
    def test_arguments(self):
        self.assertEqual([a.name for a in f.arguments], ["q", "k", "v", "out"])
        self.assertEqual([a.role for a in f.arguments], ["input"] * 3 + ["output"])
        argument = f.arguments[1]
        self.assertEqual(argument.dtype, "f32")
        self.assertEqual(argument.shape, ("batch", "kv_heads", "kv_length", 16))
        self.assertIn("k: f32[batch, kv_heads, kv_length, 16]", repr(f))
        self.assertIn("-> out: f32[", f.__doc__)

    def test_module(self):
        self.assertEqual(list(module), ["f", "two"])
        self.assertEqual(repr(module), "<attnc.Module of f, two>")
        self.assertIs(module["f"], module.f)
        self.assertIn("two", dir(module))
        self.assertIn("functions", module.manifest)
        self.assertEqual(module.diagnostics, ())
        with self.assertRaisesRegex(AttributeError, "no function 'g'; there are f, two"):
            module.g
        self.assertRaises(KeyError, lambda: module["g"])

    def test_a_module_may_go_before_its_kernels(self):
        x = draw(1, 1, 5, 16)
        kernel = attnc.compile(TEXT, name="two_functions").f
        np.testing.assert_array_equal(kernel(x, x, x), f(x, x, x))

    def test_the_second_time_is_cached(self):
        self.assertTrue(attnc.compile(TEXT, name="two_functions").was_cached)
        strict = attnc.Context(jit="require-cache")
        attnc.compile(TEXT, name="two_functions", context=strict)
        with self.assertRaises(attnc.Error) as caught:
            attnc.compile(TEXT, name="another", context=strict)
        self.assertEqual(caught.exception.status_name, "not cached")

    def test_path_and_emit(self):
        path = SPECS / "causal.mlir"
        header = attnc.emit(path, "header")
        self.assertIn(b"int32_t causal(const DLTensor *q", header)
        self.assertIsNone(attnc.emit(str(path), "header", "causal.h"))
        self.assertEqual(Path("causal.h").read_bytes(), header)


class Arrays(unittest.TestCase):
    def setUp(self):
        self.q, self.k, self.v = (draw(2, 2, 9, 16, seed=i) for i in range(3))
        self.expected = attention(self.q, self.k, self.v, causal)

    def check(self, out):
        np.testing.assert_allclose(out, self.expected, atol=1e-5)

    def test_numpy(self):
        out = f(self.q, self.k, self.v)
        self.assertIsInstance(out, np.ndarray)
        self.assertEqual(out.dtype, np.float32)
        self.check(out)
        self.check(f(v=self.v, k=self.k, q=self.q))
        self.check(f(self.q, v=self.v, k=self.k))

    def test_out_is_written_in_place(self):
        out = np.full_like(self.q, np.nan)
        self.assertIs(f(self.q, self.k, self.v, out=out), out)
        self.check(out)
        wide = np.full((2, 9, 2, 20), 7.0, np.float32)
        f(self.q, self.k, self.v, out=wide.transpose(0, 2, 1, 3)[..., :16])
        self.check(wide.transpose(0, 2, 1, 3)[..., :16])
        self.assertTrue((wide[..., 16:] == 7).all())

    def test_two_outputs(self):
        out, lse = module.two(self.q, self.k, self.v)
        self.assertEqual(lse.shape, (2, 2, 9))
        given = {"lse": np.empty_like(lse), "out": np.empty_like(out)}
        module.two(self.q, self.k, self.v, out=given)
        np.testing.assert_array_equal(given["lse"], lse)
        np.testing.assert_array_equal(given["out"], out)
        module.two(self.q, self.k, self.v, out=(out, lse))
        with self.assertRaisesRegex(TypeError, "has 2 outputs .out, lse., and `out` has 1"):
            module.two(self.q, self.k, self.v, out=out)
        with self.assertRaisesRegex(TypeError, "has the outputs out, lse"):
            module.two(self.q, self.k, self.v, out={"out": out})

    def test_strides(self):
        # Lengths before heads, every second position, one head for two.
        k = np.ascontiguousarray(self.k.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3)
        v = np.repeat(self.v, 2, axis=2)[:, :, ::2]
        self.assertFalse(k.flags.c_contiguous or v.flags.c_contiguous)
        self.check(f(self.q, k, v))
        shared = np.broadcast_to(self.v[:, :1], self.v.shape)
        self.assertEqual(shared.strides[1], 0)
        expected = attention(self.q, self.k, shared, causal)
        np.testing.assert_allclose(f(self.q, self.k, shared), expected, atol=1e-5)

    def test_read_only(self):
        for array in (self.q, self.k, self.v):
            array.flags.writeable = False
        self.check(f(self.q, self.k, self.v))
        with self.assertRaisesRegex(attnc.Error, "f: argument out: is read-only"):
            f(draw(2, 2, 9, 16), self.k, self.v, out=self.q)

    def test_empty(self):
        empty = np.empty((2, 2, 0, 16), np.float32)
        self.assertEqual(f(empty, self.k, self.v).shape, empty.shape)
        self.assertTrue((f(self.q, empty, empty) == 0).all())

    def test_dlpack(self):
        for legacy in (False, True):
            q, k, v = (Exporter(x, legacy=legacy) for x in (self.q, self.k, self.v))
            self.check(f(q, k, v))
            out = np.empty_like(self.q)
            f(q, k, v, out=Exporter(out, legacy=legacy))
            self.check(out)

    def test_numbers_do_not_leak(self):
        before = sys.getrefcount(self.q)
        for _ in range(50):
            f(self.q, self.k, self.v)
            f(Exporter(self.q), self.k, self.v)
        self.assertEqual(sys.getrefcount(self.q), before)


class Repeats(unittest.TestCase):
    """The second call with arrays like the first goes another way through the code."""

    def check(self, *arrays, out=None):
        found = f(*arrays, out=out)
        np.testing.assert_array_equal(found, attnc.compile(TEXT, name="two_functions").f(*arrays))
        return found

    def test_results_are_those_of_the_arrays_given(self):
        first, second = draw(1, 2, 7, 16, seed=1), draw(1, 2, 7, 16, seed=2)
        kept = self.check(first, first, first)
        before = kept.copy()
        other = self.check(second, first, second)
        self.assertFalse(np.array_equal(kept, other))
        np.testing.assert_array_equal(kept, before)
        out = np.empty_like(first)
        self.assertIs(self.check(second, first, first, out=out), out)
        self.assertIs(f(second, first, first, out=(out,)), out)
        self.assertIs(f(second, first, first, out={"out": out}), out)

    def test_arrays_may_change_in_between(self):
        class Derived(np.ndarray):
            pass

        x = draw(1, 2, 7, 16)
        longer, wide = draw(1, 2, 9, 16), draw(1, 2, 7, 32)[..., ::2]
        read_only = x.copy()
        read_only.flags.writeable = False
        for array in (longer, read_only, x.view(Derived), draw(1, 2, 14, 16)[:, :, ::2]):
            self.check(x, x, x)
            self.check(x, array, array)
            self.check(array, array, array)
        self.check(x, x, x)
        for message, arguments, out in (
            ("argument k: dimension 3 is 8", (x, x[..., :8].copy(), x), None),
            ("argument v: .*f64", (x, x, x.astype(np.float64)), None),
            ("argument q: has the stride 2|argument q: .*stride", (wide, x, x), None),
            ("argument out: is read-only", (x, x, x), read_only),
            ("argument out: dimension 2 is 9", (x, x, x), longer.copy()),
            ("argument v: is a list", (x, x, [1.0]), None),
        ):
            self.check(x, x, x)
            with self.subTest(message), self.assertRaisesRegex(attnc.Error, message):
                f(*arguments, out=out)
        with self.assertRaisesRegex(TypeError, "takes 3 inputs"):
            f(x, x)
        self.check(x, x, x)

    def test_a_call_within_a_call(self):
        x, y = draw(1, 1, 5, 16, seed=1), draw(1, 1, 5, 16, seed=2)
        wanted = f(x, x, x), f(y, y, y)
        inner = []

        class Calling:
            """Calls the kernel when it is described, in the middle of a call."""

            def __dlpack_device__(self):
                return (1, 0)

            def __dlpack__(self, **options):
                inner.append(f(y, y, y))
                return x.__dlpack__(**options)

        np.testing.assert_array_equal(f(x, Calling(), x), wanted[0])
        np.testing.assert_array_equal(inner[0], wanted[1])


class Refusals(unittest.TestCase):
    def setUp(self):
        self.x = draw(1, 2, 9, 16)

    def check(self, message, *arrays, **options):
        with self.assertRaisesRegex(attnc.Error, message) as caught:
            f(*arrays, **options)
        self.assertEqual(caught.exception.status_name, "invalid argument")

    def test_arrays(self):
        x = self.x
        self.check("f: argument k: .*f16", x, x.astype(np.float16), x)
        self.check("f: argument v: .*i32", x, x, x.astype(np.int32))
        self.check("f: argument q: the rank is 3 but must be 4", x[0], x, x)
        self.check("f: argument k: the rank is 3 but must be 4", x, x[0], x)
        self.check("f: argument k: dimension 3 is 8 but must be 16", x, x[..., :8], x)
        self.check("f: argument v: dimension 2", x, x, x[:, :, :4])
        self.check("f: argument k: .*negative strides", x, x[:, :, ::-1], x)
        self.check("f: argument v: the stride of the last", x, x, np.repeat(x, 2, 3)[..., ::2])
        self.check("f: argument q: its elements are big-endian", x.astype(">f4"), x, x)
        self.check("f: argument q: has dtype complex64", x.astype(np.complex64), x, x)
        odd = np.zeros((1, 2, 9), [("x", "<f4", 16), ("y", "i1", 2)])["x"]
        self.check("f: argument q: has strides .* multiples", odd, x, x)
        self.check("f: argument out: its memory overlaps", x, x, x, out=x)
        self.check("f: argument out: dimension 2", x, x, x, out=np.empty_like(x[:, :, :3].copy()))

    def test_what_is_no_array(self):
        x = self.x
        self.check("f: argument q: is a list, and neither", [1.0], x, x)
        self.check("f: argument v: is a NoneType", x, x, None)
        self.check("f: argument k: is a float", x, 1.0, x)
        self.check("f: argument k: .*device type 2 .*cpu", x, Exporter(x, device=(2, 0)), x)
        x.flags.writeable = False
        self.check("f: argument k: is not exported by DLPack", x, Exporter(x, legacy=True), x)

    def test_numbers_of_arguments(self):
        x = self.x
        for message, arrays, named in (
            (r"f\(\) takes 3 inputs \(q, k, v\) but 4 were given", (x, x, x, x), {}),
            ("got no k, v", (x,), {}),
            ("got 'q' twice", (x, x, x), {"q": x}),
            ("none named 'z'", (x, x), {"z": x}),
        ):
            with self.assertRaisesRegex(TypeError, message):
                f(*arrays, **named)

    def test_numbers(self):
        mask = attnc.masks.window(attnc.number("w", "i32"), 0)
        g = attnc.compile(attnc.attention(16, mask=mask), target="reference").attention
        x = self.x
        for message, value in (
            ("argument w: is 2147483648, which i32 cannot hold", 2**31),
            ("argument w: is 1.5, and the kernel takes an integer", 1.5),
            ("argument w: is a bool", True),
        ):
            with self.assertRaisesRegex(attnc.Error, message):
                g(x, x, x, value)

    def test_specs(self):
        with self.assertRaises(attnc.Error) as caught:
            attnc.compile("func.func @f(%q: tensor<4xq32>)", name="wrong.mlir")
        error = caught.exception
        self.assertEqual(error.status_name, "invalid spec")
        first = error.diagnostics[0]
        self.assertEqual((first.severity, first.file, first.line), ("error", "wrong.mlir", 1))
        self.assertTrue(str(first).startswith("wrong.mlir:1:"))
        with self.assertRaisesRegex(attnc.Error, "unknown target 'gpu'"):
            attnc.compile(TEXT, target="gpu")
        with self.assertRaisesRegex(attnc.Error, "nowhere.mlir"):
            attnc.compile("nowhere.mlir")
        self.assertRaises(ValueError, attnc.compile, TEXT, target="cpu\0")


class Threads(unittest.TestCase):
    def test_number(self):
        before = attnc.get_num_threads()
        attnc.set_num_threads(1)
        self.assertEqual(attnc.get_num_threads(), 1)
        attnc.set_num_threads(before)

    def test_calls_from_threads(self):
        from concurrent.futures import ThreadPoolExecutor

        def work(seed):
            q, k, v = (draw(1, 2, 20 + seed, 16, seed=3 * seed + i) for i in range(3))
            for _ in range(20):
                np.testing.assert_allclose(
                    f(q, k, v), attention(q, k, v, causal), atol=1e-5
                )
            with self.assertRaisesRegex(attnc.Error, f"dimension 3 is {seed + 1} but"):
                f(q, k[..., : seed + 1], v)
            return True

        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(work, range(8))), [True] * 8)

    def test_the_lock_is_released(self):
        # What ctypes loads as PyDLL keeps the interpreter's lock, as CDLL it does not.
        import ctypes

        from attnc._library import library

        self.assertIs(type(library()), ctypes.CDLL)


if __name__ == "__main__":
    unittest.main()
