"""Writes fixture.json: what the programs of article-1.py to article-4.py print.

    python make_fixture.py CPYTHON TORCH    CPython 3.12, and a python with PyTorch 2.13 and NumPy 2.4

Programs that name np or torch run in TORCH, all others in CPYTHON, each in a process of its own, after the
prelude below unless they import what they need themselves. Addresses become <1>, <2>,
... in the order of their first appearance: which of them are the same is the fact.
"""

import json
import pathlib
import re
import subprocess
import sys

PRELUDE = '''
import ctypes, gc, io, sys, time, weakref

def word(address):
    return ctypes.c_size_t.from_address(address).value

def type_word(address):
    return word(address + 8)

def ref_count(address):
    return ctypes.c_long.from_address(address).value

def found(address):
    for obj in gc.get_objects():
        if id(obj) == address:
            return 'Object Exists'
    return 'Not Found'

def free_lists(name):
    """How many dead objects the free list of a type keeps, as the allocator's statistics say."""
    import os, re, tempfile
    with tempfile.TemporaryFile() as file:
        error, _ = os.dup(2), os.dup2(file.fileno(), 2)
        sys._debugmallocstats()
        os.dup2(error, 2)
        file.seek(0)
        return int(re.search(rf'(\\d+) free {name}'.encode(), file.read())[1])
'''

NUMPY = '''
import tracemalloc
import numpy as np

def needs(code, size):
    """Whether the code has to allocate this many bytes, all told at one time."""
    tracemalloc.start()
    code()
    tracemalloc.clear_traces()
    start = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    code()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak - start >= size
'''


def programs():
    here = pathlib.Path(__file__).parent
    for article in range(1, 5):
        parts = re.split(r'^#: (\d+\.\d+)\n', (here / f'article-{article}.py').read_text(), flags=re.M)
        yield from zip(parts[1::2], parts[2::2])


def normal(lines):
    """Addresses by the order of their first appearance; 4294967295 is the count of an immortal object."""
    seen = {}

    def place(match):
        text = match.group()
        if text == '4294967295':
            return text
        return f'<{seen.setdefault(int(text, 0), len(seen) + 1)}>'

    return [re.sub(r'\b0x[0-9a-f]+\b|\b[0-9]{5,}\b', place, line) for line in lines]


def run(code, cpython, torch):
    tensors, arrays = 'torch.' in code, 'np.' in code or 'torch.' in code
    prelude = '' if code.startswith('import') else PRELUDE
    source = prelude + (NUMPY if arrays else '') + ('import torch\n' if tensors else '') + code
    done = subprocess.run([torch if arrays else cpython, '-'], input=source, capture_output=True, text=True)
    assert done.returncode == 0, f'{code}\n{done.stderr}'
    return normal(done.stdout.splitlines())


def main(cpython, torch):
    version = subprocess.check_output([cpython, '-c', 'import sys; print(sys.version[:5])'], text=True)
    assert version.startswith('3.12'), version
    versions = 'import torch, numpy; print(torch.__version__[:4], numpy.__version__[:3])'
    assert subprocess.check_output([torch, '-c', versions], text=True).split() == ['2.13', '2.4'], torch
    only = sys.argv[3:]
    facts = {number: run(code, cpython, torch) for number, code in programs() if not only or number in only}
    if only:
        print(json.dumps(facts, indent=1, ensure_ascii=False))
        return
    rows = ',\n'.join(f'{json.dumps(n)}: {json.dumps(lines, ensure_ascii=False)}' for n, lines in facts.items())
    (pathlib.Path(__file__).parent / 'fixture.json').write_text(f'{{\n{rows}\n}}\n')


main(*sys.argv[1:3])
