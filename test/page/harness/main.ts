import * as browser from "prumerge/browser";

/** The library, for tests to call. */
Object.assign(globalThis, { prumerge: browser });
