// The Tensor class: what is not in the op table. Methods of ops are added to it by methods.ts.
import { TensorField } from '../../assembly/abi'
import { checked, orNone } from '../core/error_text'
import { AttributeError, IndexError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address, handleOf } from '../core/handles'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { type DType, dtypeOf } from './dtype'
import { ArrayHandle } from './elements'
import { type GradFn, gradFnOf } from './grad_fn'
import type { TensorMethods } from './methods'
import { nodeKind, nodeType } from './nodes'
import { isInt, pyTypeName, registerType } from './pytypes'
import { reprTensor } from './repr'
import { size, tuple } from './tuple'

export type { Nested, Scalar } from './elements'

/** What the constructor wants to see: an address from a user would be read as a tensor's record. */
const OWNER = Symbol('backward0.tensor')

export interface Tensor extends TensorMethods {}

/**
 * A tensor of float32, float64, int64, int32 or bool, as `torch.tensor` and every op return it. `x.add_(y) === x`:
 * an in-place op returns the very object it was called on.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods of the op table are declared apart and installed on the prototype
export class Tensor extends ArrayHandle {
  /** Takes over a reference of the core's tensor: for `tensorFrom` alone. @internal */
  constructor(at: number, by?: symbol) {
    if (by !== OWNER) throw new PyTypeError('torch.Tensor() makes no tensor here: torch.tensor(data) does')
    super(at)
  }

  /** @internal */
  get _noun(): string {
    return 'Tensor'
  }

  get dtype(): DType {
    return dtypeOf(this._byte(TensorField.dtype))
  }

  /** The sizes, a new array every time. Prints `torch.Size([2, 3])`. */
  get shape(): number[] {
    return size(this._dims(0))
  }

  get ndim(): number {
    return this._byte(TensorField.ndim)
  }

  /** All sizes, or one: `x.size()`, `x.size(0)`. @throws IndexError */
  size(): number[]
  size(dim: number): number
  size(dim?: number): number[] | number {
    return dim === undefined || dim === null ? this.shape : oneOf(this._dims(0), asDim(dim, 'size'))
  }

  /** All strides in elements, or one. @throws IndexError */
  stride(): number[]
  stride(dim: number): number
  stride(dim?: number): number[] | number {
    return dim === undefined || dim === null ? tuple(this._dims(1)) : oneOf(this._dims(1), asDim(dim, 'stride'))
  }

  dim(): number {
    return this.ndim
  }

  numel(): number {
    return this._word(TensorField.numel)
  }

  storage_offset(): number {
    return this._word(TensorField.offset)
  }

  element_size(): number {
    return this.dtype.itemsize
  }

  is_contiguous(): boolean {
    return (this._byte(TensorField.flags) & 2) !== 0
  }

  /** Made in inference mode. */
  is_inference(): boolean {
    return (this._byte(TensorField.flags) & 4) !== 0
  }

  is_floating_point(): boolean {
    return this.dtype.is_floating_point
  }

  /** The address of the first element in the core's memory. */
  data_ptr(): number {
    return core.tensor_data(address(this)) >>> 0
  }

  /** How often the storage was written through tensors that share this one's version counter. */
  get _version(): number {
    if (this.is_inference()) throw new RuntimeError('Inference tensors do not track version counter.')
    return core.tensor_version(address(this))
  }

  get requires_grad(): boolean {
    return core.requires_grad(address(this)) !== 0
  }

  set requires_grad(on: boolean) {
    if (typeof on !== 'boolean') throw new RuntimeError('requires_grad must be a bool')
    if (!this.is_leaf) {
      throw new RuntimeError(on ? NOT_A_LEAF : NOT_A_LEAF + DETACH_HINT)
    }
    if (on && !this.is_floating_point()) {
      throw new RuntimeError('only Tensors of floating point and complex dtype can require gradients')
    }
    if (on) refuseInference(this)
    checked(core.set_requires_grad(address(this), on ? 1 : 0))
  }

  /** Made by the user or outside the graph: `grad_fn` is null. Like reading it, this rebuilds a stale view's node. */
  get is_leaf(): boolean {
    const node = orNone(core.grad_fn(address(this)))
    if (node) core.node_release(node)
    return node === 0
  }

  /**
   * The node that made the tensor, as a new handle at every access. Null for a leaf (the type says otherwise, so that
   * `y.grad_fn.name()` reads as in Python).
   */
  get grad_fn(): GradFn {
    return gradFnOf(this) as GradFn
  }

  set grad_fn(_: unknown) {
    address(this)
    throw new AttributeError("attribute 'grad_fn' of 'torch._C.TensorBase' objects is not writable")
  }

  /** `grad_fn` again; assigning null to it takes the tensor out of its graph, as `detach_()` does. */
  get _grad_fn(): GradFn {
    return this.grad_fn
  }

  set _grad_fn(value: null) {
    address(this)
    if (value === undefined) throw new RuntimeError('Deletion of _grad_fn not allowed. Detach tensor instead!')
    if (value !== null) throw new RuntimeError('_grad_fn can be only set to None')
    this.detach_()
  }

  get output_nr(): number {
    return core.output_nr(address(this))
  }

  /**
   * The accumulated gradient. Null before the first backward (the type says otherwise, so that `x.grad.mul(0.1)` reads as
   * in Python), and for a non-leaf, with a warning, unless it retains its gradient. Assign null to start again.
   */
  get grad(): Tensor {
    const at = address(this)
    const grad = core.grad_of(at)
    if (grad) return tensorFrom(grad)._remember()
    if (!core.is_leaf(at) && !core.retains_grad(at)) warn('UserWarning', GRAD_OF_NON_LEAF)
    return null as unknown as Tensor
  }

  set grad(grad: Tensor | null) {
    if (grad === null || grad === undefined) {
      core.set_grad(address(this), 0)
      return
    }
    this._checkGrad(grad)
    checked(core.set_grad(address(this), address(grad._remember())))
  }

  /** @internal */
  _checkGrad(grad: Tensor): void {
    if (!(grad instanceof Tensor)) {
      throw new PyTypeError(`assigned grad expected to be a Tensor or None but got grad of type ${pyTypeName(grad)}`)
    }
    if (grad === this) throw new RuntimeError("can't assign Variable as its own grad")
    if (grad.dtype !== this.dtype) {
      throw new RuntimeError(
        `attempting to assign a gradient with dtype '${CPP[grad.dtype._code]}' to a tensor with grad_dtype ` +
          `'${CPP_CLASS[this.dtype._code]}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's ` +
          "dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set " +
          'grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that ' +
          'assume they match.',
      )
    }
    if (String(grad.shape) !== String(this.shape)) {
      throw new RuntimeError(
        `attempting to assign a gradient of size '[${grad.shape.join(', ')}]' to a tensor of size ` +
          `'[${this.shape.join(', ')}]'. Please ensure that the gradient and the tensor are the same size`,
      )
    }
  }

  /** The storage shared, outside the graph, with a version counter of its own. */
  get data(): Tensor {
    return tensorFrom(checked(core.tensor_alias(address(this))))
  }

  /** Takes over another tensor's storage, shape and dtype; version counter, `.grad` and graph stay. */
  set data(data: Tensor) {
    const at = address(this)
    if (data === undefined) throw new RuntimeError('Deleting tensor data is not allowed. Delete tensor instead!')
    if (!(data instanceof Tensor)) {
      throw new PyTypeError(`Variable data has to be a tensor, but got ${pyTypeName(data)}`)
    }
    if (this.requires_grad && !data.is_floating_point()) {
      throw new RuntimeError('data set to a tensor that requires gradients must be floating point or complex dtype')
    }
    checked(core.set_data(at, address(data)))
  }

  get T(): Tensor {
    return this.permute(Array.from({ length: this.ndim }, (_, i) => this.ndim - 1 - i))
  }

  get mT(): Tensor {
    if (this.ndim === 0) return this
    if (this.ndim === 1) {
      throw new RuntimeError('tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor.')
    }
    return this.transpose(-2, -1)
  }

  /** The root of a chain of views; null for a tensor that is no view. */
  get _base(): Tensor | null {
    const base = core.base_of(address(this))
    return base ? tensorFrom(base) : null
  }

  _is_view(): boolean {
    const base = this._base
    return base !== null
  }

  /** Leaves the graph in place. @throws RuntimeError on a view */
  detach_(): this {
    checked(core.detach_(address(this)))
    return this
  }

  /** The only element: a number, a boolean for bool, a bigint for an int64 beyond 2^53. @throws RuntimeError unless there is exactly one */
  item(): number {
    if (this.numel() !== 1) {
      throw new RuntimeError(`a Tensor with ${this.numel()} elements cannot be converted to Scalar`)
    }
    return this._element(0) as number
  }

  /** PyTorch's repr, character for character. */
  override toString(): string {
    let gradFn: string | null = null
    try {
      const node = orNone(core.grad_fn(address(this)))
      gradFn = node ? nodeType(nodeKind(node), node) : null
      if (node) core.node_release(node)
    } catch {
      gradFn = 'Invalid'
    }
    return reprTensor({
      dtype: this.dtype.name as 'float32',
      shape: this._dims(0),
      values: (i) => this._element(i),
      suffixes: { gradFn, requiresGrad: this.requires_grad },
    })
  }

  /** Python's `float(x)`, `int(x)`, which JavaScript asks for in arithmetic. @throws ValueError, TypeError */
  [Symbol.toPrimitive](hint: string): string | number | bigint | boolean {
    if (hint === 'string') return this.toString()
    if (hint === 'number') {
      if (this.numel() !== 1) throw new ValueError('only one element tensors can be converted to Python scalars')
      return this._element(0)
    }
    throw new PyTypeError(
      'JavaScript has no operators on tensors: write x.add(y), torch.div(2, x) and so on, or x.item() for a number',
    )
  }

  get [Symbol.toStringTag](): string {
    return 'Tensor'
  }
}
registerType('Tensor', Tensor)

/** @throws RuntimeError for a tensor made in inference mode, outside it */
export function refuseInference(tensor: Tensor): void {
  if (tensor.is_inference() && !core.inference_mode()) {
    throw new RuntimeError('Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.')
  }
}

const GRAD_OF_NON_LEAF =
  'The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute ' +
  "won't be populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf " +
  'Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you ' +
  'access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information.'
export const NOT_A_LEAF = 'you can only change requires_grad flags of leaf variables.'
export const DETACH_HINT =
  " If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
/** C++'s names of the dtypes. */
export const CPP = ['bool', 'int', 'long int', 'float', 'double']
const CPP_CLASS = ['Bool', 'Int', 'Long', 'Float', 'Double']

/** The handle of a core tensor, taking over the caller's reference: the living one if there is one. */
export function tensorFrom(at: number): Tensor {
  const living = handleOf(at)
  if (!living) return new Tensor(at, OWNER)
  core.tensor_release(at)
  return living as Tensor
}

/** The tensor that a core function returned. @throws the pending error when it returned 0 */
export function result(at: number): Tensor {
  return tensorFrom(checked(at))
}

/** A dimension counted from the end, as an index. @throws IndexError */
export function wrapDim(dim: number | bigint, ndim: number): number {
  const range = Math.max(ndim, 1)
  if (dim < -range || dim >= range) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${BigInt(dim)})`,
    )
  }
  return dim < 0 ? Number(dim) + range : Number(dim)
}

function oneOf(dims: readonly number[], dim: number | bigint): number {
  if (dims.length === 0) throw new IndexError(`Dimension specified as ${BigInt(dim)} but tensor has no dimensions`)
  return dims[wrapDim(dim, dims.length)]
}

/** @throws TypeError unless it is an int */
function asDim(dim: unknown, name: string): number | bigint {
  if (typeof dim === 'bigint' && BigInt.asIntN(64, dim) !== dim) {
    throw new ValueError('Overflow when unpacking long long')
  }
  if (isInt(dim)) return dim as number | bigint
  throw new PyTypeError(`${name}(): argument 'dim' (position 1) must be int, not ${pyTypeName(dim)}`)
}
