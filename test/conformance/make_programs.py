"""Writes programs.json.gz: random programs over everything the library has, and what PyTorch 2.13 made of them.

    python make_programs.py [seed] [count]        in an environment with torch 2.13

Programs grow step by step against a living environment, so that most steps fit what is there. Four in five end normally
with the facts of every name; the others end in the error of their last step, and no kind of error comes up often.
"""

import gzip
import itertools
import pathlib
import random
import re
import sys
from collections import Counter

import torch
from torch.utils.hooks import RemovableHandle

from oracle import FLOATS, NoFact, as_json, error_facts, facts_of, perform, bind, run

HERE = pathlib.Path(__file__).parent
UNARY = 'neg reciprocal abs exp log sqrt sin cos tanh sigmoid relu sgn square'.split()
BINARY = 'add sub mul div'.split()
COMPARE = 'eq ne lt le gt ge'.split()
NUMBERS = [0, 1, 2, 3, -1, -2, 0.5, 1.5, -0.5, 2.5, 0.25, -1.5]
DTYPES = 'float64 float32 int64 int32 bool'.split()
CASTS = 'float double long int bool'.split()
SHAPES = [[], [1], [2], [3], [4], [2, 2], [2, 3], [3, 2], [1, 3], [2, 1], [2, 1, 3], [2, 2, 2], [1, 2, 2], [4, 1], [6]]
EMPTY = [[0], [0, 2], [2, 0], [3, 0, 1]]
HOOKS = {
    'tensor': 'log log double double replace mutate shape type text'.split(),
    'pre': 'log double replace longer text shape type'.split(),
    'post': 'log double replace longer text shape type'.split(),
    'accumulated': 'log double clear step'.split(),
}
NOISE = {torch.float32: 1e-6, torch.float64: 1e-12}
# How much the noise may move a fact: well below runner.ts's tolerances.
STABLE = {'float32': 1e-5, 'float64': 1e-10}


def ref(name):
    return {'ref': name}


def product(sizes):
    out = 1
    for size in sizes:
        out *= size
    return out


def addresses(t):
    """Where the elements lie."""
    ranges = [range(0, size * stride, stride) if stride else [0] * size for size, stride in zip(t.shape, t.stride())]
    return [t.storage_offset() + sum(steps) for steps in itertools.product(*ranges)]


def node(t):
    """Its grad_fn; none for a view that may not be used any more."""
    try:
        return t.grad_fn
    except RuntimeError:
        return None


def storage(t):
    return None if t._is_zerotensor() else t.untyped_storage().data_ptr()


class Program:
    """A program in the making: its steps, and the environment that they left."""

    def __init__(self, rng, flavour):
        self.rng, self.flavour = rng, flavour
        self.steps, self.env, self.names = [], {'log': []}, 0
        # How likely arguments are arbitrary instead of fitting.
        self.wild = 0.04

    # --- Choices

    def chance(self, p):
        return self.rng.random() < p

    def odd(self):
        return self.chance(self.wild)

    def fresh(self):
        self.names += 1
        return f't{self.names}'

    def tensors(self, wanted=lambda t: True):
        return [name for name, t in self.env.items() if isinstance(t, torch.Tensor) and wanted(t)]

    def pick(self, wanted=lambda t: True):
        """A tensor's name, a recent one rather than an old one; any at all where none is as wanted."""
        names = self.tensors() if self.odd() else self.tensors(wanted) or self.tensors()
        return self.rng.choice(names[-5:] if self.chance(0.5) else names)

    def at(self, name):
        return self.env[name]

    def pick_float(self):
        return self.pick(lambda t: t.dtype in FLOATS)

    def pick_grad(self):
        return self.pick(lambda t: t.requires_grad)

    def dtype(self):
        if self.flavour == 'dtypes':
            return self.rng.choices(DTYPES, [4, 4, 3, 2, 2])[0]
        return self.rng.choices(DTYPES, [20, 2, 1, 0.5, 0.5])[0]

    def shape(self):
        return self.rng.choice(EMPTY) if self.chance(0.04) else self.rng.choice(SHAPES)

    def number(self):
        if self.chance(0.03):
            return self.chance(0.5)
        return self.rng.choice(NUMBERS)

    def dim(self, t):
        reach = max(t.dim(), 1)
        return self.rng.randrange(-reach - 1, reach + 1) if self.odd() else self.rng.randrange(-reach, reach)

    def data(self, shape, dtype, positive):
        if shape:
            return [self.data(shape[1:], dtype, positive) for _ in range(shape[0])]
        if dtype == 'bool':
            return self.chance(0.5)
        if dtype in ('int64', 'int32'):
            return self.rng.randrange(-3, 6)
        if self.chance(0.02):
            return 0
        value = round(self.rng.uniform(0.2, 2), self.rng.choice([1, 2, 2]))
        return value if positive or self.chance(0.6) else -value

    def leaf(self, shape=None, dtype=None, requires_grad=None):
        dtype = dtype or self.dtype()
        shape = self.shape() if shape is None else shape
        floating = dtype.startswith('float')
        requires_grad = floating and self.chance(0.6) if requires_grad is None else requires_grad
        data = self.data(list(shape), dtype, self.chance(0.4))
        return {'let': self.fresh(), 'tensor': {'data': data, 'dtype': dtype, 'requires_grad': requires_grad}}

    # --- Proposals: the steps of one move, the last of which is what it is about

    def call(self, on, call, *args, let=True, kw=None):
        step = {'on': on, 'call': call}
        if args:
            step['args'] = list(args)
        if kw:
            step['kw'] = kw
        if self.chance(0.06):
            step['no_grad'] = True
        if let:
            step['let'] = self.fresh()
        return [step]

    def written(self, on, call, *args, kw=None):
        """An in-place call, whose result is rarely named: it is its receiver."""
        return self.call(on, call, *args, let=self.chance(0.1), kw=kw)

    def function(self, name, on, *args, kw=None):
        """x.op(...) or torch.op(x, ...)."""
        if self.chance(0.15):
            return self.call('torch', name, ref(on), *args, kw=kw)
        return self.call(on, name, *args, kw=kw)

    def m_leaf(self):
        return [self.leaf()]

    def m_factory(self):
        dtype = self.dtype()
        kw = {'dtype': {'dtype': dtype}}
        if dtype.startswith('float') and self.chance(0.5) or self.odd():
            kw['requires_grad'] = True
        name = self.rng.choice(['zeros', 'ones', 'full', 'arange', 'eye', 'zeros_like', 'ones_like', 'full_like'])
        match name:
            case 'full':
                return self.call('torch', name, self.shape(), self.number(), kw=kw)
            case 'arange':
                return self.call('torch', name, self.rng.randrange(0, 5), kw=kw)
            case 'eye':
                return self.call('torch', name, self.rng.randrange(1, 4), kw=kw)
            case 'full_like':
                return self.call('torch', name, ref(self.pick()), self.number(), kw=kw if self.chance(0.5) else None)
            case 'zeros_like' | 'ones_like':
                return self.call('torch', name, ref(self.pick()), kw=kw if self.chance(0.5) else None)
        return self.call('torch', name, self.shape(), kw=kw)

    def m_unary(self):
        on = self.pick() if self.chance(0.15) else self.pick_float()
        return self.function(self.rng.choice(UNARY), on)

    def m_unary_(self):
        return self.written(self.pick_written(), self.rng.choice(UNARY) + '_')

    def pick_written(self):
        """Something that may be written: rarely a leaf that requires grad, or a view of one."""

        def writable(t):
            root = t._base if t._base is not None else t
            return t.dtype in FLOATS and not (root.requires_grad and node(root) is None)

        return self.pick(writable)

    def other(self, on, written=False):
        """A number, or a tensor that broadcasts with `on`."""
        if self.chance(0.3):
            return self.number()
        shape = self.at(on).shape

        def fits(t):
            try:
                full = torch.broadcast_shapes(t.shape, shape)
            except RuntimeError:
                return False
            return not written or full == shape

        return ref(self.pick(fits))

    def m_binary(self):
        on, name = self.pick(), self.rng.choice(BINARY)
        other = self.other(on)
        kw = {'alpha': self.rng.choice([2, 0.5, -1])} if name in ('add', 'sub') and self.chance(0.2) else None
        if self.chance(0.08) and not isinstance(other, dict) and name != 'div':
            return self.call('torch', name, other, ref(on))
        if self.chance(0.04):
            return self.call('torch', 'rsub', ref(on), other)
        return self.function(name, on, other, kw=kw)

    def m_binary_(self):
        on, name = self.pick_written(), self.rng.choice(BINARY)
        kw = {'alpha': self.rng.choice([2, 0.5, -1])} if name in ('add', 'sub') and self.chance(0.2) else None
        return self.written(on, name + '_', self.other(on, True), kw=kw)

    def m_pow(self):
        on = self.pick()
        exponent = self.rng.choice([2, 3, 0, 1, -1, 0.5, -0.5, 1.5, 2]) if self.chance(0.6) else self.other(on)
        if self.chance(0.15):
            return self.call('torch', 'pow', self.rng.choice([2, 0.5, 3, 1.5]), ref(on))
        if self.chance(0.25):
            on = self.pick_written()
            exponent = self.rng.choice([2, 3, 0.5, -1]) if self.chance(0.6) else self.other(on, True)
            return self.written(on, 'pow_', exponent)
        return self.function('pow', on, exponent)

    def m_compare(self):
        on = self.pick()
        return self.function(self.rng.choice(COMPARE), on, self.other(on))

    def m_where(self):
        on = self.pick()
        conditions = self.tensors(lambda t: t.dtype == torch.bool)
        if not conditions:
            condition = self.leaf(self.at(on).shape, 'bool')
            return [condition, *self.call('torch', 'where', ref(condition['let']), ref(on), self.other(on))]
        condition = ref(self.rng.choice(conditions))
        if self.chance(0.4):
            return self.call(on, 'where', condition, self.other(on))
        first = self.number() if self.chance(0.2) else ref(on)
        return self.call('torch', 'where', condition, first, self.other(on))

    def m_logical(self):
        on = self.pick()
        return self.function('logical_and', on, ref(self.pick(lambda t: t.shape == self.at(on).shape)))

    def m_reduce(self):
        on, name = self.pick(), self.rng.choice(['sum', 'sum', 'mean'])
        t, kw, args = self.at(on), {}, []
        if self.chance(0.6):
            if self.chance(0.6):
                args = [self.dim(t)]
            else:
                dims = self.rng.sample(range(t.dim()), self.rng.randint(0, t.dim()))
                args = [[d - t.dim() if self.chance(0.3) else d for d in dims]]
            if self.chance(0.4):
                kw['keepdim'] = self.chance(0.8)
        if self.chance(0.15):
            kw['dtype'] = {'dtype': self.dtype()}
        if args and self.chance(0.2):
            kw['dim'] = args.pop()
        return self.function(name, on, *args, kw=kw)

    def sizes(self, t):
        """A shape with as many elements as t has."""
        count, sizes = t.numel(), []
        if self.odd():
            return self.shape()
        if count == 0:
            return list(t.shape[::-1])
        while count > 1:
            size = self.rng.choice([d for d in range(1, count + 1) if count % d == 0])
            sizes.append(size)
            count //= size
            if len(sizes) > 3:
                break
        if count > 1:
            sizes.append(count)
        if sizes and self.chance(0.2):
            sizes[self.rng.randrange(len(sizes))] = -1
        return sizes

    def m_view(self):
        on = self.pick()
        t = self.at(on)
        name = self.rng.choice(
            'view reshape permute transpose t select select narrow narrow unsqueeze squeeze expand flatten as_strided '
            'at at T mT expand_as view_as'.split()
        )
        match name:
            case 'view' | 'reshape':
                sizes = self.sizes(t)
                return self.call(on, name, sizes) if not sizes or self.chance(0.8) else self.call(on, name, *sizes)
            case 'permute':
                dims = self.rng.sample(range(t.dim()), t.dim())
                if self.odd():
                    dims = dims[1:]
                return self.function(name, on, [d - t.dim() if self.chance(0.2) else d for d in dims])
            case 'transpose':
                return self.function(name, on, self.dim(t), self.dim(t))
            case 't':
                on = self.pick(lambda t: t.dim() <= 2)
                return self.function(name, on)
            case 'select':
                on = self.pick(lambda t: t.dim() > 0 and t.numel() > 0)
                t, dim = self.at(on), self.dim(self.at(on))
                return self.function(name, on, dim, self.index(t, dim))
            case 'narrow':
                on = self.pick(lambda t: t.dim() > 0)
                t, dim = self.at(on), self.dim(self.at(on))
                size = t.shape[dim] if -t.dim() <= dim < t.dim() else 1
                start = self.rng.randint(0, size)
                length = self.rng.randint(0, 3) if self.odd() else self.rng.randint(min(1, size - start), size - start)
                return self.function(name, on, dim, start, length)
            case 'unsqueeze':
                return self.function(name, on, self.rng.randint(-t.dim() - 1, t.dim()))
            case 'squeeze':
                args = self.rng.choice([[], [self.dim(t)], [self.rng.sample(range(t.dim()), min(t.dim(), 2))]])
                return self.function(name, on, *args)
            case 'expand':
                sizes = [self.rng.choice([1, 2, 3, -1]) if n == 1 or self.odd() else self.rng.choice([n, -1]) for n in t.shape]
                if self.chance(0.5) and t.dim() < 3:
                    sizes = [self.rng.choice([1, 2, 3]), *sizes]
                return self.call(on, name, sizes)
            case 'expand_as' | 'view_as':
                same = (lambda o: o.numel() == t.numel()) if name == 'view_as' else (lambda o: o.dim() >= t.dim())
                return self.call(on, name, ref(self.pick(same)))
            case 'flatten':
                return self.function(name, on, *self.rng.choice([[], [self.dim(t)], [0, self.dim(t)]]))
            case 'as_strided':
                return self.m_as_strided()
            case 'at':
                on = self.pick(lambda t: t.dim() > 0)
                return self.call(on, 'at', *self.keys(self.at(on)))
        return [{'on': on, 'get': name, 'let': self.fresh()}]

    def m_as_strided(self):
        on = self.pick()
        t = self.at(on)
        room = t.untyped_storage().nbytes() // t.element_size()
        size = self.rng.choice([[], [2], [3], [2, 2], [1, 2], [2, 3]])
        stride = [self.rng.choice([0, 1, 1, 2, 2, 3]) for _ in size]
        reach = 1 + sum((n - 1) * s for n, s in zip(size, stride))
        if reach > room and not self.odd():
            size, stride, reach = [min(2, room)], [1], min(2, room)
        offset = self.rng.choice([None, self.rng.randint(0, max(room - reach, 0))])
        if offset is None and t.storage_offset() + reach > room and not self.odd():
            offset = 0
        return self.function('as_strided', on, size, stride, *([] if offset is None else [offset]))

    def index(self, t, dim):
        size = t.shape[dim] if -t.dim() <= dim < t.dim() else 1
        return self.rng.randint(-size - 1, size) if self.odd() or not size else self.rng.randrange(-size, size)

    def keys(self, t):
        keys = []
        for dim in range(self.rng.randint(1, max(t.dim(), 1))):
            n = t.shape[dim] if dim < t.dim() else 1
            what = self.rng.choice(['index', 'slice', 'slice', 'step', ':', 'new'])
            if what == 'index' and n:
                keys.append(self.index(t, dim) if t.dim() else 0)
            elif what == 'step':
                keys.append(self.rng.choice(['::2', '1::2', f':{n}:2', '::3']))
            elif what == 'new':
                keys += [None, ':']
            elif what == ':':
                keys.append(':')
            else:
                keys.append(self.rng.choice([f'{min(n, 1)}:', f':{max(n - 1, 1)}', '-2:', f'0:{n}', '1:1', ':-1']))
        if self.chance(0.15) and len(keys) < 3:
            keys.insert(self.rng.choice([0, len(keys)]), '...')
        return keys

    def m_set_item(self):
        on = self.pick_written()
        keys = self.keys(self.at(on))
        try:
            target = perform(self.env, {'on': on, 'call': 'at', 'args': keys})
        except (IndexError, ValueError, RuntimeError):
            return self.call(on, 'set_at_', keys, self.number(), let=False)
        if self.chance(0.4):
            value = self.number()
        else:
            fits = lambda t: t.dim() <= target.dim() and all(n in (1, m) for n, m in zip(t.shape[::-1], target.shape[::-1]))
            value = ref(self.pick(fits))
        return self.call(on, 'set_at_', keys, value, let=False)

    def m_metadata_(self):
        on = self.pick_written()
        t = self.at(on)
        match self.rng.choice(['transpose_', 't_', 'unsqueeze_', 'squeeze_']):
            case 'transpose_':
                return self.written(on, 'transpose_', self.dim(t), self.dim(t))
            case 'unsqueeze_':
                return self.written(on, 'unsqueeze_', self.rng.randint(-t.dim() - 1, t.dim()))
            case 'squeeze_':
                return self.written(on, 'squeeze_', *([self.dim(t)] if self.chance(0.5) else []))
        return self.written(on, 't_')

    def m_matmul(self):
        kinds = {'mm': (2, 2), 'mv': (2, 1), 'dot': (1, 1), 'bmm': (3, 3)}
        name = self.rng.choice([*kinds, 'matmul', 'matmul', 'matmul'])
        left, right = kinds.get(name, (self.rng.randint(1, 3), self.rng.randint(1, 3)))
        steps = []

        def operand(wanted, shape, dtype):
            names = self.tensors(wanted)
            if names and self.chance(0.85):
                return self.rng.choice(names)
            steps.append(self.leaf(shape, dtype))
            return steps[-1]['let']

        dims = [self.rng.randint(1, 3) for _ in range(3)]
        a = operand(lambda t: t.dim() == left, dims[:left], self.dtype())
        t = self.env.get(a)
        shape = list(t.shape) if t is not None else dims[:left]
        dtype = str(t.dtype)[6:] if t is not None else steps[-1]['tensor']['dtype']
        inner, batch = shape[-1], shape[0] if left == 3 else 2
        wide = self.rng.randint(1, 3)
        want = [inner] if right == 1 else [inner, wide] if right == 2 else [batch, inner, wide]

        def fits(t):
            if self.odd():
                return t.dim() == right
            return t.dim() == right and str(t.dtype)[6:] == dtype and t.shape[max(right - 2, 0)] == inner and (
                right < 3 or left < 3 or t.shape[0] == batch
            )

        b = operand(fits, want, dtype)
        if self.chance(0.1) and right == 2 and not steps:
            transposed = self.call(a, 't')
            return [*transposed, *self.call(transposed[0]['let'], 'mm', ref(a))]
        return [*steps, *(self.call(a, name, ref(b)) if self.chance(0.7) else self.call('torch', name, ref(a), ref(b)))]

    def m_copy(self):
        on = self.pick()
        return self.call(on, self.rng.choice(['clone', 'clone', 'contiguous', 'detach']))

    def m_cast(self):
        on = self.pick()
        if self.chance(0.6):
            return self.call(on, self.rng.choice(CASTS))
        return self.call(on, 'to', {'dtype': self.rng.choice(DTYPES)})

    def m_assign_(self):
        on = self.pick() if self.chance(0.2) else self.pick_written()
        match self.rng.choice(['zero_', 'fill_', 'fill_', 'copy_', 'copy_', 'copy_']):
            case 'zero_':
                return self.written(on, 'zero_')
            case 'fill_':
                scalars = self.tensors(lambda t: t.dim() == 0)
                value = ref(self.rng.choice(scalars)) if scalars and self.chance(0.4) else self.number()
                return self.written(on, 'fill_', value)
        other = self.other(on, True)
        return self.written(on, 'copy_', other if isinstance(other, dict) else ref(self.pick()))

    def m_flag(self):
        on = self.pick()
        t = self.at(on)
        if self.chance(0.2):
            return self.written(on, 'detach_')
        value = self.chance(0.5 if self.odd() else 0.85)
        if not self.odd() and (t.dtype not in FLOATS or (not value and node(t) is not None)):
            return self.m_flag() if self.tensors(lambda t: t.dtype in FLOATS) else []
        if self.chance(0.3):
            return [{'on': on, 'set': 'requires_grad', 'value': value}]
        return self.written(on, 'requires_grad_', *([] if value and self.chance(0.6) else [value]))

    def m_get(self):
        on = self.pick()
        if self.chance(0.4):
            on = self.pick(lambda t: t.grad is not None)
            return [{'on': on, 'get': 'grad', 'let': self.fresh()}]
        if self.chance(0.15):
            return [{'on': on, 'get': 'grad_fn'}]
        what = self.rng.choice(
            'data _base is_leaf requires_grad _version ndim output_nr retains_grad shape numel stride storage_offset '
            'is_contiguous dim item tolist size'.split()
        )
        if what in ('numel', 'storage_offset', 'is_contiguous', 'dim', 'stride'):
            return self.call(on, what)
        if what in ('item', 'tolist'):
            wanted = (lambda t: t.numel() == 1) if what == 'item' else (lambda t: True)
            return self.call(self.pick(lambda t: t.dtype != torch.float32 and wanted(t)), what)
        if what == 'size':
            return self.call(on, what, self.dim(self.at(on)))
        return [{'on': on, 'get': what, 'let': self.fresh()}]

    def m_set_grad(self):
        on = self.pick(lambda t: t.grad is not None or t.requires_grad)
        if self.chance(0.5):
            return [{'on': on, 'set': 'grad', 'value': None}]
        t = self.at(on)
        value = self.pick(lambda g: g.shape == t.shape and g.dtype == t.dtype and g is not t and not g.requires_grad)
        if self.at(value) is t and not self.odd():
            return [leaf := self.leaf(t.shape, str(t.dtype)[6:], False), {'on': on, 'set': 'grad', 'value': ref(leaf['let'])}]
        return [{'on': on, 'set': 'grad', 'value': ref(value)}]

    # --- The engine

    def root(self):
        """A tensor to start from, the steps that make its gradient, and that gradient."""
        on = self.pick(lambda t: t.requires_grad and node(t) is not None)
        t = self.at(on)
        if t.numel() == 1 and self.chance(0.75) or self.odd():
            return on, [], None
        same = self.tensors(lambda g: g.shape == t.shape and g.dtype == t.dtype)
        if same and self.chance(0.3) or self.odd():
            return on, [], ref(self.rng.choice(same or self.tensors()))
        dtype = str(t.dtype)[6:] if self.chance(0.95) else self.dtype()
        gradient = self.leaf(t.shape, dtype, dtype.startswith('float') and self.chance(0.1))
        return on, [gradient], ref(gradient['let'])

    def engine_flags(self):
        kw = {}
        if self.chance(0.5):
            kw['retain_graph'] = self.chance(0.85)
        if self.chance(0.25):
            kw['create_graph'] = True
        return kw

    def m_backward(self):
        on, steps, gradient = self.root()
        kw = self.engine_flags()
        if self.chance(0.2):
            inputs = [ref(self.pick_grad()) for _ in range(self.rng.randint(0 if self.odd() else 1, 2))]
            kw['inputs'] = inputs[0] if len(inputs) == 1 and self.chance(0.3) else inputs
        if self.chance(0.15):
            second, more, other = self.root()
            roots, given = [ref(on), ref(second)], [gradient, other]
            if gradient is None and other is None and self.chance(0.5):
                return [*steps, *more, *self.call('autograd', 'backward', roots, kw=kw, let=False)]
            return [*steps, *more, *self.call('autograd', 'backward', roots, given, kw=kw, let=False)]
        return [*steps, *self.call(on, 'backward', *([gradient] if gradient else []), kw=kw, let=False)]

    def m_grad(self):
        on, steps, gradient = self.root()
        kw = self.engine_flags()
        inputs = [ref(self.pick_grad()) for _ in range(self.rng.randint(1, 3))]
        if gradient:
            kw['grad_outputs'] = gradient if self.chance(0.5) else [gradient]
        if self.chance(0.6):
            kw['allow_unused'] = self.chance(0.9)
        if self.chance(0.1):
            kw['materialize_grads'] = True
        outputs = ref(on) if self.chance(0.7) else [ref(on)]
        step = {'let': [self.fresh() for _ in inputs], 'on': 'autograd', 'call': 'grad', 'args': [outputs, inputs]}
        if len(inputs) == 1 and self.chance(0.5):
            step['args'][1] = inputs[0]
        return [*steps, {**step, 'kw': kw} if kw else step]

    def m_second(self):
        """A gradient of a gradient: what create_graph is for."""
        found = self.tensors(lambda t: t.requires_grad and node(t) is not None and t.dtype in FLOATS)
        if not found:
            return []
        on = self.rng.choice(found)
        leaves = self.tensors(lambda t: t.requires_grad and node(t) is None) or found
        inputs = [ref(self.rng.choice(leaves)) for _ in range(self.rng.randint(1, 2))]
        total = self.call(on, 'sum')
        first = {
            'let': [self.fresh() for _ in inputs],
            'on': 'autograd',
            'call': 'grad',
            'args': [ref(total[0]['let']), inputs],
            'kw': {'create_graph': True, 'allow_unused': True},
        }
        square = self.call(first['let'][0], 'mul', ref(on if self.chance(0.3) else first['let'][0]))
        again = self.call(square[0]['let'], 'sum')
        steps = [*total, first, *square, *again]
        if self.chance(0.5):
            return [*steps, *self.call(again[0]['let'], 'backward', let=False)]
        second = {'let': [self.fresh() for _ in inputs], 'args': [ref(again[0]['let']), inputs]}
        return [*steps, {'on': 'autograd', 'call': 'grad', **second, 'kw': {'allow_unused': True}}]

    def m_retain_grad(self):
        return self.call(self.pick(lambda t: t.requires_grad and node(t) is not None), 'retain_grad', let=False)

    def m_hook(self):
        kind = self.rng.choices(list(HOOKS), [5, 2, 2, 2])[0]
        name = self.rng.choice(HOOKS[kind] if self.odd() or self.chance(0.1) else HOOKS[kind][:3])
        leaf = kind == 'accumulated' or kind == 'tensor' and self.chance(0.4)
        on = self.pick(lambda t: t.requires_grad and (node(t) is None) == leaf)
        t = self.at(on)
        step = {'on': on, 'hook': name, 'kind': kind}
        if kind in ('pre', 'post'):
            if node(t) is None:
                return []
            edges = [i for i, (next_node, _) in enumerate(node(t).next_functions) if next_node]
            if edges and self.chance(0.5):
                step['edge'] = self.rng.choice(edges)
        if self.chance(0.15):
            step['let'] = self.fresh()
        return [step]

    def m_unhook(self):
        handles = [name for name, value in self.env.items() if isinstance(value, RemovableHandle)]
        return [{'on': self.rng.choice(handles), 'call': 'remove'}] if handles else []

    def m_loss(self):
        """Ends in one number and its backward."""
        found = self.tensors(lambda t: t.requires_grad and t.dtype in FLOATS)
        if not found:
            return []
        total, steps = None, []
        for name in self.rng.sample(found, min(len(found), self.rng.randint(1, 3))):
            part = {'on': name, 'call': 'sum', 'let': self.fresh()}
            steps.append(part)
            if total:
                steps.append({'on': total, 'call': 'add', 'args': [ref(part['let'])], 'let': self.fresh()})
            total = steps[-1]['let']
        backward = {'on': total, 'call': 'backward'}
        return [*steps, backward | {'kw': {'retain_graph': True}} if self.chance(0.2) else backward]

    # --- Growing

    def move(self):
        weights = Counter(BASE)
        weights.update(FLAVOURS[self.flavour])
        return getattr(self, f'm_{self.rng.choices(list(weights), list(weights.values()))[0]}')()

    def try_steps(self, steps):
        """Runs them: None if they may stay, else why not. After a failure the environment is made anew."""
        before = len(self.steps)
        why = None
        for step in steps:
            danger = hazard(self.env, step)
            try:
                bind(self.env, step, perform(self.env, step))
            except (RuntimeError, TypeError, ValueError, IndexError, AttributeError, KeyError, NoFact) as error:
                why = error_facts(error)
            self.steps.append(step)
            if why is None and (danger or not self.sane()):
                why = 'insane'
            if why:
                break
        failed = self.steps
        if why:
            self.steps = failed[:before]
            self.env, _ = run(self.steps)
        return why, failed

    def sane(self):
        """Whether all values are of a size that digits mean something."""
        for value in self.env.values():
            for t in (value, value.grad) if isinstance(value, torch.Tensor) else ():
                if t is None or t.dtype == torch.bool or not t.numel():
                    continue
                if t.numel() > 48:
                    return False
                top = t.detach().abs().max().item()
                if not top < 1e4:
                    # Now and then infinities and nans may stay.
                    if t.dtype not in FLOATS or top < 1e30 or not self.chance(0.3):
                        return False
        return True

    def grow(self, count):
        for _ in range(self.rng.randint(1, 3)):
            self.try_steps(self.m_leaf())
        if not self.tensors(lambda t: t.requires_grad):
            self.try_steps([self.leaf(self.rng.choice(SHAPES), 'float64', True)])
        for _ in range(count):
            self.try_steps(self.move())

    def break_it(self, counts, limit):
        """Looks for a last move that fails in a way that is not yet common."""
        self.wild = 0.5
        for _ in range(60):
            before = len(self.steps)
            why, steps = self.try_steps(self.move())
            if isinstance(why, dict) and usable(why) and counts[kind_of(why)] < limit:
                return steps, why
            if why is None and self.chance(0.8):
                self.steps = steps[:before]
                self.env, _ = run(self.steps)
        return None


# How often each move is made, and what a flavour adds.
BASE = dict(
    leaf=2, factory=0.6, unary=8, unary_=4, binary=9, binary_=6, pow=3, compare=1.2, where=1.5, logical=0.3, reduce=4,
    view=12, set_item=2, metadata_=1, matmul=3, copy=2, cast=1.5, assign_=3, flag=1, get=1.5, set_grad=0.5,
    backward=3, grad=2, second=1, retain_grad=1, hook=0.6, unhook=0.3,
)  # fmt: skip
FLAVOURS = {
    'mixed': {},
    'views': dict(view=20, set_item=6, unary_=5, binary_=8, assign_=4, metadata_=2),
    'engine': dict(backward=8, grad=6, second=4, retain_grad=4, set_grad=1, get=2),
    'hooks': dict(hook=14, unhook=1, retain_grad=3, backward=5, grad=2),
    'dtypes': dict(cast=6, compare=4, where=4, logical=2, pow=3, factory=2, reduce=3),
    'linalg': dict(matmul=18, view=4, second=1),
}
PARTS = {'mixed': 30, 'views': 22, 'engine': 18, 'hooks': 12, 'dtypes': 10, 'linalg': 8}


def hazard(env, step):
    """Whether a write's result depends on the order in which overlapping elements are visited."""
    call, on = step.get('call', ''), env.get(step.get('on'))
    if not isinstance(on, torch.Tensor) or not call.endswith('_') or call in ('requires_grad_', 'detach_'):
        return False
    args = step.get('args', [])
    if call == 'set_at_':
        try:
            on = perform(env, {'on': step['on'], 'call': 'at', 'args': args[0]})
        except (IndexError, ValueError, RuntimeError):
            return False
    places = addresses(on)
    if len(set(places)) < len(places) and call not in ('fill_', 'zero_'):
        return True
    for arg in args:
        other = env.get(arg['ref']) if isinstance(arg, dict) and 'ref' in arg else None
        if isinstance(other, torch.Tensor) and storage(other) == storage(on) is not None:
            if (other.shape, other.stride(), other.storage_offset()) == (on.shape, on.stride(), on.storage_offset()):
                continue
            if set(places) & set(addresses(other)):
                return True
    return False


def usable(error):
    """Errors that tell something about the library: not the internals of this PyTorch build."""
    internal = re.search(r'INTERNAL ASSERT|Please report|out of memory', error['message'])
    return error['type'] not in ('AttributeError', 'KeyError') and not internal


def kind_of(error):
    return error['type'] + re.sub(r'\[[^\]]*\]|-?\d+', '#', error['message'])[:90]


def near(a, b, tolerance):
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(near(x, y, tolerance) for x, y in zip(a, b))
    if type(a) in (int, float) and type(b) in (int, float):
        return abs(a - b) <= tolerance * max(abs(a), 1)
    return a == b


def same_facts(a, b):
    """Whether the facts of a program and of its noisy twin are the same within the tolerances."""
    if isinstance(a, dict) and isinstance(b, dict):
        tolerance = STABLE.get(a.get('dtype'), 1e-9)
        return a.keys() == b.keys() and all(
            near(a[key], b[key], tolerance) if key in ('data', 'value') else same_facts(a[key], b[key]) for key in a
        )
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_facts, a, b))
    return a == b


def counts_versions(steps):
    """
    Whether the versions of gradients are a fact. A hook's handle of a gradient lives on in JavaScript, so that the leaf
    has to copy what PyTorch lets it take; and PyTorch's gradient of sgn, zeros without storage, is never written.
    """
    return not any('hook' in step or step.get('call') in ('sgn', 'sgn_', 'abs', 'abs_') for step in steps)


def finish(name, area, steps, rng, error):
    """The case, run from the start by the same rules as in runner.ts; None if it is no use."""
    names = [step['let'] for step in steps if isinstance(step.get('let'), str)]
    reprs = rng.sample(names, min(2, len(names)))

    def facts(noise=None):
        env, why = run(steps, noise)
        found = {'error': why} if why else {}
        found['expect'] = facts_of(env, reprs, counts_versions(steps))
        return found | {'log': env['log']} if env['log'] else found

    try:
        found = facts()
        if found.get('error') != error or not same_facts(found, facts(NOISE)):
            return None
    except NoFact:
        return None
    return {'name': name, 'area': area, 'steps': steps, **found}


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    rng = random.Random(seed)
    cases, kinds, areas = [], Counter(), Counter()
    broken, limit = count // 5, max(count // 160, 2)
    while len(cases) < count:
        flavour = rng.choices(list(PARTS), list(PARTS.values()))[0]
        program = Program(rng, flavour)
        wants_error = sum(kinds.values()) < broken and rng.random() < 0.3
        program.grow(rng.randint(2, 9) if wants_error else rng.randint(5, 12))
        steps, error = program.steps, None
        if wants_error:
            found = program.break_it(kinds, limit)
            if not found:
                continue
            steps, error = found
        elif rng.random() < 0.75:
            program.try_steps(program.m_loss())
            steps = program.steps
        case = finish(f'{flavour}/{len(cases)}', flavour, steps, rng, error)
        if case is None:
            continue
        if error:
            kinds[kind_of(error)] += 1
        areas[flavour] += 1
        cases.append(case)
    lines = ',\n'.join(map(as_json, cases))
    # No time stamp: the same seed gives the same bytes.
    packed = gzip.compress(f'[\n{lines}\n]\n'.encode(), 9, mtime=0)
    (HERE / 'programs.json.gz').write_bytes(packed)
    for kind, times in kinds.most_common():
        print(f'{times:4} {kind}')
    calls = Counter(step.get('call') or step.get('hook') or step.get('get') for case in cases for step in case['steps'])
    print(dict(calls.most_common()))
    print(dict(areas), sum(kinds.values()), 'errors of', len(kinds), 'kinds,', len(packed), 'bytes')


if __name__ == '__main__':
    main()
