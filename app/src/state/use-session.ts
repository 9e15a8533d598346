import { useEffect, useState } from "preact/hooks";
import type { Session } from "./session.js";
import type { SessionState } from "./session-state.js";

/** The session's state, drawn again when it changes. */
export function useSession(session: Session): SessionState {
  const [state, setState] = useState(session.state);
  useEffect(() => {
    setState(session.state);
    return session.subscribe(() => setState(session.state));
  }, [session]);
  return state;
}
