// Gives a plain string or number a type of its own, so that a run id is never passed where an attempt id is meant.

declare const brand: unique symbol;

/** `Value` marked as a `Name`; made by a cast at the one place that checks or creates it. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
