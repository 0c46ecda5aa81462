// Python's side of the contract between the core and the library (abi.ts): type objects, the fields of objects, free lists, what
// a trace is told.

/**
 * Which slots an object has (assembly/object/slots.ts). The type objects lie in a table in this order; a class of the
 * user's own is a type object on the heap whose id is `instance`.
 */
export const enum TypeId {
  type,
  gradFn,
  tensor,
  ndarray,
  object,
  none,
  bool,
  int,
  float,
  str,
  list,
  tuple,
  dict,
  instance,
  weakref,
  /** How many there are. */
  count,
}

/** Byte offsets from an object's address, which is that of its reference count. */
export const enum ObjectField {
  refcnt = 0,
  type = 4,
  /** `ob_size` of list and tuple, the length of a str, the entries of a dict. */
  size = 8,
}

/** Byte offsets in a weak reference: its object, and the next reference to it. */
export const enum WeakrefField {
  object = 8,
  next = 20,
}

/** Byte offsets in a type object. */
export const enum TypeField {
  id = 8,
  flags = 12,
  /** CPython's tp_basicsize and tp_itemsize on a 64-bit machine, and what lies before the header there. */
  basicsize = 16,
  itemsize = 20,
  presize = 24,
  /** A class's name, a str; 0 for a built-in type. */
  name = 28,
  /** A class's number in the library's own table; 0 for a built-in type. */
  face = 32,
  end = 48,
}

export const enum TypeFlag {
  /** Has a GC head: the cycle collector tracks its objects (Py_TPFLAGS_HAVE_GC). */
  gc = 1,
  /** Objects may be referred to weakly. */
  weakrefs = 2,
  /** Made by the user, counted like any object. */
  heap = 4,
  /** Its objects have a `__del__`. */
  finalizer = 8,
  /** Made for one instance, which owns it: no object of the program's, and neither counted nor collected as one. */
  own = 16,
}

/** Python's comparisons of objects. */
export const enum Compare {
  lt,
  le,
  eq,
  ne,
  gt,
  ge,
}

/** What JavaScript says of a comparison with a tensor or an ndarray; `none` leaves it to their identity. */
export const enum ArrayAnswer {
  thrown,
  no,
  yes,
  none,
}

/** The free lists (assembly/object/free_lists.ts): `tuple + 1` is that of the tuples of one item, and so on. */
export const enum FreeList {
  float,
  list,
  dict,
  keys,
  tuple = 3,
  /** Up to which length tuples have a free list. */
  lengths = 20,
  count = 24,
}

/** Byte offsets in a free list's record. */
export const enum FreeListField {
  count = 4,
  capacity = 8,
  hits = 24,
  misses = 28,
  end = 32,
}

/** What `py.trace` is told, in the order in which it happens: event, object, and a number. */
export const enum TraceEvent {
  /** The object's count went up or down; the number is the new count. */
  INCREF,
  DECREF,
  /** The count came to 0. */
  dealloc,
  /** A block came from, or went back to, its type's free list; the number is how many the list has now. */
  freeListPop,
  freeListPush,
  /** The same with a pool of the allocator's (or malloc, above 512 bytes); the number is the block's size in bytes. */
  poolAlloc,
  poolFree,
  /** `__del__` is about to run. */
  finalize,
  /** A weak reference was cleared because its object goes. */
  weakrefCleared,
  /** The collector began (number: the generation), found an object unreachable, and ended (number: how many it freed). */
  gcStart,
  gcUnreachable,
  gcStop,
}
