# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What mask expressions print, and that kernels see the keys that they say."""

import unittest

import attnc
import numpy as np
from attnc import masks
from reference import attention, draw

q, k, h, b = attnc.positions()
w, ids = attnc.number("w"), attnc.table("ids")


class Text(unittest.TestCase):
    def check(self, mask, text):
        self.assertEqual(str(mask), text)
        self.assertEqual(mask.attribute, f"#attn.mask<{text}>")

    def test_terms(self):
        self.check(k <= q, '"k <= q"')
        self.check(q - (k - 3) == 0, '"q - (k - 3) == 0"')
        self.check((q + 1) * 2 != 4 * k, '"(q + 1) * 2 != k * 4"')
        self.check(q // 64 == k // 64, '"q floordiv 64 == k floordiv 64"')
        self.check((q - k) % 8 // 2 > 1, '"(q - k) mod 8 floordiv 2 > 1"')
        self.check(5 - q < -k + -4, '"5 - q < -k - 4"')
        self.check(q * -3 >= -9, '"q * (-3) >= -9"')
        self.check(3 < np.int64(2) * k, '"k * 2 > 3"')
        self.check(ids[q] == ids[k], '"ids(q) == ids(k)"')

    def test_masks(self):
        a, c, d = k <= q, q < 5, h == 1
        self.check(a & c | d, '"k <= q and q < 5 or h == 1"')
        self.check(a & (c | d), '"k <= q and (q < 5 or h == 1)"')
        self.check(~(a & c), '"not (k <= q and q < 5)"')
        self.check(~~a, '"not (not k <= q)"')
        self.check(masks.causal() & (d | masks.window(63, 0)), 'causal and ("h == 1" or window<63, 0>)')
        self.check(~masks.causal() & a & c, 'not causal and "k <= q" and "q < 5"')
        self.check(masks.causal() & (a & c), 'causal and "k <= q and q < 5"')
        self.check(masks.axial(2, 3, "row"), "axial<2, 3, row>")

    def test_what_is_bound(self):
        mask = masks.window(w, 0) & (k < attnc.table("len")[b]) & (q - k <= w)
        self.assertEqual(
            [(x.name, x.type) for x in mask.bound],
            [("w", "tensor<i64>"), ("len", "tensor<?xi32>")],
        )
        self.assertEqual(attnc.table("t", "i64", True)[h, k].__class__, attnc.masks.Term)
        with self.assertRaisesRegex(ValueError, "'ids' is read as tensor<.xi32> and as"):
            (ids[q] == 0) & (ids[b, q] == 0)

    def test_what_is_refused(self):
        for message, make in (
            ("write & for 'and'", lambda: 0 <= q - k < 4),
            ("no value before it is compared", lambda: bool(q)),
            ("multiplied by a constant only", lambda: q * k),
            ("needs a positive constant", lambda: q // 0),
            ("needs a positive constant", lambda: q % k),
            ("compared with a term or an integer", lambda: q == 0.5),
            ("compared with a term or an integer", lambda: q == True),  # noqa: E712
            ("unsupported operand", lambda: q + 1.5),
            ("write positions as its indices", lambda: ids[q // 2]),
            ("window takes a number, not the term", lambda: masks.window(w + 1)),
            ("window takes integers", lambda: masks.window(2.0)),
            ("unsupported operand", lambda: (k <= q) & 1),
            ("the mask function returned a bool", lambda: masks.from_function(lambda *_: True)),
        ):
            with self.subTest(message), self.assertRaisesRegex(TypeError, message):
                make()
        for make in (lambda: attnc.number("q"), lambda: attnc.table("a b"), lambda: attnc.table("t", "f32"), lambda: q < 2**63):
            self.assertRaises(ValueError, make)


class Spec(unittest.TestCase):
    def test_what_is_refused(self):
        for error, arguments in (
            (ValueError, dict(dtype="f64")),
            (ValueError, dict(heads=8, kv_heads=3)),
            (ValueError, dict(name="a b")),
            (ValueError, dict(scale=float("nan"))),
            (ValueError, dict(mask=q < attnc.number("v"))),
            (TypeError, dict(mask="causal")),
        ):
            self.assertRaises(error, attnc.attention, 8, **arguments)
        self.assertRaises(ValueError, attnc.attention, 0)


class Kernels(unittest.TestCase):
    # One spec with a function for each; the same functions are called on arrays.
    EXPRESSIONS = {
        "sums": lambda q, k, h, b: (k <= q) & (q - k < 7) | (k < 2),
        "quotients": lambda q, k, h, b: (q // 4 == k // 4) | ((q - k) % 5 == 0) & (k <= q),
        "heads": lambda q, k, h, b: (h % 2 == 1) & (k <= q) | ~(k * 2 - q > 3) & (b == 0),
    }

    def test_expressions(self):
        text = "".join(
            attnc.attention(8, mask=f(q, k, h, b), name=name, heads=4, kv_heads=2)
            for name, f in self.EXPRESSIONS.items()
        )
        module = attnc.compile(text, target="reference")
        self.assertEqual(list(module), list(self.EXPRESSIONS))
        x, y, z = draw(2, 4, 13, 8), draw(2, 2, 19, 8, seed=1), draw(2, 2, 19, 8, seed=2)
        for name, f in self.EXPRESSIONS.items():
            with self.subTest(name):
                out = module[name](x, y, z)
                np.testing.assert_allclose(out, attention(x, y, z, f), atol=1e-5)

    def test_what_is_read_at_run_time(self):
        mask = (ids[q] == ids[k]) & (q - k <= w) & masks.causal()
        f = attnc.compile(attnc.attention(8, mask=mask), target="reference").attention
        x, table = draw(1, 2, 17, 8), (np.arange(17) // 6).astype(np.int32)
        expected = attention(
            x, x, x, lambda q, k, h, b: (table[q] == table[k]) & (k <= q) & (q - k <= 3)
        )
        np.testing.assert_allclose(f(x, x, x, table, 3), expected, atol=1e-5)
        np.testing.assert_allclose(f(x, x, x, w=3, ids=table), expected, atol=1e-5)

    def test_the_library_parses(self):
        library = [
            masks.causal(), masks.window(3, 1), masks.prefix(w), masks.strided(3),
            masks.dilated(4, 2), masks.global_tokens(2), masks.block(4), masks.chunked(4),
            masks.longformer(4, 1), masks.random_blocks(4, 1, 0), masks.bigbird(4, 3, 1, 1, 0),
            masks.axial(3, 3, "both"), masks.neighborhood2d(3, 3, 1), masks.document("ids"),
            masks.packed("offsets"), masks.padding(attnc.table("len", "i64")),
        ]  # fmt: skip
        text = "".join(
            attnc.attention(8, mask=mask, name=f"f{i}") for i, mask in enumerate(library)
        )
        self.assertIn(b"f15", attnc.emit(text, "attn"))


if __name__ == "__main__":
    unittest.main()
