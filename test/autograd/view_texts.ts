// What PyTorch says of a view that may not be written.
export const WRITTEN = 'is a view and is being modified inplace.'
export const MULTIPLE =
  'This view is the output of a function that returns multiple views. Such functions do not allow the output views to ' +
  'be modified inplace. You should replace the inplace operation by an out-of-place one.'
export const IN_FUNCTION =
  'This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to ' +
  'handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect ' +
  'gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.'
export const NO_GRAD =
  'A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the ' +
  "view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both " +
  'outside (if you want the inplace to be tracked).'
export const VIEW_OF_LEAF =
  'RuntimeError: a view of a leaf Variable that requires grad is being used in an in-place operation.'
