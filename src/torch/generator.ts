// torch.Generator: a stream of random numbers, and the one that every draw comes from unless it names another.
import { OverflowError, PyTypeError, ValueError } from '../core/errors'
import { DEFAULT_SEED, Mt19937 } from './mt19937'
import { normalPair } from './normal'
import { isScalar, numberIn, pyTypeName, registerType } from './pytypes'

/** A stream of random numbers, the same for the same seed as PyTorch's on the CPU. */
export class Generator {
  private initial = BigInt(DEFAULT_SEED)
  /** @internal */
  _engine = new Mt19937()
  /** The second of a pair of normal numbers, kept for the next call. */
  private spare: number | null = null

  /** Starts the stream anew. @throws ValueError for a seed that 64 bits cannot hold */
  manual_seed(given: number | bigint): this {
    const seed = (numberIn(given)?.valueOf() ?? given) as number | bigint
    if (seed === undefined) throw new PyTypeError("manual_seed() missing 1 required positional argument: 'seed'")
    if (!isScalar(seed)) {
      throw new PyTypeError(
        `int() argument must be a string, a bytes-like object or a real number, not '${pyTypeName(seed)}'`,
      )
    }
    if (Number.isNaN(seed)) throw new ValueError('cannot convert float NaN to integer')
    if (typeof seed !== 'bigint' && !Number.isFinite(Number(seed))) {
      throw new OverflowError('cannot convert float infinity to integer')
    }
    const value = BigInt(typeof seed === 'number' ? Math.trunc(seed) : seed)
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new ValueError('Overflow when unpacking long long')
    this.initial = BigInt.asUintN(64, value)
    this._engine = new Mt19937(Number(this.initial & 0xffffffffn))
    this.spare = null
    return this
  }

  /** The seed that the stream started from: a bigint beyond 2^53. */
  initial_seed(): number | bigint {
    return this.initial <= Number.MAX_SAFE_INTEGER ? Number(this.initial) : this.initial
  }

  /** Starts the stream from a seed of nobody's choosing, and returns that. */
  seed(): number | bigint {
    return this.manual_seed(Math.floor(Math.random() * 2 ** 53)).initial_seed()
  }

  /** Draws by `draw`; if that throws nothing was drawn. @internal */
  _attempt<T>(draw: () => T): T {
    const [engine, spare] = [this._engine.copy(), this.spare]
    try {
      return draw()
    } catch (error) {
      this._engine = engine
      this.spare = spare
      throw error
    }
  }

  /** A normal number in double precision. @internal */
  _normal(): number {
    if (this.spare !== null) {
      const spare = this.spare
      this.spare = null
      return spare
    }
    const [first, second] = normalPair(this._engine)
    this.spare = second
    return first
  }
}
registerType('torch.Generator', Generator)

/** What `torch.manual_seed` seeds; not twice the same before that. */
export const default_generator = new Generator()
default_generator.seed()

/** The generator among parsed arguments, else the default one. */
export const generatorIn = (values: readonly unknown[]): Generator =>
  (values.find((value) => value instanceof Generator) as Generator | undefined) ?? default_generator
