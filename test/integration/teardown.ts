import { lab } from "../cluster/lab.ts";

/** The files share a lab; after the last of them it goes. */
export const teardown = () => lab("down");
