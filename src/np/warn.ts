// NumPy's RuntimeWarnings about what a computation met.
import { FloatFlag } from '../../assembly/abi'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'

/** Warns of what the last call to the core met, in the name of a ufunc. */
export function warnOfFlags(name: string): void {
  const flags = core.array_flags()
  if (!flags) return
  if (flags & FloatFlag.divide) warn('RuntimeWarning', `divide by zero encountered in ${name}`)
  if (flags & FloatFlag.overflow) warn('RuntimeWarning', `overflow encountered in ${name}`)
  if (flags & FloatFlag.invalid) warn('RuntimeWarning', `invalid value encountered in ${name}`)
}
