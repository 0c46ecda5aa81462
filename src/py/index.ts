// The `py` namespace: the Python side of the core.
import { getrefcount } from './identity'

export const py = {
  sys: {
    /** How many references an object has, one more than there are holders. */
    getrefcount,
  },
}
