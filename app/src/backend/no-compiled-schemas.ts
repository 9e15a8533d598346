import { config } from "zod";

// zod's faster way is to compile code, which this page's content security policy forbids. It tries when a schema is
// made: this module has to come before all that make one.
config({ jitless: true });
