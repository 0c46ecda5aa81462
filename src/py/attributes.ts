// The names of attributes. The core keeps values at places (assembly/object/attributes.ts); which place a name has is
// known here, once for all instances of a class.
import { checked } from '../core/error_text'
import { address, type Handle } from '../core/handles'
import { core } from '../core/wasm'
import { toObject } from './convert'

/** How many names CPython makes the instances of a class share. */
const SHARED = 30

/** Names and their places. */
export class Keys {
  private readonly places = new Map<string, number>()
  private readonly names: string[] = []
  private usable = SHARED

  /** For how many attributes CPython makes room in a new instance: a bit less each time, but for all known names. */
  capacity(): number {
    if (this.usable > 1) this.usable--
    return this.names.length + this.usable
  }

  private place(name: string): number {
    let place = this.places.get(name)
    if (place === undefined) {
      place = this.names.length
      this.places.set(name, place)
      this.names.push(name)
      if (this.usable) this.usable--
    }
    return place
  }

  /** The value of an object's attribute, not counted for the caller; 0 when it has none of this name. */
  get(object: number, name: string): number {
    const place = this.places.get(name)
    return place === undefined ? 0 : core.attribute(object, place) >>> 0
  }

  /** @throws TypeError for what no object stands for */
  set(handle: Handle, name: string, value: unknown): void {
    const reference = toObject(value)
    try {
      // A getter in the value may have freed the object.
      checked(core.attribute_set(address(handle), this.place(name), reference))
    } catch (error) {
      core.decref(reference)
      throw error
    }
  }

  delete(object: number, name: string): boolean {
    if (!this.get(object, name)) return false
    core.attribute_delete(object, this.place(name))
    return true
  }

  /** The names of an object's attributes, in the order in which they were given. */
  of(object: number): string[] {
    return Array.from({ length: core.attribute_count(object) }, (_, n) => this.names[core.attribute_nth(object, n)])
  }
}
