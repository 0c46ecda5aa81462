// What lives after JavaScript's garbage collector has run.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach } from 'vitest'
import { live } from './live'

setFlagsFromString('--expose-gc')
export const collect = runInNewContext('gc') as () => void

export let before = live()
beforeEach(() => {
  before = live()
})

/** Collects until no more lives than before the test, some seconds at most. */
export async function settled(): Promise<ReturnType<typeof live>> {
  for (let i = 0; i < 100; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
    if (live().bytes === before.bytes) break
  }
  return live()
}
