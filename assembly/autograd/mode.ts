// Grad mode: is what happens now recorded? Inference mode: never, and its tensors may not meet autograd later either.
let enabled = true

// @ts-ignore: decorator
@inline
export function gradModeEnabled(): bool {
  return enabled
}

let inference = false

// @ts-ignore: decorator
@inline
export function inferenceMode(): bool {
  return inference
}

/** Sets inference mode and returns the one before. */
export function setInferenceMode(on: bool): bool {
  const before = inference
  inference = on
  return before
}

/** Sets the mode and returns the one before. */
export function setGradMode(on: bool): bool {
  const before = enabled
  enabled = on
  return before
}
