# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The operators for PyTorch agree with PyTorch's own, alone and compiled, and refuse
what they do not do."""

import unittest

import attnc
import attnc.torch
import torch
from attnc import masks
from torch.nn.functional import scaled_dot_product_attention as expected

sdpa = attnc.torch.scaled_dot_product_attention
flex = attnc.torch.flex_attention
q, k, h, b = attnc.positions()


def draw(*shape, seed=0, dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


X = draw(2, 4, 20, 16)
TOLERANCE = {torch.float32: 1e-5, torch.float16: 2e-3, torch.bfloat16: 2e-2}


class Case(unittest.TestCase):
    def check(self, found, wanted, tolerance=1e-5):
        self.assertEqual(found.dtype, wanted.dtype)
        torch.testing.assert_close(found, wanted, atol=tolerance, rtol=tolerance)


class Kernels(Case):
    def test_tensors(self):
        for dtype, name in ((torch.float32, "f32"), (torch.bfloat16, "bf16"), (torch.float16, "f16")):
            with self.subTest(name):
                f = attnc.compile(attnc.attention(16, dtype=name)).attention
                x = X.to(dtype)
                out = f(x, x, x)
                self.assertIsInstance(out, torch.Tensor)
                self.check(out, expected(x, x, x), TOLERANCE[dtype])
                given = torch.empty_like(x)
                self.assertIs(f(x, x, x, out=given), given)
                self.assertTrue(torch.equal(given, out))

    def test_repeated(self):
        """A call like one before takes a shorter way; what only looks like it does
        not."""
        f = attnc.compile(attnc.attention(16)).attention
        out = torch.empty_like(X)
        for seed in range(3):
            x = draw(2, 4, 20, 16, seed=seed)
            self.check(f(x, x, x), expected(x, x, x))
            self.assertIs(f(x, x, X, out=out), out)
            self.check(out, expected(x, x, X))
        spread = draw(2, 20, 4, 16).transpose(1, 2)
        shorter, wide = X[:, :, :7], draw(2, 4, 20, 32)[..., :16]
        for x in (spread, X, shorter, wide, X[:0], X):
            self.check(f(x, x, x), expected(x, x, x))
        negative = torch._neg_view(X)
        refused = (X.to("meta"), X.to_sparse(), negative, X.double())
        for x in (*refused, X.clone().requires_grad_(), X.numpy()[..., :8]):
            f(X, X, X)
            with self.subTest(str(type(x))), self.assertRaises(attnc.Error):
                f(X, x, X)
        array = X.numpy()
        self.check(torch.as_tensor(f(array, array, array)), expected(X, X, X))
        mixed = f(X, array, torch.nn.Parameter(X, requires_grad=False))
        self.check(mixed, expected(X, X, X))

    def test_refusals(self):
        f = attnc.compile(attnc.attention(16)).attention
        for message, x in (
            ("argument k: the tensor is on device 'meta'.*cpu", X.to("meta")),
            ("argument k: requires a gradient", X.clone().requires_grad_()),
            ("argument k: has dtype torch.complex64", X.to(torch.complex64)),
            ("argument k: .*bf16", X.bfloat16()),
            ("argument k: is sparse", X.to_sparse()),
        ):
            with self.subTest(message), self.assertRaisesRegex(attnc.Error, message):
                f(X, x, X)
        with torch.no_grad():
            f(X, X.clone().requires_grad_(), X)


class Sdpa(Case):
    def test_seen_by_modes(self):
        """What watches operators sees this one."""
        from torch.utils._python_dispatch import TorchDispatchMode

        seen = []

        class Names(TorchDispatchMode):
            def __torch_dispatch__(self, function, types, args=(), kwargs=None):
                seen.append(str(function))
                return function(*args, **(kwargs or {}))

        with Names():
            self.check(sdpa(X, X, X), expected(X, X, X))
        self.assertIn("attnc.sdpa.default", seen)
        with torch.profiler.profile() as profile:
            sdpa(X, X, X)
        self.assertIn("attnc::sdpa", [event.key for event in profile.key_averages()])

    def test_like_pytorch(self):
        for dtype in TOLERANCE:
            x = X.to(dtype)
            for options in ({}, {"is_causal": True}, {"scale": 0.3}):
                for length in (20, 7):
                    with self.subTest(f"{dtype} {options} {length}"):
                        arrays = x[:, :, :length], x, x
                        self.check(sdpa(*arrays, **options), expected(*arrays, **options), TOLERANCE[dtype])
        self.check(sdpa(X, X[:, :, :7], X[:, :, :7], is_causal=True), expected(X, X[:, :, :7], X[:, :, :7], is_causal=True))

    def test_layouts(self):
        grouped = X[:, :2]
        self.check(sdpa(X, grouped, grouped, enable_gqa=True), expected(X, grouped, grouped, enable_gqa=True))
        self.check(sdpa(X[0], X[0], X[0]), expected(X[0], X[0], X[0]))
        columns = draw(2, 4, 16, 20).transpose(2, 3)
        self.check(sdpa(columns, columns, columns), expected(columns, columns, columns))

    def test_masks(self):
        i = torch.arange(20)
        self.check(sdpa(X, X, X, masks.window(3, 0)), expected(X, X, X, (i <= i[:, None]) & (i[:, None] - i <= 3)))
        ids = (i // 6).int()
        mask = attnc.table("ids")
        found = sdpa(X, X, X, mask[q] == mask[k], tables={"ids": ids})
        self.check(found, expected(X, X, X, ids[:, None] == ids))

    def test_flex(self):
        def local(b, h, q, k):
            return (k <= q) & (q - k < 5) | (h == 1) & (k < 2)

        for length in (20, 8):
            queries = X[:, :, :length]
            dense = local(*torch.meshgrid(*map(torch.arange, (2, 4, length, 20)), indexing="ij"))
            self.check(flex(queries, X, X, local), expected(queries, X, X, dense))

    def test_refusals(self):
        for error, message, call in (
            (NotImplementedError, "no dropout", lambda: sdpa(X, X, X, dropout_p=0.1)),
            (NotImplementedError, "no mask that is a tensor", lambda: sdpa(X, X, X, X)),
            (NotImplementedError, "query requires a gradient", lambda: sdpa(X.clone().requires_grad_(), X, X)),
            (ValueError, "exclude each other", lambda: sdpa(X, X, X, masks.causal(), is_causal=True)),
            (ValueError, "key is on device 'meta'", lambda: sdpa(X, X.to("meta"), X)),
            (TypeError, "key is torch.float64", lambda: sdpa(X, X.double(), X)),
            (TypeError, "value is torch.bfloat16 and query is", lambda: sdpa(X, X, X.bfloat16())),
            (ValueError, "query has rank 2", lambda: sdpa(X[0, 0], X, X)),
            (ValueError, "pass enable_gqa=True", lambda: sdpa(X, X[:, :2], X[:, :2])),
            (ValueError, "no multiple of the 3", lambda: sdpa(X, X[:, :3], X[:, :3], enable_gqa=True)),
            (ValueError, "the mask reads 'w', and", lambda: sdpa(X, X, X, q - k < attnc.number("w"))),
            (ValueError, "the mask reads no 'w'", lambda: sdpa(X, X, X, k <= q, tables={"w": X})),
            (ValueError, "there is no mask", lambda: sdpa(X, X, X, tables={"w": X})),
            (ValueError, "table 'w' is torch.int32", lambda: sdpa(X, X, X, q - k < attnc.number("w"), tables={"w": torch.tensor(1).int()})),
            (attnc.Error, "argument v: dimension 2", lambda: sdpa(X, X, X[:, :, :3])),
        ):  # fmt: skip
            with self.subTest(message), self.assertRaisesRegex(error, message):
                call()


class Compiled(Case):
    def test_opcheck(self):
        w = torch.tensor(3)
        turned = X.transpose(1, 2).contiguous().transpose(1, 2)
        for arguments in ((X, X, X, "causal", "", [], None), (turned, turned, turned, "window<w, 0>", "w", [w], 0.5)):
            results = torch.library.opcheck(attnc.torch.sdpa, arguments)
            self.assertEqual(set(results.values()), {"SUCCESS"})

    def test_full_graph(self):
        mask = masks.window(3, 0)

        def layer(x, y):
            return sdpa(x * 2, y, y, mask) + sdpa(x, y, y, is_causal=True)

        compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
        for length in (20, 7, 9, 11):
            arrays = X[:, :, :length], X
            self.check(compiled(*arrays), layer(*arrays))


if __name__ == "__main__":
    unittest.main()
