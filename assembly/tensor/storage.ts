// A storage is the bytes; a version counter is how often they were written through the tensors that share it.
import { Err, Kind } from '../abi'
import { fail1 } from '../error'
import { allocBuffer, allocRecord, freeBuffer, freeRecord } from '../memory/alloc'

//   0          4      8        12
//   | refcount | data | nbytes | - |
@unmanaged
export class Storage {
  refcount: u32
  data: usize
  nbytes: u32
  reserved: u32
}

/** A new storage with one reference; its bytes are not initialised. Null with OutOfMemory pending when there is no room. */
export function newStorage(nbytes: f64): Storage {
  if (nbytes < 4294967000.0) {
    const size = <u32>nbytes
    const data = allocBuffer(size)
    if (data) {
      const storage = changetype<Storage>(allocRecord(offsetof<Storage>(), Kind.Storage))
      if (changetype<usize>(storage)) {
        storage.refcount = 1
        storage.data = data
        storage.nbytes = size
        return storage
      }
      freeBuffer(data, size)
    }
  }
  fail1(Err.OutOfMemory, nbytes)
  return changetype<Storage>(0)
}

/** Makes room for `nbytes`; what was there stays. False with OutOfMemory pending. */
export function growStorage(storage: Storage, nbytes: f64): bool {
  if (nbytes <= storage.nbytes) return true
  const data = nbytes < 4294967000.0 ? allocBuffer(<u32>nbytes) : 0
  if (!data) {
    fail1(Err.OutOfMemory, nbytes)
    return false
  }
  memory.copy(data, storage.data, storage.nbytes)
  freeBuffer(storage.data, storage.nbytes)
  storage.data = data
  storage.nbytes = <u32>nbytes
  return true
}

export function releaseStorage(storage: Storage): void {
  if (--storage.refcount) return
  freeBuffer(storage.data, storage.nbytes)
  freeRecord(changetype<usize>(storage), offsetof<Storage>(), Kind.Storage)
}

//   0          4
//   | refcount | version |
@unmanaged
export class VersionCounter {
  refcount: u32
  version: u32
}

export function newVersionCounter(version: u32): VersionCounter {
  const counter = changetype<VersionCounter>(allocRecord(offsetof<VersionCounter>(), Kind.Other))
  if (!changetype<usize>(counter)) {
    fail1(Err.OutOfMemory, offsetof<VersionCounter>())
    return counter
  }
  counter.refcount = 1
  counter.version = version
  return counter
}

export function releaseVersionCounter(counter: VersionCounter): void {
  if (--counter.refcount == 0) freeRecord(changetype<usize>(counter), offsetof<VersionCounter>(), Kind.Other)
}
