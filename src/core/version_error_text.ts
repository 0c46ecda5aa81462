// PyTorch's sentences for tensors that were written: saved ones, and views.
import type { DType, NodeKind } from '../../assembly/abi'
import { type Numbers, nodeName, tensorType } from './error_words'

const MULTI_VIEW =
  'This view is the output of a function that returns multiple views. Such functions do not allow the output views to ' +
  'be modified inplace. You should replace the inplace operation by an out-of-place one.'
// Creation of assembly/autograd/meta.ts
const MULTI_OUTPUT = 1
const IN_FUNCTION = 3
const INFERENCE = 4
const FUNCTION_VIEW =
  'This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to ' +
  'handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect ' +
  'gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.'
const NO_GRAD_VIEW =
  'Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the ' +
  "view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both " +
  'outside (if you want the inplace to be tracked).'

const HINT =
  'Hint: enable anomaly detection to find the operation that failed to compute its gradient, with ' +
  'torch.autograd.set_detect_anomaly(True).'
const HINT_ANOMALY =
  'Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in question ' +
  'was changed in there or anywhere later. Good luck!'

let anomaly = false

/** In anomaly mode a version error gives another hint. */
export function setAnomalyHint(on: boolean): void {
  anomaly = on
}

/** What the core says of a saved tensor that was written: the tensor, its versions, and the SavedVariable of a node. */
export interface VersionError {
  dtype: DType
  shape: number[]
  version: number
  savedVersion: number
  kind: NodeKind
  node: number
  slot: number
  saved: number
}

let versionCause: (error: VersionError) => object = (error) => error

/** Who makes the `cause` of a version error: a layer above this one. */
export function setVersionCause(make: (error: VersionError) => object): void {
  versionCause = make
}

/** A saved tensor was written before backward read it. */
export function modified(n: Numbers): [string, object] {
  const dtype: DType = n.next()
  const shape = n.sizes()
  const named = n.next() === 1
  const output = n.next()
  const by = `, which is output ${output} of ${nodeName(n.next(), n.next())},`
  const [version, savedVersion] = [n.next(), n.next()]
  const text =
    'one of the variables needed for gradient computation has been modified by an inplace operation: ' +
    `[${tensorType(dtype)} [${shape.join(', ')}]]${named ? by : ''} is at version ${version}; expected version ` +
    `${savedVersion} instead. ${anomaly ? HINT_ANOMALY : HINT}`
  const [kind, node, slot, saved] = [n.next(), n.next(), n.next(), n.next()]
  return [text, versionCause({ dtype, shape, version, savedVersion, kind, node, slot, saved })]
}

/** A view that may not be written: how it came to be, and what changed it. */
export function writtenView(n: Numbers): string {
  const [kind, node, output, direct, creation] = [n.next(), n.next(), n.next(), n.next(), n.next()]
  const maker = kind < 0 ? '' : `Output ${output} of ${nodeName(kind, node)} is a view`
  const how = direct ? 'is being' : 'its base or another view of its base has been'
  if (maker && (creation === MULTI_OUTPUT || creation === IN_FUNCTION)) {
    return `${maker} and ${how} modified inplace. ${creation === IN_FUNCTION ? FUNCTION_VIEW : MULTI_VIEW}`
  }
  const who = maker ? `${maker} of a view which` : 'A view'
  if (creation === INFERENCE) {
    const ending = NO_GRAD_VIEW.replaceAll('no_grad', 'inference_mode')
    return `${who} was created in inference mode and ${how} modified inplace in normal mode. ${ending}`
  }
  const ending = creation === MULTI_OUTPUT ? MULTI_VIEW : creation === IN_FUNCTION ? FUNCTION_VIEW : NO_GRAD_VIEW
  return `${who} was created in no_grad mode and ${how} modified inplace with grad mode enabled. ${ending}`
}
