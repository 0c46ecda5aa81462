"""Writes fixture.json: what PyTorch 2.13 says to bad calls, and what state it leaves behind.

    python make_fixture.py        in an environment with torch 2.13

cases.txt holds one small Python program a line (` | ` ends a line of it). Like a console, a program goes on after a
statement that raised. Each becomes JSON: its statements as trees (programs.ts runs them in this library's words), the
errors of the statements that raised, and the tensors as they were left, with their graphs. Programs under a title that
ends in "that hold" raise nothing. Two texts that 2.13 shortened are put into PyTorch 1.13's words, as the library has
them.
"""

import ast
import json
import math
import pathlib
import re
import sys
import warnings

import torch

assert torch.__version__.startswith('2.13'), torch.__version__
warnings.simplefilter('ignore')
HERE = pathlib.Path(__file__).parent


def number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return {'number': str(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {'int': str(value)}
    return value


def piece(node):
    """One key of a subscript."""
    if isinstance(node, ast.Slice):
        parts = [node.lower, node.upper] + ([node.step] if node.step else [])
        return ':'.join(ast.unparse(part) if part else '' for part in parts)
    if isinstance(node, ast.Constant) and node.value is Ellipsis:
        return '...'
    return tree(node)


def keys(node):
    return [piece(key) for key in (node.elts if isinstance(node, ast.Tuple) else [node])]


def tree(node):
    """An expression as JSON: plain values stand for themselves, objects say what to do."""
    match node:
        case ast.Constant(value=value):
            return number(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
            return number(-value)
        case ast.Name(id='nan' | 'inf' as name):
            return {'number': name}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id='inf')):
            return {'number': '-inf'}
        case ast.Name(id=name):
            return {'name': name}
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [tree(item) for item in items]
        case ast.Dict():
            return {'dict': {key.value: tree(value) for key, value in zip(node.keys, node.values)}}
        case ast.Attribute(value=owner, attr=name):
            return {'get': name, 'of': tree(owner)}
        case ast.Subscript(value=owner, slice=key):
            return {'at': keys(key), 'of': tree(owner)}
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            call = {'call': name, 'of': tree(owner)}
        case ast.Call(func=ast.Name(id=name)):
            call = {'call': name}
        case _:
            raise ValueError(ast.dump(node))
    if node.args:
        call['args'] = [tree(arg) for arg in node.args]
    if node.keywords:
        call['kw'] = {keyword.arg: tree(keyword.value) for keyword in node.keywords}
    return call


def statement(node):
    match node:
        case ast.Expr(value=value):
            return {'do': tree(value)}
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return {'let': name, 'to': tree(value)}
        case ast.Assign(targets=[ast.Attribute(value=owner, attr=name)], value=value):
            return {'set': name, 'of': tree(owner), 'to': tree(value)}
        case ast.Assign(targets=[ast.Subscript(value=owner, slice=key)], value=value):
            return {'set_at': keys(key), 'of': tree(owner), 'to': tree(value)}
        case ast.With(body=body):
            return {'no_grad': [statement(inner) for inner in body]}
        case _:
            raise ValueError(ast.dump(node))


def full_name(match):
    """2.13 shortens the names of nodes in two texts: Add, Pow1 for AddBackward0, PowBackward1."""
    before, name, digits = match.groups()
    return before + name if '::' in name else f'{before}{name}Backward{digits or 0}'


def in_old_words(text):
    text = re.sub(r'(which is output \d+ of |^Output \d+ of )([\w:]+?)(\d*)(?=,| is a view)', full_name, text)
    return text.replace('set_detect_anomaly(True, check_nan=False).', 'set_detect_anomaly(True).')


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    return number(value)


def graph(node):
    return node and f'{node.name()}({", ".join(str(graph(next)) for next, _ in node.next_functions)})'


def facts(x):
    row = {
        'data': plain(x.tolist()),
        'shape': list(x.shape),
        'dtype': str(x.dtype).removeprefix('torch.'),
        'version': x._version,
        'requires_grad': x.requires_grad,
        'grad': None if x.grad is None else plain(x.grad.tolist()),
    }
    try:
        row['grad_fn'] = graph(x.grad_fn)
    except RuntimeError:
        row['grad_fn'] = 'invalid'
    return row


def run(source):
    module = ast.parse(source.replace(' | ', '\n'))
    env = {'torch': torch, 'no_grad': torch.no_grad, 'nan': math.nan, 'inf': math.inf}
    names = set(env)
    errors = []
    for at, node in enumerate(module.body):
        try:
            exec(compile(ast.Module([node], []), source, 'exec'), env)
        except Exception as error:
            # PyTorch adds a C++ backtrace to some texts.
            text = re.sub(r'\nException raised from .*(?="$)|\nException raised from .*', '', str(error), flags=re.S)
            errors.append({'at': at, 'type': type(error).__name__, 'message': in_old_words(text)})
    tensors = {
        name: facts(value) for name, value in env.items() if name not in names and isinstance(value, torch.Tensor)
    }
    return {'code': source, 'steps': [statement(node) for node in module.body], 'errors': errors, 'left': tensors}


def main():
    sections = []
    for line in (HERE / 'cases.txt').read_text().splitlines():
        if line.startswith('# '):
            sections.append({'title': line[2:], 'cases': []})
        elif line.strip():
            row = run(line.strip())
            if bool(row['errors']) == sections[-1]['title'].endswith('that hold'):
                sys.exit(f'{"an" if row["errors"] else "no"} error: {line} {row["errors"]}')
            sections[-1]['cases'].append(row)
    lines = []
    for section in sections:
        rows = ',\n'.join(json.dumps(row, ensure_ascii=False) for row in section['cases'])
        lines.append(f'{{"title": {json.dumps(section["title"])}, "cases": [\n{rows}\n]}}')
    (HERE / 'fixture.json').write_text('[' + ',\n'.join(lines) + ']\n')
    print(sum(len(section['cases']) for section in sections), 'programs')


if __name__ == '__main__':
    main()
