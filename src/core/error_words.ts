// What the sentences of errors are made of: the numbers that the core said, and the names of dtypes, nodes and kernels.
import { DType, type NodeKind } from '../../assembly/abi'

const SCALAR_TYPES = ['Bool', 'Int', 'Long', 'Float', 'Double']
const LOWER_TYPES = ['bool', 'int', 'long int', 'float', 'double']

/** PyTorch's C++ name of a dtype: 'Float', 'Long', ... */
export const scalarTypeName = (dtype: DType): string => SCALAR_TYPES[dtype]
/** Its C++ spelling: 'float', 'double', ... */
export const lowerTypeName = (dtype: DType): string => LOWER_TYPES[dtype]
// C++ texts call the type of a bool tensor otherwise.
export const tensorType = (dtype: DType) =>
  dtype === DType.bool ? 'CPUBoolType' : `torch.${SCALAR_TYPES[dtype]}Tensor`

/** Reads the numbers of an error one after the other. */
export class Numbers {
  private at = 0
  constructor(private readonly values: readonly number[]) {}
  next(): number {
    return this.values[this.at++]
  }
  sizes(): number[] {
    return Array.from({ length: this.next() }, () => this.next())
  }
  shape(): string {
    return `[${this.sizes().join(', ')}]`
  }
  more(): boolean {
    return this.at < this.values.length
  }
}

export type ErrorClass = new (message: string, options?: ErrorOptions) => Error

export let nodeName: (kind: NodeKind, node: number) => string = () => 'Node'
export let kernelName: (op: number) => string = () => 'kernel'

/** The library's tables of names, which live in layers above this one. */
export function setErrorNames(node: (kind: NodeKind, at: number) => string, kernel: (op: number) => string): void {
  nodeName = node
  kernelName = kernel
}
