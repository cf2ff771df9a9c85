# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Models of Transformers with random weights say the same with attnc's attention as
with PyTorch's, token by token."""

import unittest

import attnc
import attnc.transformers
import torch
from transformers import (
    AttentionMaskInterface,
    BertConfig,
    BertModel,
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3TextConfig,
    Gemma3ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)
from transformers import masking_utils

attnc.transformers.register()
# Tensors are small, and the threads of two OpenMP runtimes would wait for each other
# on a busy machine.
torch.set_num_threads(1)
attnc.set_num_threads(1)

SIZES = dict(
    vocab_size=97,
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=16,
    max_position_embeddings=128,
    bos_token_id=1,
    eos_token_id=None,
    pad_token_id=0,
    # Large weights, so that a model does not repeat itself: that would agree easily.
    initializer_range=0.3,
)


def make(model, config):
    torch.manual_seed(7)
    return model(config).eval()


def draw_prompts(lengths, seed=3):
    """Sequences of some lengths, padded on the left, and which tokens are none."""
    longest = max(lengths)
    draw = torch.randint(2, 97, (len(lengths), longest), generator=torch.Generator().manual_seed(seed))
    kept = torch.arange(longest) >= longest - torch.tensor(lengths)[:, None]
    return torch.where(kept, draw, 0), kept.long()


class Generation(unittest.TestCase):
    def check(self, model, lengths, count=24, **options):
        ids, kept = draw_prompts(lengths)
        said = {}
        for name in ("sdpa", "attnc"):
            model.set_attn_implementation(name)
            said[name] = model.generate(
                ids,
                attention_mask=kept,
                max_new_tokens=count,
                do_sample=False,
                output_logits=True,
                return_dict_in_generate=True,
                **options,
            )
        self.assertTrue(torch.equal(said["attnc"].sequences, said["sdpa"].sequences))
        self.assertEqual(said["attnc"].sequences.shape, (len(lengths), max(lengths) + count))
        for found, wanted in zip(said["attnc"].logits, said["sdpa"].logits, strict=True):
            torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-3)
        self.assertGreater(len(said["attnc"].sequences[:, max(lengths) :].unique()), count // 2)

    def test_llama(self):
        model = make(LlamaForCausalLM, LlamaConfig(**SIZES))
        self.check(model, [19])
        self.check(model, [5, 19, 1, 12])
        self.check(model, [9, 9], use_cache=False, count=6)

    # The window is shorter than the prompt, and its cache drops keys.
    def test_sliding_window(self):
        model = make(MistralForCausalLM, MistralConfig(**SIZES, sliding_window=8))
        self.check(model, [19])
        self.check(model, [5, 19, 1, 12])

    # Layers with a window and layers without have masks and caches of their own.
    def test_layers_that_differ(self):
        types = ["sliding_attention", "full_attention", "sliding_attention"]
        config = Gemma3TextConfig(
            **SIZES, sliding_window=8, layer_types=types, query_pre_attn_scalar=16, tie_word_embeddings=False
        )
        model = make(Gemma3ForCausalLM, config)
        self.check(model, [5, 19, 1, 12])

    # A cache of fixed size: there are more keys than positions so far.
    def test_static_cache(self):
        model = make(LlamaForCausalLM, LlamaConfig(**SIZES))
        self.check(model, [5, 19], cache_implementation="static", disable_compile=True)

    def test_beams(self):
        model = make(LlamaForCausalLM, LlamaConfig(**SIZES))
        self.check(model, [5, 19], num_beams=3, count=6)

    def test_it_is_attnc_that_runs(self):
        model = make(LlamaForCausalLM, LlamaConfig(**SIZES))
        model.set_attn_implementation("attnc")
        calls = []
        original = attnc.transformers._apply
        attnc.transformers._apply = lambda *given: calls.append(given) or original(*given)
        try:
            with torch.no_grad():
                model(draw_prompts([6])[0])
        finally:
            attnc.transformers._apply = original
        self.assertEqual(len(calls), SIZES["num_hidden_layers"])


class Encoders(unittest.TestCase):
    def test_bert(self):
        names = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
        model = make(BertModel, BertConfig(**{name: SIZES[name] for name in names}))
        ids, kept = draw_prompts([5, 19, 12])
        ids, kept = ids.flip(1), kept.flip(1)
        found = {}
        for name in ("sdpa", "attnc"):
            model.set_attn_implementation(name)
            with torch.no_grad():
                found[name] = model(ids, attention_mask=kept).last_hidden_state[kept.bool()]
        torch.testing.assert_close(found["attnc"], found["sdpa"], atol=2e-5, rtol=1e-4)


class Masks(unittest.TestCase):
    """What mask functions say becomes what the kernel sees, pair by pair."""

    def check(self, function, q_length, kv_length, q_offset=0, kv_offset=0, kept=None):
        batch = 2
        given = dict(
            batch_size=batch,
            q_length=q_length,
            kv_length=kv_length,
            q_offset=q_offset,
            kv_offset=kv_offset,
            mask_function=function,
            attention_mask=kept,
        )
        dense = masking_utils.sdpa_mask(
            **given, device="cpu", dtype=torch.float32, allow_is_causal_skip=False,
            allow_is_bidirectional_skip=False, allow_torch_fix=False, use_vmap=False,
        )
        # With scores of 0, and keys that are the rows of the identity for values, the
        # output is which keys are seen.
        seen = attnc.transformers.seen_keys(**given)
        query, key = torch.zeros(batch, 1, q_length, 8), torch.zeros(batch, 1, kv_length, 8)
        value = torch.eye(kv_length, 16).expand(batch, 1, -1, -1).contiguous()
        found, _ = attnc.transformers.attention(None, query, key, value, seen)
        found = found.transpose(1, 2)[..., :kv_length] > 1e-3
        self.assertTrue(torch.equal(found, dense.expand(batch, 1, -1, -1)))

    def test_functions(self):
        left = torch.tensor([0, 3])
        ids = torch.tensor([[0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 1, 1, 1, 1, 1, 2, 2, 3]])
        blocks = torch.tensor([[-1, 0, 0, 0, -1, 1, 1, -1, -1], [0, 0, -1, -1, 2, 2, 2, 2, -1]])
        causal = masking_utils.causal_mask_function
        restarts = torch.tensor([[0, 1, 2, 0, 1, 0, 1, 2, 3], [0, 0, 1, 2, 3, 4, 0, 1, 0]])
        for function in (
            causal,
            masking_utils.bidirectional_mask_function,
            masking_utils.sliding_window_causal_mask_function(4),
            masking_utils.sliding_window_bidirectional_mask_function(2),
            masking_utils.chunked_causal_mask_function(3, left),
            masking_utils.or_masks(causal, masking_utils.blockwise_overlay(blocks)),
            masking_utils.and_masks(
                masking_utils.remap_positions_for_packed_sequence(causal, restarts),
                masking_utils.packed_sequence_mask_function(ids),
            ),
            lambda b, h, q, k: ~(k > q),
            lambda b, h, q, k: (k + 2 <= q) | (k % 3 == 0),
        ):
            with self.subTest(function):
                self.check(function, 9, 9)

    def test_offsets(self):
        kept = torch.tensor([[0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1]], dtype=torch.bool)
        window = masking_utils.sliding_window_causal_mask_function(4)
        chunked = masking_utils.chunked_causal_mask_function(3, torch.tensor([0, 2]))
        for function in (masking_utils.causal_mask_function, window, chunked):
            for q_length, kv_length, q_offset, kv_offset in (
                (12, 12, 0, 0),
                (1, 12, 11, 0),  # decoding
                (1, 5, 11, 7),  # with a cache that dropped keys
                (3, 6, 9, 6),
                (4, 16, 0, 0),  # with room for keys to come
                (1, 16, 6, 0),
            ):
                with self.subTest((function, q_length, kv_length, q_offset, kv_offset)):
                    self.check(function, q_length, kv_length, q_offset, kv_offset)
                    self.check(function, q_length, kv_length, q_offset, kv_offset, kept)


class Refusals(unittest.TestCase):
    def test_messages(self):
        x = torch.zeros(1, 2, 4, 8)
        plain = attnc.transformers.SeenKeys(None, {})
        for message, options in (
            ("attention has softcap", dict(softcap=30.0)),
            ("attention has s_aux", dict(s_aux=x)),
            ("keeps no attention weights", dict(output_attentions=True)),
            ("has no dropout; call model.eval", dict(dropout=0.5)),
        ):
            with self.subTest(message), self.assertRaisesRegex(NotImplementedError, message):
                attnc.transformers.attention(None, x, x, x, plain, **options)
        with self.assertRaisesRegex(NotImplementedError, "no mask that is a tensor with"):
            attnc.transformers.attention(None, x, x, x, torch.ones(1, 1, 4, 4))
        config = Gemma2Config(**SIZES, attn_implementation="attnc")
        with torch.no_grad(), self.assertRaisesRegex(NotImplementedError, "softcap"):
            make(Gemma2ForCausalLM, config)(draw_prompts([4])[0])

    def test_mask_functions(self):
        for message, function in (
            ("applies cos to positions", lambda b, h, q, k: torch.cos(q) > k),
            ("reads a tensor at something else", lambda b, h, q, k: torch.ones(9, dtype=torch.bool)[k + 1]),
            (r"has abs\(\) in a sum", lambda b, h, q, k: abs(q - k) + 1 <= 3),
            ("the mask function returned", lambda b, h, q, k: q - k),
        ):
            with self.subTest(message), self.assertRaisesRegex(NotImplementedError, message):
                attnc.transformers.seen_keys(1, 4, 4, mask_function=function)

    def test_the_name_can_be_chosen(self):
        self.assertEqual(attnc.transformers.register("kernels"), "kernels")
        self.assertIn("kernels", AttentionMaskInterface())


if __name__ == "__main__":
    unittest.main()
