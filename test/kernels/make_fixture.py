"""Values of erf for scalar_math.test.ts. Run: python make_fixture.py; writes fixture.json.

[[x, erf x], ...] in float64 from the C library (within 1 ulp), checked here against torch.erf.
"""
import json
import math
import os
import random

import torch

rng = random.Random(3)
xs = [10 ** rng.uniform(-12, 0) for _ in range(60)]
xs += [rng.uniform(0, 6.2) for _ in range(140)]
xs += [0.5, 1.0, math.nextafter(1, 0), math.nextafter(1, 2), 2.0, 3.0, 5.9, 6.0]
rows = [[x, math.erf(x)] for x in xs]
expected = torch.erf(torch.tensor(xs, dtype=torch.float64))
torch.testing.assert_close(torch.tensor([y for _, y in rows], dtype=torch.float64), expected, rtol=1e-15, atol=0)

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixture.json"), "w") as f:
    f.write('{ "erf": [\n' + ",\n".join("  " + json.dumps(row) for row in rows) + "\n] }\n")
