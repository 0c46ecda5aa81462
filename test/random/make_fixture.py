"""Writes fixture.json: the numbers that PyTorch's generator on the CPU gives.

    python make_fixture.py        in an environment with torch 2.13 on x86

A row is a seed, a program of draws and every draw's numbers: float32 as the doubles that they are, digests of long ones.
"""

import hashlib
import json
import pathlib

import torch

assert torch.__version__.startswith('2.13'), torch.__version__

SIZES = [0, 1, 2, 3, 15, 16, 17, 20, 31, 32, 33, 100, 1000, 4099]
PROGRAMS = [
    *[[f'rand {n} {t}', f'rand 3 {t}'] for n in (0, 1, 5, 700) for t in ('float32', 'float64')],
    *[[f'randn {n} float32', 'randn 1 float32', 'rand 1 float32'] for n in SIZES],
    *[[f'randn {n} float64', 'randn 1 float64', 'rand 1 float64'] for n in (0, 1, 2, 15, 16, 17, 33, 39)],
    ['randn 3 float32', 'randn 2 float64', 'randn 16 float32', 'randn 1 float32'],
    *[[f'randint {low} {high} 9 {t}', 'rand 1 float32']
      for low, high in ((0, 2), (0, 10), (-7, 100), (0, 2**27), (0, 2**28 - 1), (0, 2**28), (-3, 2**31 - 1))
      for t in ('int64', 'int32', 'float32', 'float64')],
    *[[f'randint {low} {high} 9 int64', 'rand 1 float32'] for low, high in ((0, 2**32), (-2**40, 2**50))],
    *[[f'randint {low} {high} 9 {t}'] for low, high in ((-2**40, 2**50), (-2**25 - 1, 5)) for t in ('float32', 'float64')],
    ['randint 0 2 12 bool', 'rand 1 float32'],
    *[[f'randperm {n} {t}', 'rand 1 float32'] for n, t in ((0, 'int64'), (1, 'int64'), (10, 'int64'), (5, 'float32'), (7, 'int32'), (3000, 'int64'))],
    ['rand_like 3 4 t', 'rand 1 float32'],
    ['randn_like 3 4 t', 'rand 1 float32'],
    ['randn_like 4 5 t', 'rand 1 float32'],
    ['randn_like 4 5 n', 'rand 1 float32'],
    ['randint_like 3 4 t', 'rand 1 float32'],
    *[[f'write {call} {t} {how}', 'rand 1 float32']
      for call in ('uniform_()', 'uniform_(-2.5,3)', 'normal_()', 'normal_(2.5,0.1)', 'random_()', 'random_(5)', 'random_(-3,9)',
                   'bernoulli_()', 'bernoulli_(0.3)', 'bernoulli_(p)', 'bernoulli_(q)', 'bernoulli_(p.double())')
      for t in ('float32', 'float64', 'int64', 'int32', 'bool') for how in ('plain', 't', 'stepped', 'small')
      if not ((call[0] in 'un' and t[0] in 'ib') or (call == 'random_(-3,9)' and t == 'bool')
              or (call == 'random_(5)' and t == 'bool'))],
    *[[f'bernoulli {how}', 'rand 1 float32'] for how in ('plain', 't', 'stepped')],
]
SEEDS = [0, 1, 42, 2**32 + 5, -3]


def laid_out(how, dtype):
    if how == 'small':
        return torch.zeros(2, 3, dtype=dtype)
    if how == 't':
        return torch.zeros(6, 4, dtype=dtype).t()
    return torch.zeros(4, 6, dtype=dtype) if how == 'plain' else torch.zeros(8, 6, dtype=dtype).t()[:, ::2].t()


def chances(x):
    return torch.arange(1, x.numel() + 1).reshape(x.shape) / (x.numel() + 1)


def draw(text):
    if text.startswith('write'):
        _, call, dtype, how = text.split()
        x = laid_out(how, getattr(torch, dtype))
        return eval('x.' + call, {'x': x, 'p': chances(x), 'q': chances(x[0])})
    if text.startswith('bernoulli'):
        x = laid_out(text.split()[1], torch.float32)
        return torch.bernoulli(x.copy_(chances(x)))
    op, *rest = text.split()
    if op.endswith('_like'):
        a, b, how = int(rest[0]), int(rest[1]), rest[2]
        x = torch.zeros(a, b)
        x = x.t() if how == 't' else x
        return torch.randint_like(x, -4, 9) if op == 'randint_like' else getattr(torch, op)(x)
    dtype = getattr(torch, rest.pop())
    numbers = [int(n) for n in rest]
    if op == 'randint':
        return torch.randint(numbers[0], numbers[1], (numbers[2],), dtype=dtype)
    return getattr(torch, op)(numbers[0], dtype=dtype)


def said(x):
    values = [str(v) if isinstance(v, int) and abs(v) >= 2**53 else v for v in x.flatten().tolist()]
    if len(values) <= 40:
        return values
    return hashlib.sha256(x.contiguous().numpy().tobytes()).hexdigest()


rows = []
for seed in SEEDS:
    for program in PROGRAMS if seed == 0 else PROGRAMS[::3]:
        torch.manual_seed(seed)
        rows.append({'seed': str(seed), 'draws': [[text, said(draw(text))] for text in program]})

target = pathlib.Path(__file__).with_name('fixture.json')
target.write_text('[\n' + ',\n'.join('  ' + json.dumps(row) for row in rows) + '\n]\n')
