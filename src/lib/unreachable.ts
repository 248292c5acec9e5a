// Ends a total switch: the compiler proves that nothing is left, and a value that slips through ends the program.

/** Throws; `value` has type `never` when every case of a union is handled. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
