// The overloads of the ops in the fixture. `function` is left out where it derives from `method`.

export const specs: Record<string, { method?: string; function?: string | false }> = {
  add: { method: 'Tensor other, *, Number alpha=1 ! | ~' },
  add_: { method: 'Tensor other, *, Number alpha=1 | ~', function: false },
  sub: { method: 'Tensor other, *, Number alpha=1 ! | ~' },
  mul: { method: 'Tensor other !' },
  mul_: { method: 'Tensor other', function: false },
  div: {
    method: 'Tensor other ! | Tensor other, *, str? rounding_mode ! | Number other, *, str? rounding_mode',
  },
  pow: {
    method: 'Tensor exponent | Number exponent',
    function:
      'Tensor input, Tensor exponent, *, Tensor out=None | Number self, Tensor exponent, *, Tensor out=None | Tensor input, Number exponent, *, Tensor out=None',
  },
  neg: { method: ' !' },
  exp: { method: ' !' },
  abs: { method: ' !' },
  sum: { method: '*, dtype dtype=None | int[1]? dim, bool keepdim=False, *, dtype dtype=None !' },
  mean: { method: '*, dtype dtype=None ! | int[1]? dim, bool keepdim=False, *, dtype dtype=None !' },
  view: { method: 'dtype dtype | int[] size', function: false },
  reshape: { method: 'int[] shape' },
  transpose: { method: 'int dim0, int dim1' },
  permute: { method: 'int[] dims' },
  select: { method: 'int dim, symint index' },
  narrow: { method: 'int dim, Tensor start, symint length | int dim, symint start, symint length' },
  unsqueeze: { method: 'int dim' },
  squeeze: { method: ' | int dim | int[] dim' },
  expand: { method: 'int[] size, *, bool implicit=False', function: false },
  mm: {
    method: 'Tensor mat2',
    function:
      'Tensor input, Tensor mat2, *, Tensor out=None | Tensor input, Tensor mat2, dtype out_dtype, *, Tensor out=None',
  },
  matmul: { method: 'Tensor other !' },
  clone: { method: '*, memory_format memory_format=None' },
  detach: { method: '' },
  fill_: { method: 'Tensor value | Number value' },
  copy_: { method: 'Tensor other, bool non_blocking=False | ~', function: false },
  t: { method: '' },
  flatten: { method: 'int start_dim=0, int end_dim=-1' },
  requires_grad_: { method: 'bool requires_grad=True', function: false },
  item: { method: '', function: false },
  zeros: { function: 'int[] size, *, Tensor out=None, $' },
  ones: { function: 'int[] size, *, Tensor out=None, $' },
  full: { function: 'int[] size, Number fill_value, *, Tensor out=None, $' },
  arange: {
    function:
      'Number end, *, Tensor out=None, $ | Number start, Number end, *, $ | Number start, Number end, Number step=1, *, Tensor out=None, $',
  },
  linspace: {
    function:
      'Tensor start, Tensor end, int steps, *, Tensor out=None, $ | Number start, Tensor end, int steps, *, Tensor out=None, $ | Tensor start, Number end, int steps, *, Tensor out=None, $ | Number start, Number end, int steps, *, Tensor out=None, $',
  },
  eye: { function: 'symint n, *, Tensor out=None, $ | symint n, symint m, *, Tensor out=None, $' },
  zeros_like: { function: 'Tensor input, *, memory_format memory_format=None, $' },
  stack: { function: 'Tensor[] tensors, int dim=0, *, Tensor out=None' },
  clamp: { method: 'Tensor min=None, Tensor max=None ! | Number min=None, Number max=None !' },
  eq: { method: 'Tensor other ! | Number other !' },
  std: {
    method:
      'int[1]? dim, bool unbiased=True, bool keepdim=False ! | int[1]? dim=None, *, Number? correction=None, bool keepdim=False ! | bool unbiased=True',
  },
}
