"""Runs the steps of a case in real PyTorch 2.13 and states the facts: runner.ts in Python, step for step."""

import json
import math
import re
import warnings

import torch
from torch.utils.hooks import RemovableHandle

assert torch.__version__.startswith('2.13'), torch.__version__
warnings.simplefilter('ignore')
torch.set_num_threads(1)

DICE = torch.Generator()
FLOATS = (torch.float32, torch.float64)
NON_FINITE = {'nan': math.nan, 'inf': math.inf, '-inf': -math.inf}
# Far below the tolerances of runner.ts, and short.
DIGITS = {torch.float32: 7, torch.float64: 12}


class NoFact(Exception):
    """What JSON and JavaScript do not carry: the program is no use."""


def full_name(match):
    """2.13 shortens the names of nodes in two texts: Add, Pow1 for AddBackward0, PowBackward1."""
    before, name, digits = match.groups()
    return before + name if '::' in name else f'{before}{name}Backward{digits or 0}'


def in_old_words(text):
    """Where the library follows PyTorch 1.13 the text is put into its words."""
    text = re.sub(r'(which is output \d+ of |^Output \d+ of )([\w:]+?)(\d*)(?=,| is a view)', full_name, text)
    text = text.replace('set_detect_anomaly(True, check_nan=False).', 'set_detect_anomaly(True).')
    return re.sub(r'\nException raised from .*', '', text, flags=re.S)


def error_facts(error):
    return {'type': type(error).__name__, 'message': in_old_words(str(error))}


# --- Hooks: what each name does stands in runner.ts too. They log what they see before they act.


def on_tensor(name, grad):
    """What a tensor hook, or a node hook for one of its gradients, makes of a gradient."""
    if grad is None:
        return None
    match name:
        case 'double':
            return grad.mul(2)
        case 'replace':
            return torch.full_like(grad, 0.5)
        case 'mutate':
            grad.mul_(2)
            return grad
        case 'shape':
            return grad.unsqueeze(0)
        case 'type':
            return grad.to(torch.float32 if grad.dtype == torch.float64 else torch.float64)


def make_hook(name, kind, label, log):
    """A hook of a kind (tensor, pre, post, accumulated); errors quote its `__name__`."""

    def tensor(grad):
        log.append({'hook': label, 'seen': [snapshot(grad)]})
        return 'text' if name == 'text' else on_tensor(name, grad)

    def on_all(grads):
        if name == 'log':
            return None
        if name == 'text':
            return 'text'
        made = tuple(on_tensor(name, grad) for grad in grads)
        return made + (None,) if name == 'longer' else made

    def pre(grad_outputs):
        log.append({'hook': label, 'seen': [snapshot(grad) for grad in grad_outputs]})
        return on_all(grad_outputs)

    def post(grad_inputs, grad_outputs):
        log.append({'hook': label, 'seen': [snapshot(grad) for grad in (*grad_inputs, *grad_outputs)]})
        return on_all(grad_inputs)

    def accumulated(leaf):
        log.append({'hook': label, 'seen': [snapshot(leaf.grad)]})
        if name == 'double':
            leaf.grad = leaf.grad.mul(2)
        if name == 'clear':
            leaf.grad = None
        if name == 'step':
            with torch.no_grad():
                leaf.sub_(leaf.grad, alpha=0.5)

    hook = {'tensor': tensor, 'pre': pre, 'post': post, 'accumulated': accumulated}[kind]
    hook.__name__ = name
    return hook


def add_hook(env, step):
    on, kind = env[step['on']], step['kind']
    label = f'{step["on"]} {kind} {step["hook"]}'
    hook = make_hook(step['hook'], kind, label, env['log'])
    # Rebuilds the node of a stale view: 2.13 crashes when register_hook has to.
    node = on.grad_fn
    if kind == 'tensor':
        return on.register_hook(hook)
    if kind == 'accumulated':
        return on.register_post_accumulate_grad_hook(hook)
    if 'edge' in step:
        node = node.next_functions[step['edge']][0]
    return node.register_prehook(hook) if kind == 'pre' else node.register_hook(hook)


# --- Steps


def numbers(data):
    if isinstance(data, list):
        return [numbers(item) for item in data]
    return NON_FINITE[data] if isinstance(data, str) else data


def resolve(env, value):
    if isinstance(value, list):
        return [resolve(env, item) for item in value]
    if isinstance(value, dict):
        return env[value['ref']] if 'ref' in value else getattr(torch, value['dtype'])
    return NON_FINITE.get(value, value) if isinstance(value, str) else value


def piece(key):
    """One key of a subscript: '1:3' is a slice."""
    if key == '...':
        return ...
    if isinstance(key, str):
        return slice(*(int(part) if part else None for part in key.split(':')))
    return key


def subscript(keys):
    keys = keys if isinstance(keys, list) else [keys]
    return piece(keys[0]) if len(keys) == 1 else tuple(map(piece, keys))


def perform(env, step):
    if 'tensor' in step:
        given = step['tensor']
        return torch.tensor(
            numbers(given['data']), dtype=getattr(torch, given['dtype']), requires_grad=given['requires_grad']
        )
    if 'hook' in step:
        return add_hook(env, step)
    on = {'torch': torch, 'autograd': torch.autograd}.get(step['on']) or env[step['on']]
    if 'get' in step:
        return getattr(on, step['get'])
    if 'set' in step:
        return setattr(on, step['set'], resolve(env, step['value']))
    args = [resolve(env, arg) for arg in step.get('args', [])]
    kw = {key: resolve(env, value) for key, value in step.get('kw', {}).items()}
    with torch.set_grad_enabled(torch.is_grad_enabled() and not step.get('no_grad')):
        if step['call'] == 'at':
            return on[subscript(args)]
        if step['call'] == 'set_at_':
            on[subscript(args[0])] = args[1]
            return on
        return getattr(on, step['call'])(*args, **kw)


def bind(env, step, value):
    let = step.get('let')
    if isinstance(let, list):
        env.update(zip(let, value))
    elif let:
        env[let] = value


def shake(env, value, noise):
    """Moves the elements of a new tensor, unseen by autograd, to tell how much depends on their last digits."""
    if not isinstance(value, torch.Tensor) or value.dtype not in FLOATS or value._is_zerotensor() or not value.numel():
        return
    place = value.untyped_storage().data_ptr()
    others = [t for t in env.values() if isinstance(t, torch.Tensor) and not t._is_zerotensor()]
    if value._base is None and all(t.untyped_storage().data_ptr() != place for t in others):
        value.data.mul_(1 + noise[value.dtype] * torch.rand(value.shape, generator=DICE, dtype=value.dtype))


def run(steps, noise=None):
    """The environment after the steps, and the error of the last one, if it raised."""
    DICE.manual_seed(0)
    env = {'log': []}
    for step in steps:
        try:
            value = perform(env, step)
            if noise:
                shake(env, value, noise)
            bind(env, step, value)
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            return env, error_facts(error)
    return env, None


# --- Facts


def element(value, digits):
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        short = float(f'{value:.{digits}g}')
        return int(short) if short.is_integer() and abs(short) < 1e6 else short
    if abs(value) > 2**53:
        raise NoFact(value)
    return value


def plain(data, digits):
    if isinstance(data, list):
        return [plain(item, digits) for item in data]
    return element(data, digits)


def name_of(dtype):
    return str(dtype).removeprefix('torch.')


def data_facts(t):
    # The gradient of sgn is a tensor without storage, which PyTorch takes for zeros.
    shown = torch.zeros(t.shape, dtype=t.dtype) if t._is_zerotensor() else t
    return {
        'data': plain(shown.tolist(), DIGITS.get(t.dtype, 0)),
        'shape': list(t.shape),
        'dtype': name_of(t.dtype),
    }


def snapshot(t):
    """What a hook saw, as it was then."""
    return None if t is None else {**data_facts(t), 'requires_grad': t.requires_grad}


def hangs_on_digits(t):
    """Printing shows whether all elements are whole numbers, and a minus before zero: matters of the last digit."""
    if t.dtype in FLOATS and bool(((t == 0) & t.signbit()).any()):
        return True
    away = (t.detach() - t.detach().round()).abs() if t.dtype in FLOATS else torch.zeros(1)
    return bool(away.any()) and bool((away < 1e-3).all())


def tensor_facts(t, with_repr, grad_version):
    facts = data_facts(t)
    if t.requires_grad and t.dtype not in FLOATS:
        raise NoFact('PyTorch let an integer into the graph')
    try:
        node = t.grad_fn
        facts['grad_fn'] = node and node.name().split('::')[-1]
        facts['is_leaf'] = t.is_leaf
    except RuntimeError:
        with_repr = True
    facts |= {'version': t._version, 'requires_grad': t.requires_grad, 'stride': list(t.stride())}
    if with_repr and not t._is_zerotensor() and not hangs_on_digits(t):
        facts['repr'] = repr(t)
    if t.grad is None:
        facts['grad'] = None
    else:
        g = t.grad
        facts['grad'] = data_facts(g) | {
            'requires_grad': g.requires_grad,
            'grad_fn': g.grad_fn and g.grad_fn.name().split('::')[-1],
        }
        if grad_version and g.numel():
            facts['grad'] |= {'stride': list(g.stride()), 'version': g._version}
    return facts


def value_facts(value):
    if isinstance(value, (tuple, list)):
        return [value_facts(item) for item in value]
    return element(value, 12) if isinstance(value, (int, float)) else value


def facts_of(env, reprs, grad_versions):
    """The facts of every name: tensors once, under the first of their names. `grad_versions`: also of gradients."""
    expect, seen = {}, set()
    for name, value in env.items():
        if name == 'log' or isinstance(value, RemovableHandle):
            continue
        if not isinstance(value, torch.Tensor):
            expect[name] = {'value': value_facts(value)}
        elif id(value) not in seen:
            seen.add(id(value))
            expect[name] = tensor_facts(value, name in reprs, grad_versions)
    return expect


def as_json(value):
    return json.dumps(value, separators=(',', ':'))
