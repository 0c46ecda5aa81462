// The programs of make_fixture.py in this library's words: a name of Python's is a local `f.name` where it matters when
// it is deleted, and a held constant where it does not.
import { hold, id, is_, py, scope } from '../../../src/index'

type Named = ReturnType<typeof py.instance> & { [name: string]: Named }
type Handle = Parameters<typeof hold>[0]
type Ref = ReturnType<typeof py.weakref.ref>
type List = ReturnType<typeof py.list>
type Frame = Record<string, Named>

const { gc, weakref } = py
const { getrefcount } = py.sys
const { ref } = weakref

/** What a program has: where it says what it sees, its classes, and its frame. */
export interface Stage {
  say(...values: unknown[]): void
  /** A new instance of a class without anything. */
  plain(): Named
  /** One that says its name when it dies. */
  loud(name: unknown): Named
  /** What it does after that. */
  lastWords(words: (self: Named) => void): void
  f: Frame
}

const list = (...items: unknown[]): List => hold(py.list(items))

/** Whether a list, which goes at once, has this very object. */
const among = (made: () => Handle, x: Handle): boolean => scope(() => [...(made() as List)].some((y) => is_(y, x)))

const younger = (counts: readonly number[]) => `(${counts.slice(1).join(', ')})`

function never(): never {
  throw new Error('the callback of a weak reference that is trash')
}

export const programs: Record<string, (stage: Stage) => void> = {
  returns({ say, plain, f }) {
    scope((g: Record<string, List>) => {
      g.a = py.list()
      g.a.append(g.a)
    })
    say(gc.collect())
    scope((g: Record<string, ReturnType<typeof py.dict>>) => {
      g.a = py.dict()
      g.a.set_at_('a', g.a)
    })
    say(gc.collect())
    scope((g: Record<string, List>) => {
      g.a = py.list()
      g.a.append(py.tuple([g.a, 1]))
    })
    say(gc.collect())
    f.a = plain()
    f.a.self = f.a
    f.a.x = py.list([1, 2]) as never
    f.a.y = py.dict({ k: [py.object()] }) as never
    f.a.z = 'z' as never
    delete f.a
    say(gc.collect())
    scope((g: Record<string, List>) => {
      g.a = py.list()
      g.a.append(py.list([g.a]))
      g.b = g.a.at(0) as List
      delete g.a
      say(gc.collect(), g.b.len())
    })
    say(gc.collect())
  },

  finalizers({ say, loud, f }) {
    f.a = loud('a')
    f.b = loud('b')
    f.c = loud('c')
    f.b.next = f.a
    f.c.next = f.b
    f.a.next = f.c
    delete f.a
    delete f.c
    delete f.b
    say(gc.collect())
    f.a = loud('a')
    f.b = loud('b')
    f.a.other = f.b
    f.b.other = f.a
    gc.collect()
    f.b.other = null as never
    f.b.other = f.a
    delete f.a
    delete f.b
    say(gc.collect(0), gc.collect(1), gc.collect(2))
  },

  whole({ say, loud, lastWords, f }) {
    lastWords((self) => say(self.name, self.other.name, self.other.other === self, gc.is_finalized(self)))
    f.a = loud('a')
    f.b = loud('b')
    f.a.other = f.b
    f.b.other = f.a
    delete f.a
    delete f.b
    say(gc.collect())
    f.a = loud('a')
    f.a.other = f.a
    f.a.other = loud('b')
    f.a.other.other = f.a
    delete f.a
    say(gc.collect())
  },

  resurrection({ say, loud, lastWords, f }) {
    const saved = list()
    f.a = loud('a')
    f.b = loud('b')
    f.c = loud('c')
    f.a.b = f.b
    f.b.a = f.a
    f.b.c = f.c
    f.lonely = loud('lonely')
    f.lonely.self = f.lonely
    lastWords((self) => String(self.name) === 'b' && saved.append(self))
    delete f.a
    delete f.b
    delete f.c
    delete f.lonely
    say(gc.collect())
    const b = saved.at(0) as Named
    say(b.name, b.a.name, b.c.name, gc.is_finalized(b), gc.is_tracked(b))
    saved.clear()
    say(gc.collect())
  },

  resurrection_by_count({ say, loud, plain, lastWords, f }) {
    const saved = list()
    lastWords((self) => {
      saved.append(self)
      say(getrefcount(self) - 1 >= 2, gc.is_finalized(self))
    })
    f.a = loud('a')
    f.a.x = plain()
    delete f.a
    const a = saved.at(0) as Named
    say(saved.len(), a.name, gc.is_finalized(a), gc.is_tracked(a), getrefcount(a))
    saved.clear()
    say('gone')
  },

  weakrefs_of_trash({ say, loud, lastWords, f }) {
    f.a = loud('a')
    f.a.self = f.a
    const outer: Ref = hold(ref(f.a, (r) => say('outer', r.deref() === null, r === outer)))
    f.a.inner = ref(f.a, never) as never
    const quiet = hold(ref(f.a))
    const second = hold(ref(f.a, () => say('second', quiet.deref() === null)))
    lastWords((self) => {
      const inner = self.inner as never as typeof outer
      say(quiet.deref() === null, inner.deref() === null, weakref.getweakrefcount(self))
    })
    delete f.a
    say(gc.collect())
    say(outer.deref(), second.deref(), quiet.deref())
  },

  callbacks_by_count({ say, loud, lastWords, f }) {
    f.a = loud('a')
    const first: Ref = hold(ref(f.a, (r) => say('first', r === first, second.deref() === null)))
    const quiet = hold(ref(f.a))
    const second = hold(ref(f.a, () => say('second', quiet.deref() === null, first.deref() === null)))
    scope(() => ref(f.a, never) && undefined)
    say(ref(f.a) === quiet, weakref.getweakrefcount(f.a))
    say([...(weakref.getweakrefs(f.a) as List)].map((r, i) => r === [quiet, second, first][i]))
    lastWords((self) => say(quiet.deref() === self))
    delete f.a
    say(quiet.deref())
  },

  shared({ say, plain, f }) {
    f.a = plain()
    f.r = ref(f.a) as never
    say(is_(ref(f.a), f.r), getrefcount(f.r), getrefcount(f.a), weakref.getweakrefcount(f.a))
    delete f.r
    say(weakref.getweakrefcount(f.a))
    const p = hold(ref(f.a, () => null))
    const q = hold(ref(f.a, () => null))
    say(is_(p, q), weakref.getweakrefcount(f.a), p.deref() === f.a, p.deref() === q.deref())
  },

  untracking({ say, plain }) {
    const tracked = (...objects: Handle[]) => say(...objects.map((object) => gc.is_tracked(object)))
    const tuples = [
      [1, 'a', null],
      [1, []],
      [1, py.tuple([2, 3])],
    ].map((items) => hold(py.tuple(items)))
    tracked(...tuples)
    for (let i = 0; i < 2; i++) {
      gc.collect()
      tracked(...tuples)
    }
    const dicts = [{ a: 1 }, { a: [] }, { a: py.tuple([1, 2]) }].map((entries) => hold(py.dict(entries)))
    tracked(...dicts)
    const d = dicts[0]
    d.set_at_('b', [])
    tracked(d)
    d.set_at_('b', null)
    tracked(d)
    gc.collect()
    tracked(...dicts)
    const atoms = [py.int(1), py.float(1.5), py.str('s'), py.None, py.True, py.object()]
    tracked(...atoms, py.list(), py.dict(), plain(), py.class_('A'), py.tuple([]))
  },

  generations({ say }) {
    const where = (x: Handle) => [0, 1, 2].filter((i) => among(() => gc.get_objects(i), x))
    gc.collect()
    const a = list(1)
    say(where(a))
    for (const generation of [0, 0, 1, 2]) {
      gc.collect(generation)
      say(where(a))
    }
    gc.collect()
    gc.freeze()
    say(where(a), gc.get_freeze_count() > 0)
    gc.unfreeze()
    say(where(a), gc.get_freeze_count())
  },

  old_trash({ say, loud, f }) {
    f.a = loud('old')
    f.b = loud('young')
    f.a.self = f.a
    gc.collect()
    f.b.self = f.b
    f.a.b = f.b
    delete f.a
    delete f.b
    for (const generation of [0, 1, 2]) say(gc.collect(generation))
  },

  counts({ say, plain }) {
    const keep = list()
    const count = () => gc.get_count()[0]
    gc.collect()
    say(younger(gc.get_count()))
    const start = count()
    for (let i = 0; i < 5; i++) keep.append(plain())
    const grown = count()
    for (let i = 0; i < 3; i++) id(keep.pop())
    const shrunk = count()
    for (let i = 0; i < 50; i++) id(plain())
    say(grown - start, shrunk - start, count() - start)
    const after = (...generations: number[]) => {
      for (const generation of generations) gc.collect(generation)
      say(younger(gc.get_count()))
    }
    after(0, 0)
    after(1)
    after(1, 0)
    after(2)
  },

  thresholds({ say, plain }) {
    const keep = list()
    gc.collect()
    const seen: number[][] = []
    gc.set_threshold(10, 2, 1000)
    gc.enable()
    for (let i = 0; i < 60; i++) {
      keep.append(plain())
      seen.push(gc.get_count())
    }
    gc.disable()
    say(seen[0][0] - 1 < 3)
    const middle = [0, ...seen.map((counts) => counts[1])]
    say(middle.filter((count, i) => i > 0 && count !== middle[i - 1]))
    say(Math.max(...seen.map((counts) => counts[0])))
    gc.set_threshold(0)
    gc.enable()
    gc.collect()
    for (let i = 0; i < 2000; i++) keep.append(plain())
    say(gc.get_count()[0] >= 2000)
  },

  quarter({ say, plain }) {
    gc.collect()
    gc.freeze()
    const keep = list(...Array.from({ length: 400 }, plain))
    gc.collect()
    const full = () => gc.get_stats()[2].collections
    const start = full()
    gc.set_threshold(10, 1, 1)
    gc.enable()
    let i = 0
    for (; i < 300 && full() === start; i++) keep.append(plain())
    gc.disable()
    gc.unfreeze()
    say(130 < i - 1 && i - 1 < 146)
  },

  disabled({ say, loud, f }) {
    gc.disable()
    say(gc.isenabled())
    gc.set_threshold(5)
    for (let i = 0; i < 20; i++) {
      f.a = loud(i)
      f.a.self = f.a
    }
    delete f.a
    say('still there')
    say(gc.collect(), gc.get_threshold())
    gc.enable()
    say(gc.isenabled())
  },

  referrers({ say, plain, f }) {
    const x = list()
    f.a = plain()
    const b = list(x)
    const c = hold(py.tuple([x, 1]))
    const d = hold(py.dict({ x }))
    f.a.x = x as never
    const own: Handle[] = [f.a, b, c, d]
    scope(() => say([...(gc.get_referrers(x) as List)].map((referrer) => own.indexOf(referrer)).sort()))
    f.a.b = b as never
    f.a.n = 7 as never
    const referents = (...objects: Handle[]) => gc.get_referents(...objects)
    const named: unknown[] = [x, b, f.a.n, f.a.__class__]
    say(
      [...(referents(f.a) as List)].map((referent, i) => referent === named[i]),
      (referents(f.a) as List).len(),
    )
    say((referents(b) as List).eq([x]), (referents(c) as List).eq([1, x]) || (referents(c) as List).eq([x, 1]))
    say(referents(py.int(1)), referents(py.str('s'), py.float(1.5)), referents(ref(f.a)))
    const numbered = py.dict(
      new Map<unknown, unknown>([
        [1, 2],
        ['s', x],
      ]),
    )
    say(referents(d), referents(py.dict(new Map([[1, x]]))), referents(numbered), referents(b, b))
    delete f.a.b
    say((referents(f.a) as List).len())
    x.append(x)
    say(among(() => gc.get_referrers(x), x))
    x.clear()
  },

  attributes_die({ say, plain, loud, f }) {
    f.a = plain()
    f.a.x = loud('x')
    f.a.y = loud('y')
    delete f.a
    f.a = plain()
    f.a.y = loud('y')
    f.a.x = loud('x')
    delete f.a
    f.a = plain()
    f.a.y = loud('y')
    f.a.x = loud('x')
    f.a.self = f.a
    delete f.a
    say(gc.collect())
    f.a = plain()
    f.a.x = loud('old')
    f.a.x = loud('new')
    delete f.a.x
    say('deleted')
  },

  chain({ plain, loud, f }) {
    f.a = null as never
    for (let i = 0; i < 130; i++) {
      f.b = plain()
      f.b.loud = loud(i)
      f.b.next = f.a
      f.a = py.list([f.b]) as never
    }
    delete f.b
    delete f.a
    f.a = null as never
    for (let i = 0; i < 120; i++) {
      f.b = loud(i)
      f.b.next = f.a
      f.a = py.list([py.tuple([f.b])]) as never
    }
    delete f.b
    delete f.a
  },

  articles({ say, plain, f }) {
    const exists = (address: number) => scope(() => [...(gc.get_objects() as List)].some((x) => id(x) === address))
    gc.disable()
    f.a = plain()
    f.a.b = plain()
    f.a.b.a = f.a
    const [a, b] = [id(f.a), id(f.a.b)]
    say(getrefcount(f.a) - 1, getrefcount(f.a.b) - 1, exists(a), exists(b))
    f.a = null as never
    say(exists(a), exists(b))
    say(gc.collect())
    say(exists(a), exists(b))
    gc.enable()
  },

  growing({ say, plain, loud, lastWords, f }) {
    const saved = list()
    lastWords((self) => {
      scope((g: Frame) => {
        g.n = plain()
        g.n.self = g.n
        if (Number(self.name) < 3) {
          g.m = loud(Number(self.name) + 1)
          g.m.self = g.m
          saved.append(g.m)
        }
      })
    })
    f.a = loud(0)
    f.a.self = f.a
    delete f.a
    for (let i = 0; i < 5; i++) {
      say(gc.collect(), saved.len())
      saved.clear()
    }
  },
}
