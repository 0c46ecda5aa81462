// Grad mode: is what happens now recorded?
let enabled = true

// @ts-ignore: decorator
@inline
export function gradModeEnabled(): bool {
  return enabled
}

/** Sets the mode and returns the one before. */
export function setGradMode(on: bool): bool {
  const before = enabled
  enabled = on
  return before
}
