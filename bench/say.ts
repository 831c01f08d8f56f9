/** A line with the seconds since the start. */
export const say = (words: string) =>
  console.error(`${String(Math.floor(performance.now() / 1000)).padStart(5)}s  ${words}`);
