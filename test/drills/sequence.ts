/** Numbers from 0 to below 1 that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Goes through all of the choices in an order that the seed decides, and again in another order, without end. */
export function* sequence<T>(choices: readonly T[], seed: number): Generator<T, never> {
  const random = randomFrom(seed);
  for (;;) {
    const left = [...choices];
    while (left.length > 0) {
      const [taken] = left.splice(Math.floor(random() * left.length), 1);
      yield taken as T;
    }
  }
}
