// The Mersenne Twister MT19937 (Matsumoto and Nishimura, ACM TOMACS 8(1), 1998), PyTorch's generator on the CPU: the same
// seed gives the same numbers.

const N = 624
const M = 397

/** What `torch.Generator()` starts from until it is seeded. */
export const DEFAULT_SEED = 67280421310721

/** A stream of random numbers of its own, which leaves every other stream alone. */
export class Mt19937 {
  private readonly state = new Uint32Array(N)
  private next = N

  /** Only the low 32 bits of `seed` count, as in PyTorch. */
  constructor(seed = DEFAULT_SEED) {
    const { state } = this
    state[0] = Number(BigInt(seed) & 0xffffffffn)
    for (let i = 1; i < N; i++) {
      const before = state[i - 1] ^ (state[i - 1] >>> 30)
      state[i] = Math.imul(1812433253, before) + i
    }
  }

  /** A second stream that goes on as this one will. */
  copy(): Mt19937 {
    const twin = new Mt19937()
    twin.state.set(this.state)
    twin.next = this.next
    return twin
  }

  private twist(): void {
    const { state } = this
    for (let i = 0; i < N; i++) {
      const mixed = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff)
      state[i] = state[(i + M) % N] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0)
    }
    this.next = 0
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.next === N) this.twist()
    let y = this.state[this.next++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    y ^= y >>> 18
    return y >>> 0
  }

  uint64(): bigint {
    return (BigInt(this.uint32()) << 32n) | BigInt(this.uint32())
  }

  /** A float32 in [0, 1) out of 24 bits, as `torch.rand` draws it. */
  float32(): number {
    return (this.uint32() & 0xffffff) / 2 ** 24
  }

  /** A double in [0, 1) out of 53 bits, as `torch.rand(dtype=torch.float64)` draws it. */
  float64(): number {
    const high = this.uint32() & 0x1fffff
    return (high * 2 ** 32 + this.uint32()) / 2 ** 53
  }
}
