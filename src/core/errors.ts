// Python's exceptions as JavaScript errors. `name` is what Python calls the class, so `String(error)` reads as in a
// Python console. TypeError and ReferenceError extend the built-in ones: JavaScript users catch those.

export class RuntimeError extends Error {
  override name = 'RuntimeError'
}

export class ValueError extends Error {
  override name = 'ValueError'
}

export class IndexError extends Error {
  override name = 'IndexError'
}

/** A key is not in a dict: the message is its repr. */
export class KeyError extends Error {
  override name = 'KeyError'
}

/** Something is nested too deep. */
export class RecursionError extends RuntimeError {
  override name = 'RecursionError'
}

export class AssertionError extends Error {
  override name = 'AssertionError'
}

/** An integer does not fit in 64 bits, a result in no float. */
export class OverflowError extends Error {
  override name = 'OverflowError'
}

export class ZeroDivisionError extends Error {
  override name = 'ZeroDivisionError'
}

export class NotImplementedError extends RuntimeError {
  override name = 'NotImplementedError'
}

export class OutOfMemoryError extends RuntimeError {
  override name = 'OutOfMemoryError'
}

export class PyTypeError extends TypeError {
  override name = 'TypeError'
}

/** A handle was used after what it named had been freed. */
export class PyReferenceError extends ReferenceError {
  override name = 'ReferenceError'
}

export class AttributeError extends Error {
  override name = 'AttributeError'
}
