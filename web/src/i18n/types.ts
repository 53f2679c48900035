/** The languages, with their codes in the contract. */
export type Language = "zh-CN" | "en";

/**
 * What a translation must look like: exactly the keys of the Chinese file. Use it as `satisfies Messages<typeof zh>`, which
 * makes a missing and a superfluous key a compile error.
 */
export type Messages<T> = { [K in keyof T]: T[K] extends string ? string : Messages<T[K]> };
