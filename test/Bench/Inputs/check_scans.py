# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The checks of bench/scans.py see wrong numbers, and its definition is the one
that a sum over all positions gives."""

import numpy as np
import scans
from scan_models import MODELS, recur

model = MODELS["retnet"]
inputs = model.inputs(1, 2, 20)
q, k, v = (inputs[name].astype(np.float64) for name in "qkv")
head, t = np.arange(2)[:, None, None], np.arange(20)
gamma = 1 - 2.0 ** (-5 - head)
weights = np.where(t[:, None] >= t, gamma ** np.maximum(t[:, None] - t, 0), 0)
wanted = (q @ k.swapaxes(2, 3) * weights) @ v
assert np.allclose(recur(model, inputs, 20), wanted, rtol=1e-12)

assert scans.check(model, inputs, wanted, 20) < 1e-12
wanted[0, 1, 7, 3] += 0.01 * np.abs(wanted).max()
try:
    scans.check(model, inputs, wanted, 20)
except SystemExit as exit:
    assert "retnet differs from its definition by 0.0" in str(exit)
else:
    raise AssertionError("a wrong number passed")
