// PyTorch's sentences for what goes wrong with indices and masks. Every op has its own words for the same complaint.
import { Err, Op } from '../../assembly/abi'
import { type ErrorClass, lowerTypeName, type Numbers, scalarTypeName } from './error_words'
import { IndexError, RuntimeError } from './errors'

type Text = [ErrorClass, string]

/** By the core's `Range`. */
const RANGES: readonly ((index: number, dim: number, size: number) => Text)[] = [
  (index, dim, size) => [IndexError, outOfBounds(index, dim, size)],
  (index, dim, size) => [RuntimeError, outOfBounds(index, dim, size)],
  (index, dim, size) => [IndexError, `index_copy_(): ${outOfBounds(index, dim, size)}`],
  () => [IndexError, 'index out of range in self'],
  (index, _, size) => [IndexError, `out of range: tried to access index ${index} on a tensor of ${size} elements.`],
  (index, _, size) => [
    RuntimeError,
    size
      ? `INDICES element is out of DATA bounds, id=${index} axis_dim=${size}`
      : 'index_select(): self indexing axis dim should be positive',
  ],
]

const outOfBounds = (index: number, dim: number, size: number): string =>
  `index ${index} is out of bounds for dimension ${dim} with size ${size}`

const inplaceNames: Partial<Record<Op, string>> = {
  [Op.IndexAdd]: 'index_add_()',
  [Op.IndexCopy]: 'index_copy_()',
  [Op.IndexReduce]: 'index_reduce_()',
  [Op.Gather]: 'gather()',
  [Op.Scatter]: 'scatter()',
  [Op.Take]: 'take()',
  [Op.Put]: 'put_()',
}
const inplaceName = (op: Op): string => inplaceNames[op] ?? ''

function indexDType(op: Op, dtype: number): Text {
  if (op === Op.IndexSelect) return [RuntimeError, 'index_select(): Expected dtype int32 or int64 for index']
  if (op === Op.IndexFill) return [IndexError, 'index_fill_(): Expected dtype int64 for index.']
  const name = inplaceName(op)
  if (op === Op.Gather || op === Op.Scatter) return [RuntimeError, `${name}: Expected dtype int32/int64 for index`]
  const adds = op === Op.IndexAdd || op === Op.IndexReduce
  const wanted = adds ? 'dtype int32/int64 for index but got:' : 'a long tensor for index, but got'
  return [RuntimeError, `${name}: Expected ${wanted} ${scalarTypeName(dtype)}`]
}

function indexVector(op: Op, dtype: number, shape: string): Text {
  const ndim = shape.split(',').length
  if (op === Op.IndexSelect) return [IndexError, 'index_select(): Index is supposed to be a vector']
  if (op === Op.IndexFill) return [RuntimeError, 'Index has to be a vector/scalar']
  if (op === Op.IndexCopy) return [IndexError, `index_copy_(): Index should have dimension 1 or 0 (got ${ndim})`]
  return [
    IndexError,
    `${inplaceName(op)}: Index is supposed to be a vector, but got dim: ${ndim} with type: ${scalarTypeName(dtype)} and size: ${shape}`,
  ]
}

function indexCount(op: Op, n: Numbers): Text {
  const text = `${inplaceName(op)}: Number of indices (${n.next()}) should be equal to source.size(dim)`
  return op === Op.IndexCopy
    ? [IndexError, `${text} (${n.next()})`]
    : [RuntimeError, `${text}: (${n.next()}), for dim: ${n.next()}`]
}

function sourceDType(op: Op, own: string, other: string): Text {
  const expected = `${inplaceName(op)}: self and source expected to have the same dtype, but got`
  switch (op) {
    case Op.Scatter:
      return [RuntimeError, 'scatter(): Expected self.dtype to be equal to src.dtype']
    case Op.MaskedScatter:
      return [RuntimeError, `masked_scatter: expected self and source to have same dtypes but got${own} and ${other}`]
    case Op.IndexCopy:
      return [RuntimeError, `${expected} (self) ${own} and (source) ${other}`]
    case Op.Put:
      return [RuntimeError, `${expected} self.dtype = ${own} and source.dtype = ${other}`]
    default:
      return [RuntimeError, `${inplaceName(op)}: self (${own}) and source (${other}) must have the same scalar type`]
  }
}

function maskDType(op: Op, dtype: number): Text {
  if (op === Op.MaskedSelect) return [RuntimeError, 'masked_select: expected BoolTensor for mask']
  const [name, type] =
    op === Op.MaskedFill ? ['masked_fill_', lowerTypeName(dtype)] : ['masked_scatter_', scalarTypeName(dtype)]
  return [RuntimeError, `${name} only supports boolean masks, but got mask with dtype ${type}`]
}

function indexShapes(n: Numbers): Text {
  const shapes: string[] = []
  while (n.more()) shapes.push(n.shape())
  return [
    IndexError,
    `shape mismatch: indexing tensors could not be broadcast together with shapes ${shapes.join(', ')}`,
  ]
}

function scatterSize(n: Numbers): Text {
  const hasSource = n.next()
  const text = `Expected index ${n.shape()} to be no larger than self ${n.shape()} apart from dimension ${n.next()}`
  return [RuntimeError, hasSource ? `${text} and to be no larger size than src ${n.shape()}` : text]
}

function gatherDims(op: number): Text {
  const whose = op === Op.Gather ? 'input' : op === Op.Scatter ? 'self' : 'src'
  return [RuntimeError, `Index tensor must have the same number of dimensions as ${whose} tensor`]
}

function copySlices(n: Numbers): Text {
  const dim = n.next()
  const [own, other] = [n.sizes(), n.sizes()].map((sizes) => sizes.filter((_, d) => d !== dim).join(' '))
  return [
    RuntimeError,
    `index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ${own} at dimension ${dim} and source slice shape: ${other} at dimension 0.`,
  ]
}

/** The class and the sentence of one of these errors. */
export function indexErrorText(code: Err, n: Numbers): Text {
  switch (code) {
    case Err.IndexRange:
      return RANGES[n.next()](n.next(), n.next(), n.next())
    case Err.IndexEmpty:
      return [IndexError, 'index is out of bounds for dimension with size 0']
    case Err.IndexKind:
      return [IndexError, 'tensors used as indices must be long, int, byte or bool tensors']
    case Err.IndexDType:
      return indexDType(n.next(), n.next())
    case Err.IndexVector:
      return indexVector(n.next(), n.next(), n.shape())
    case Err.IndexScalar:
      return n.next() === Op.IndexCopy
        ? [IndexError, `index_copy_(): When source is scalar, index should have one element (got ${n.next()})`]
        : [RuntimeError, `index_select(): Index to scalar can have only 1 value, got ${n.next()} value(s)`]
    case Err.IndexCount:
      return indexCount(n.next(), n)
    case Err.IndexShapes:
      return indexShapes(n)
    case Err.TooManyIndices:
      return [IndexError, `too many indices for tensor of dimension ${n.next()} (got ${n.next()})`]
    case Err.MaskShape:
      return [
        IndexError,
        `The shape of the mask ${n.shape()} at index ${n.next()} does not match the shape of the indexed tensor ${n.shape()} at index ${n.next()}`,
      ]
    case Err.MaskDType:
      return maskDType(n.next(), n.next())
    case Err.MaskedScatterCount:
      return [RuntimeError, 'Number of elements of source < number of ones in mask']
    case Err.SourceDType:
      return sourceDType(n.next(), scalarTypeName(n.next()), scalarTypeName(n.next()))
    case Err.SourceShape:
      return [
        RuntimeError,
        `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${n.shape()} source.shape = ${n.shape()}`,
      ]
    case Err.CopyDims:
      return [
        IndexError,
        `index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality (${n.next()}), destination dimensionality (${n.next()})`,
      ]
    case Err.CopySlices:
      return copySlices(n)
    case Err.ValueDims: {
      const name = n.next() === Op.MaskedFill ? 'masked_fill_' : 'index_fill_'
      return [
        RuntimeError,
        `${name} only supports a 0-dimensional value tensor, but got tensor with ${n.next()} dimension(s).`,
      ]
    }
    case Err.GatherDims:
      return gatherDims(n.next())
    case Err.GatherSize:
      return [
        RuntimeError,
        `Size does not match at dimension ${n.next()} expected index ${n.shape()} to be no larger than self ${n.shape()} apart from dimension ${n.next()}`,
      ]
    case Err.ScatterSize:
      return scatterSize(n)
    case Err.TakeEmpty:
      return n.next() === Op.Take
        ? [IndexError, 'take(): tried to take from an empty tensor']
        : [IndexError, 'put_(): Tried to put elements into an empty tensor']
    case Err.PutCount:
      return [
        IndexError,
        `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${n.next()}, index.numel() = ${n.next()}`,
      ]
    case Err.IndexPutDType:
      return [
        RuntimeError,
        `Index put requires the source and destination dtypes match, got ${scalarTypeName(n.next())} for the destination and ${scalarTypeName(n.next())} for the source.`,
      ]
    case Err.IndexPutShape:
      return [
        RuntimeError,
        `shape mismatch: value tensor of shape ${n.shape()} cannot be broadcast to indexing result of shape ${n.shape()}`,
      ]
    default: {
      const [name, source] = n.next() === Op.IndexReduce ? ['index_reduce', 'source'] : ['scatter_reduce', 'src']
      return [
        RuntimeError,
        `${name}(): Double backward is unsupported for ${source} when >1 zeros in ${source} are scattered to the same position in self`,
      ]
    }
  }
}
